import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ClientOptions, TransportName } from "../../src/index.js";
import { eventually } from "../eventually.js";
import {
  connect,
  echo,
  launchChromium,
  openPage,
  publish,
  subscribe,
  told,
  twoUsers,
  withoutBrowser,
} from "./chromium.js";
import type { Proxy } from "./proxy.js";

// A page that is loaded again and keeps its session, in a real browser, against a running bridge.

const { LONGSPAN_URL = "" } = process.env;
const TOPIC = "chat/reload";
const TRANSPORTS: readonly TransportName[] = ["websocket", "long-polling"];

describe.skipIf(withoutBrowser)("a page that is loaded again", () => {
  let chromium: Browser;
  let alice: BrowserContext;
  let other: Page;
  let proxy: Proxy;

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

  async function connected(options: ClientOptions): Promise<Page> {
    const page = await openPage(alice, proxy.url);
    await connect(page, { keepSession: true, ...options });
    return page;
  }

  async function reload(page: Page): Promise<void> {
    await page.reload();
    await page.addScriptTag({ url: "/js/longspan.min.js" });
  }

  const resumed = (page: Page) => page.evaluate(() => window.client.info?.resumed);

  describe.each(TRANSPORTS)("over %s", (name) => {
    const options: ClientOptions = { keepSession: true, transports: [name] };

    it("gets what came meanwhile, and goes on", async () => {
      const page = await connected(options);
      await subscribe(page, TOPIC);
      await publish(other, TOPIC, "a");
      await eventually(async () => expect((await told(page)).got).toEqual(["a"]));
      // Lost with the page, before it could take it.
      proxy.losing = true;
      await publish(other, TOPIC, "b");
      await eventually(() => expect(proxy.lost).toBeGreaterThan(0));
      proxy.losing = false;
      await reload(page);
      await publish(other, TOPIC, "c");
      await connect(page, options);
      expect(await resumed(page)).toBe(true);
      await publish(other, TOPIC, "d");
      await subscribe(page, TOPIC);
      await publish(other, TOPIC, "e");
      await eventually(async () => expect((await told(page)).got).toEqual(["b", "c", "d", "e"]));
      expect((await told(page)).gaps).toEqual([]);
      expect(await echo(page, "x")).toBe("x");
    });

    it("loses nothing, however often, with a network that fails", async () => {
      const page = await connected(options);
      await subscribe(page, TOPIC);
      const said: string[] = [];
      const got: unknown[] = [];
      for (let round = 0; round < 5; round++) {
        for (let i = 0; i < 5; i++) {
          said.push(`${round}.${i}`);
          await publish(other, TOPIC, said.at(-1)!);
          if (i === round) proxy.cut();
        }
        await eventually(async () =>
          expect([...got, ...(await told(page)).got].length).toBeGreaterThanOrEqual(said.length),
        );
        got.push(...(await told(page)).got);
        await reload(page);
        await connect(page, options);
        expect(await resumed(page)).toBe(true);
        await subscribe(page, TOPIC);
        expect((await told(page)).gaps).toEqual([]);
      }
      expect(got).toEqual(said);
    });
  });

  describe.each(TRANSPORTS)("with a durable subscription over %s", (name) => {
    const options: ClientOptions = { keepSession: true, transports: [name] };
    const ROUNDS = 4;
    let topic: string;
    let numbers: number;
    let publishing: ReturnType<typeof setInterval>;

    /** The storage of the tab has what the pages have processed, in order. */
    const follow = (page: Page) =>
      page.evaluate(async (to) => {
        await window.client.topicSubscribe(
          to,
          (message) => {
            const got = sessionStorage.getItem("got");
            const number = message.text();
            sessionStorage.setItem("got", got === null ? number : `${got},${number}`);
          },
          { durable: "reload" },
        );
      }, topic);

    const got = (page: Page) =>
      page.evaluate(() => (sessionStorage.getItem("got") ?? "").split(",").map(Number));

    beforeEach(() => {
      topic = `notes/${crypto.randomUUID()}`;
      numbers = 0;
    });

    afterEach(() => clearInterval(publishing));

    it("loses and repeats nothing, whenever the page is loaded again", async () => {
      const page = await connected(options);
      await follow(page);
      publishing = setInterval(() => {
        publish(other, topic, String(++numbers)).catch(() => undefined);
      }, 15);
      for (let round = 1; round <= ROUNDS; round++) {
        const before = (await got(page)).length;
        await eventually(async () => expect((await got(page)).length).toBeGreaterThan(before + 3));
        // Some acknowledgements are lost with the page.
        proxy.losing = round % 2 === 0;
        const published = numbers;
        await eventually(() => expect(numbers).toBeGreaterThan(published));
        proxy.losing = false;
        await reload(page);
        await connect(page, options);
        expect(await resumed(page)).toBe(true);
        await follow(page);
      }
      clearInterval(publishing);
      const all = Array.from({ length: numbers }, (_, i) => i + 1);
      await eventually(async () => expect(await got(page)).toEqual(all));
      expect((await told(page)).gaps).toEqual([]);
      await page.evaluate(async (to) => {
        await window.client.topicUnsubscribe(to, { forget: true, durable: "reload" });
      }, topic);
    });
  });

  it("leaves the session to the page that lives, where its tab is duplicated", async () => {
    const page = await connected({});
    const copy = await openPage(alice, proxy.url);
    const stored = await page.evaluate(() => sessionStorage.length);
    expect(stored).toBe(0);
    await connect(copy, { keepSession: true });
    expect(await resumed(copy)).toBeUndefined();
    expect(await echo(page, "x")).toBe("x");
  });

  it("begins anew where the session was ended", async () => {
    const page = await connected({});
    await page.evaluate(() => window.client.disconnect());
    await reload(page);
    await connect(page, { keepSession: true });
    expect(await resumed(page)).toBeUndefined();
  });
});
