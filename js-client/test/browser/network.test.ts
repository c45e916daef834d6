import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ClientOptions, TransportName } from "../../src/index.js";
import { eventually } from "../eventually.js";
import {
  connect,
  echo,
  failsToConnect,
  launchChromium,
  openPage,
  publish,
  subscribe,
  told,
  twoUsers,
  withoutBrowser,
} from "./chromium.js";
import { HiddenTab } from "./hidden-tab.js";
import type { Network, Proxy } from "./proxy.js";

// Networks that are neither up nor down, in a real browser, through a proxy, against a running bridge.

const { LONGSPAN_URL = "" } = process.env;
const TOPIC = "chat/network";
const TRANSPORTS: readonly TransportName[] = ["websocket", "long-polling"];
const NEVER = 600_000;
/** A client that hardly does anything by itself. */
const PATIENT: ClientOptions = {
  webSocketTimeout: NEVER,
  networkTimeout: NEVER,
  reconnect: { initial: NEVER, max: NEVER },
};

describe.skipIf(withoutBrowser)("in Chromium, behind a bad network", () => {
  let chromium: Browser;
  let proxy: Proxy;
  let alice: BrowserContext;
  let other: Page;

  beforeAll(async () => {
    chromium = await launchChromium();
    return () => chromium.close();
  });

  beforeEach(async () => {
    ({ proxy, alice, other } = await twoUsers(chromium, LONGSPAN_URL));
  });

  afterEach(async () => {
    await Promise.all(chromium.contexts().map((context) => context.close()));
    await proxy.stop();
  });

  async function listening(options: ClientOptions): Promise<Page> {
    const page = await openPage(alice, proxy.url);
    await connect(page, options);
    await page.evaluate(() => {
      const { client, told } = window;
      client.on("transport", ({ transport }) => told.transports.push(transport));
    });
    await subscribe(page, TOPIC);
    return page;
  }

  const is = (page: Page, status: string) =>
    eventually(async () => expect((await told(page)).statuses.at(-1)).toBe(status));

  /** Everything has come, once and in order, and what is said now comes. */
  async function hasGot(page: Page, ...bodies: string[]): Promise<void> {
    await publish(other, TOPIC, "now");
    await eventually(async () => expect((await told(page)).got).toEqual([...bodies, "now"]));
    expect((await told(page)).gaps).toEqual([]);
    expect((await told(page)).errors).toEqual([]);
  }

  describe.each(TRANSPORTS)("over %s", (name) => {
    const transports = [name];

    it("is back at once when the browser is online again, however long it was not", async () => {
      const page = await listening({ ...PATIENT, transports });
      await alice.setOffline(true);
      await is(page, "reconnecting");
      proxy.cut();
      await publish(other, TOPIC, "meanwhile");
      await alice.setOffline(false);
      await is(page, "connected");
      await hasGot(page, "meanwhile");
    });

    it.each<Network>(["swallows", "refuses", 403, 401, 502])(
      "is back at once where the network %s, and then works again",
      async (network) => {
        const page = await listening({
          ...PATIENT,
          transports,
          // In which a poll that hangs is found out; a WebSocket that does not open may hang.
          webSocketTimeout: name === "websocket" ? NEVER : 1_000,
          reconnect: { initial: 1_000, max: NEVER },
        });
        proxy.network = network;
        proxy.cut();
        // A browser that has lost the connection of a poll sends it once more, and tells nobody.
        await page.evaluate(() => window.client.reconnect());
        await is(page, "reconnecting");
        await publish(other, TOPIC, "meanwhile");
        // As long as it takes until each further attempt would be far away, or hangs.
        await new Promise((away) => setTimeout(away, 6_000));
        expect((await told(page)).statuses.at(-1)).toBe("reconnecting");
        proxy.network = "works";
        await is(page, "connected");
        await hasGot(page, "meanwhile");
        expect((await told(page)).transports).toEqual([]);
      },
    );
  });

  // Chromium keeps no page that has a WebSocket.
  it("begins anew where the back-forward cache shows a page again whose session another has", async () => {
    const tab = await HiddenTab.open(new URL("js/longspan.js", proxy.url).href);
    const connects = (script: string) =>
      tab.evaluate(`(async () => {
        const { LongspanClient } = await import("/js/longspan.js");
        const form = new URLSearchParams({ user: "alice", password: "alice" });
        await fetch("/login", { method: "POST", body: form });
        window.client = new LongspanClient({ transports: ["long-polling"], keepSession: true });
        window.told = { got: [], gaps: [], shown: 0 };
        addEventListener("pageshow", ({ persisted }) => { if (persisted) told.shown++; });
        client.on("gap", ({ topics, reason }) => told.gaps.push(reason));
        await client.connect();
        await client.topicSubscribe("${TOPIC}", ({ body }) => told.got.push(body));
        ${script}
      })()`);
    const at = (path: string) =>
      eventually(async () => {
        expect(await tab.evaluate("location.pathname")).toBe(path);
        expect(await tab.evaluate("document.readyState")).toBe("complete");
      });
    try {
      await at("/js/longspan.js");
      await connects("");
      await publish(other, TOPIC, "a");
      await eventually(async () => expect(await tab.evaluate("told.got")).toEqual(["a"]));
      await tab.evaluate(`void (location.href = "/js/longspan.min.js")`);
      await at("/js/longspan.min.js");
      await connects("");
      expect(await tab.evaluate("client.info.resumed")).toBe(true);
      await publish(other, TOPIC, "b");
      await eventually(async () => expect(await tab.evaluate("told.got")).toEqual(["b"]));
      await tab.evaluate("void history.back()");
      await at("/js/longspan.js");
      await publish(other, TOPIC, "c");
      // If it were not shown from the cache, this would prove nothing.
      await eventually(async () => expect(await tab.evaluate("told.shown")).toBe(1));
      await eventually(async () => {
        const { got, gaps } = (await tab.evaluate("told")) as { got: string[]; gaps: string[] };
        expect(got.at(-1)).toBe("c");
        expect(got.includes("b") || gaps.length > 0).toBe(true);
      });
      expect(await tab.evaluate("told.got")).toEqual(["a", "b", "c"]);
      expect(await tab.evaluate("client.status")).toBe("connected");
    } finally {
      await tab.close();
    }
  });

  it("gets each message once where a poll's answer is held back for too long, and then released", async () => {
    const page = await listening({
      transports: ["long-polling"],
      networkTimeout: 1_000,
      webSocketTimeout: 1_000,
      reconnect: { initial: 50, max: 50 },
    });
    proxy.hold();
    await publish(other, TOPIC, "a");
    await eventually(() => expect(proxy.held).toBe(1));
    // The browser says so; else it is noticed half a minute later.
    await page.evaluate(() => window.client.reconnect());
    const release = proxy.pass();
    await publish(other, TOPIC, "b");
    await eventually(async () => expect((await told(page)).got).toEqual(["a", "b"]));
    release();
    await hasGot(page, "a", "b");
  });

  it("returns to WebSocket where that was blocked for a while, and nobody notices", async () => {
    const page = await listening({ reconnect: { initial: 50, max: 50 } });
    proxy.webSockets = "refuse";
    proxy.cut();
    await eventually(async () => expect((await told(page)).transports).toEqual(["long-polling"]));
    await is(page, "connected");
    const { statuses } = await told(page);
    proxy.webSockets = "accept";
    const said: string[] = [];
    await eventually(async () => {
      said.push(String(said.length));
      await publish(other, TOPIC, said.at(-1)!);
      expect(await echo(page, "x")).toBe("x");
      expect(await page.evaluate(() => window.client.transport)).toBe("websocket");
    });
    await hasGot(page, ...said);
    expect((await told(page)).transports).toEqual(["long-polling", "websocket"]);
    expect((await told(page)).statuses).toEqual(statuses);
  });

  it("keeps to WebSocket over a restart of the proxy", async () => {
    const page = await listening({});
    proxy.network = "refuses";
    proxy.cut();
    await is(page, "reconnecting");
    await new Promise((restarted) => setTimeout(restarted, 8_000));
    proxy.network = "works";
    await is(page, "connected");
    await hasGot(page);
    expect(await page.evaluate(() => window.client.transport)).toBe("websocket");
    expect((await told(page)).transports).toEqual([]);
  });

  it("says which origin the bridge refuses", async () => {
    const page = await openPage(alice, proxy.url);
    proxy.host = new URL(LONGSPAN_URL).host;
    const error = await failsToConnect(page, { transports: ["long-polling"] });
    expect(error).toContain("RefusedError");
    expect(error).toContain(new URL(proxy.url).origin);
  });

  it("works where the browser blocks its storage", async () => {
    await alice.addInitScript(() => {
      Object.defineProperty(window, "sessionStorage", {
        get() {
          throw new DOMException("Access is denied for this document.", "SecurityError");
        },
      });
    });
    const page = await openPage(alice, proxy.url);
    await connect(page, { keepSession: true });
    expect(await echo(page, "x")).toBe("x");
  });

  it("sends bytes as large as the bridge takes them", async () => {
    const page = await openPage(alice, proxy.url);
    await connect(page);
    const sends = (kib: number) =>
      page.evaluate(
        ([to = "", size = ""]) =>
          window.client.publish(to, new Uint8Array(Number(size) << 10)).then(
            () => "sent",
            (error: unknown) => (error as { bridgeCode: string }).bridgeCode,
          ),
        [TOPIC, String(kib)],
      );
    const most = await page.evaluate(() => window.client.info?.limits.messageBytes ?? 0);
    expect(await sends((most >> 10) - 1)).toBe("sent");
    expect(await sends((most >> 10) + 1)).toBe("limitExceeded");
  });
});
