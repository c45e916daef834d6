import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { LongspanClient, type TransportName } from "../../src/index.js";
import { eventually } from "../eventually.js";
import { Firefox, withoutFirefox, type Tab } from "./firefox.js";
import { Proxy } from "./proxy.js";

// What Firefox does otherwise than Chromium when a page, or a part of what it does, ends.

const { LONGSPAN_URL = "" } = process.env;
const quiet = () => undefined;
const logger = { debug: quiet, info: quiet, warn: quiet, error: console.error };

/** The page connects as soon as it is loaded, and notes what it gets beyond its own end. */
const page = (topic: string) => `() => {
  const note = (what, value) => {
    const all = JSON.parse(localStorage.getItem(what) ?? "[]");
    localStorage.setItem(what, JSON.stringify([...all, value]));
  };
  // Firefox ends the loading of a module when it puts the page in the place of the blank one that
  // window.open() shows first.
  const load = (attempt) =>
    import(\`/js/longspan.js?\${attempt}\`).catch(
      () => new Promise((loaded) => setTimeout(() => loaded(load(attempt + 1)), 50)),
    );
  window.ready = (async () => {
    const { LongspanClient } = await load(1);
    const quiet = () => undefined;
    const client = (window.client = new LongspanClient({
      logger: { debug: quiet, info: quiet, warn: quiet, error: console.error },
      transports: [location.search.slice(1)],
      keepSession: true,
      reconnect: { initial: 50, max: 500 },
    }));
    client.on("gap", ({ reason }) => note("gaps", reason));
    client.on("status", ({ status }) => note("statuses", status));
    await client.connect();
    await client.topicSubscribe("${topic}", ({ body }) => note("got", body));
  })();
}`;

describe.skipIf(withoutFirefox)("in Firefox", () => {
  const topic = `chat/${crypto.randomUUID()}`;
  let firefox: Firefox;
  let proxy: Proxy;
  let bob: LongspanClient;

  beforeAll(async () => {
    firefox = await Firefox.start();
    proxy = await Proxy.start(LONGSPAN_URL);
    const tab = await firefox.open(new URL("js/longspan.js", proxy.url).href);
    const form = `new URLSearchParams({ user: "alice", password: "alice" })`;
    const signIn = `fetch("/login", { method: "POST", body: ${form} }).then(({ ok }) => ok)`;
    expect(await tab.evaluate(signIn)).toBe(true);
    await tab.close();
    await firefox.inEachDocument(page(topic));
    const url = new URL("cometd", LONGSPAN_URL).href;
    bob = new LongspanClient({ url, user: "bob", password: "bob", logger });
    await bob.connect();
  });

  afterAll(async () => {
    await bob.disconnect();
    await firefox.stop();
    await proxy.stop();
  });

  describe.each<TransportName>(["websocket", "long-polling"])("over %s", (transport) => {
    let tab: Tab;
    let said: string[];

    beforeEach(async () => {
      said = [];
      tab = await firefox.open(new URL(`js/longspan.js?${transport}`, proxy.url).href);
      await tab.evaluate("ready");
      await tab.evaluate("localStorage.clear()");
    });

    afterEach(async () => {
      await tab.evaluate("client.disconnect()");
      await tab.close();
    });

    async function publish(): Promise<void> {
      const body = `message ${said.length}`;
      said.push(body);
      await bob.publish(topic, body);
    }

    const noted = (what: string, at = tab) =>
      at.evaluate(`JSON.parse(localStorage.getItem("${what}") ?? "[]")`);

    /** Everything has come, once and in order, and the page can ask. */
    async function hasGotEverything(): Promise<void> {
      await publish();
      await eventually(async () => expect(await noted("got")).toEqual(said));
      expect(await noted("gaps")).toEqual([]);
      const answer = `client.request("services/echo", "x").then((answer) => answer.text())`;
      // It may be reconnecting.
      await eventually(async () => expect(await tab.evaluate(answer)).toBe("x"));
    }

    it("loses nothing where a link turns out to be a download", async () => {
      const before = firefox.downloads.length;
      await publish();
      await tab.evaluate(`void (location.href = "${Proxy.DOWNLOAD}")`);
      await publish();
      await eventually(() => expect(firefox.downloads.length).toBeGreaterThan(before));
      await hasGotEverything();
    });

    it("loses nothing where window.stop() ends what is under way", async () => {
      for (let i = 0; i < 3; i++) {
        await publish();
        await tab.evaluate("window.stop()");
        await publish();
        await hasGotEverything();
      }
    });

    it("loses nothing in a storm of reloads", async () => {
      for (let i = 0; i < 12; i++) {
        await publish();
        await tab.reload(i % 4 === 3 ? "complete" : "none");
      }
      // The document may be another one of the storm, until its client is the one that stays.
      await tab.reload("complete");
      await eventually(async () =>
        expect(await tab.evaluate("[client.status, client.info?.resumed]")).toEqual([
          "connected",
          true,
        ]),
      );
      await hasGotEverything();
    });

    it("leaves the session to the page that lives, where its tab is duplicated", async () => {
      const before = await firefox.tabs();
      // The new tab gets a copy of the session storage.
      await tab.evaluate(`void (sessionStorage.setItem("mine", "1"), window.open(location.href))`);
      const copy = await eventually(async () => {
        const opened = (await firefox.tabs()).find(({ id }) => before.every((b) => b.id !== id));
        expect(await opened?.evaluate("document.readyState")).toBe("complete");
        return opened!;
      });
      await copy.evaluate("ready");
      expect(await copy.evaluate(`sessionStorage.getItem("mine")`)).toBe("1");
      expect(await copy.evaluate("client.info.resumed ?? null")).toBeNull();
      await bob.publish(topic, "both");
      // Both pages note it in the storage of their origin.
      await eventually(async () => expect(await noted("got")).toEqual(["both", "both"]));
      expect(await noted("gaps")).toEqual([]);
      await copy.evaluate("client.disconnect()");
      await copy.close();
      expect(await tab.evaluate("client.status")).toBe("connected");
    });
  });
});
