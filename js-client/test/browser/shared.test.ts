import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type * as Shared from "../../src/shared.js";
import { eventually } from "../eventually.js";
import {
  echo,
  launchChromium,
  openPage,
  publish,
  signIn,
  subscribe,
  told,
  twoUsers,
  withoutBrowser,
} from "./chromium.js";
import type { Proxy } from "./proxy.js";

// Tabs of one browser that share a connection, against a running bridge.

declare global {
  interface Window {
    longspanShared: typeof Shared;
    /** The outcome of a request that is left open. */
    outcome: Promise<string>;
  }
}

const { LONGSPAN_URL = "" } = process.env;
const TOPIC = "chat/shared";

describe.skipIf(withoutBrowser).each([
  ["in a SharedWorker", {}],
  ["in the tab that leads", { worker: false as const }],
])("a connection %s", (_, options) => {
  let chromium: Browser;
  let proxy: Proxy;
  let browser: BrowserContext;
  /** Another user, in another browser. */
  let bob: Page;

  beforeAll(async () => {
    chromium = await launchChromium();
    return () => chromium.close();
  });

  beforeEach(async () => {
    ({ proxy, alice: browser, other: bob } = await twoUsers(chromium, LONGSPAN_URL));
  });

  afterEach(async () => {
    await Promise.all(chromium.contexts().map((context) => context.close()));
    await proxy.stop();
  });

  /** A tab that is connected and subscribed. */
  async function tab(...topics: string[]): Promise<Page> {
    const page = await openPage(browser, proxy.url);
    await page.addScriptTag({ url: "/js/longspan.shared.min.js" });
    await page.evaluate(async (given) => {
      const client = new window.longspanShared.LongspanClient({ shared: true, ...given });
      window.client = client as unknown as typeof window.client;
      window.told = { statuses: [], errors: [], gaps: [], transports: [], got: [] };
      client.on("status", ({ status, error }) => {
        window.told.statuses.push(status);
        if (error !== undefined) window.told.errors.push(error.name);
      });
      client.on("gap", ({ reason }) => window.told.gaps.push(reason));
      await client.connect();
    }, options);
    for (const topic of topics) await subscribe(page, topic);
    return page;
  }

  const gets = (page: Page, ...bodies: string[]) =>
    eventually(async () => expect((await told(page)).got).toEqual(bodies));

  const status = (page: Page) => page.evaluate(() => window.client.status);

  /** Sends a request that nobody answers. */
  const ask = (page: Page) =>
    page.evaluate(() => {
      window.outcome = window.client.request("chat/nobody", "x").then(
        () => "answered",
        (error: unknown) => (error as Error).name,
      );
    });

  it("costs the bridge one session for ten tabs", async () => {
    const tabs: Page[] = [];
    for (let i = 0; i < 10; i++) tabs.push(await tab(TOPIC, `chat/tab${i}`));
    const answers = await Promise.all(tabs.map((page, i) => echo(page, `answer ${i}`)));
    expect(answers).toEqual(tabs.map((_page, i) => `answer ${i}`));
    await publish(bob, TOPIC, "for all");
    await publish(bob, "chat/tab3", "for one");
    await gets(tabs[3]!, "for all", "for one");
    await Promise.all(tabs.filter((_page, i) => i !== 3).map((page) => gets(page, "for all")));
    expect(await tabs[0]!.evaluate(() => window.client.info?.user)).toBe("alice");
    expect(proxy.seen).toEqual(["upgrade accept"]);
    // The lock of the tab that leads.
    const { held = [] } = await tabs[0]!.evaluate(() => navigator.locks.query());
    const leads = held.some(({ name }) => /^longspan [\d.]+$/.test(name ?? ""));
    expect(leads).toBe("worker" in options);
  });

  it("loses only what a tab had that is closed or dies", async () => {
    const [one, closed, crashed] = [
      await tab(TOPIC),
      await tab(TOPIC, "chat/closed"),
      await tab(TOPIC, "chat/crashed"),
    ];
    await closed.close();
    await crash(crashed);
    // One session has one selector for a topic: the topics are free when their tabs have left.
    for (const topic of ["chat/closed", "chat/crashed"]) {
      await eventually(() =>
        one
          .evaluate(
            (to) => window.client.topicSubscribe(to, () => undefined, { selector: "a = 'b'" }),
            topic,
          )
          .then(() => undefined),
      );
    }
    await publish(bob, TOPIC, "still");
    await gets(one, "still");
    expect(await echo(one, "here")).toBe("here");
    expect((await told(one)).statuses).toEqual(["connecting", "connected"]);
  });

  it("ends everywhere when the user signs out", async () => {
    const tabs = [await tab(TOPIC), await tab(TOPIC)];
    await browser.request.post(new URL("logout", proxy.url).href);
    for (const page of tabs) {
      await eventually(async () => expect(await status(page)).toBe("disconnected"));
      expect((await told(page)).errors).toEqual(["AuthenticationError"]);
    }
    await signIn(browser, proxy.url, "alice");
    await tabs[0]!.evaluate(() => window.client.connect());
    expect(await echo(tabs[0]!, "again")).toBe("again");
  });

  it("is never that of another user", async () => {
    const alices = await tab(TOPIC);
    await signIn(browser, proxy.url, "bob");
    const bobs = await tab();
    expect(await bobs.evaluate(() => window.client.info?.user)).toBe("bob");
    await eventually(async () => expect(await status(alices)).toBe("disconnected"));
    await publish(bobs, TOPIC, "not for alice");
    expect(await echo(bobs, "x")).toBe("x");
    expect((await told(alices)).got).toEqual([]);
  });

  it("goes on for the others when one tab disconnects", async () => {
    const [first, second] = [await tab(TOPIC), await tab(TOPIC)];
    await first.evaluate(() => window.client.disconnect());
    await publish(bob, TOPIC, "later");
    await gets(second, "later");
    expect((await told(first)).got).toEqual([]);
    expect(await status(first)).toBe("disconnected");
  });

  it.skipIf("worker" in options)("goes on in another worker when the worker dies", async () => {
    const tabs = [await tab(TOPIC), await tab(TOPIC)] as const;
    await ask(tabs[1]);
    await killWorker(chromium);
    for (const page of tabs) {
      await eventually(async () =>
        expect((await told(page)).statuses.slice(2)).toEqual(["reconnecting", "connected"]),
      );
    }
    // Nothing has kept what they have missed.
    for (const page of tabs) {
      await eventually(async () => expect((await told(page)).gaps).toEqual(["sessionLost"]));
    }
    await publish(bob, TOPIC, "after");
    for (const page of tabs) await gets(page, "after");
    expect(await tabs[1].evaluate(() => window.outcome)).toBe("ConnectionLostError");
    expect(await echo(tabs[0], "x")).toBe("x");
    expect(await workers(chromium)).toHaveLength(1);
  });

  it.runIf("worker" in options).each(["closed", "crashed"])(
    "passes to another tab when the leader is %s",
    async (how) => {
      const [leader, second, third] = [await tab(TOPIC), await tab(TOPIC), await tab("chat/third")];
      await publish(bob, TOPIC, "before");
      await gets(second, "before");
      await ask(third);
      if (how === "closed") await leader.close();
      else await crash(leader);
      await publish(bob, TOPIC, "meanwhile");
      await publish(bob, "chat/third", "meanwhile");
      for (const page of [second, third]) {
        await eventually(async () =>
          expect((await told(page)).statuses.slice(2)).toEqual(["reconnecting", "connected"]),
        );
      }
      await publish(bob, TOPIC, "after");
      await gets(second, "before", "meanwhile", "after");
      await gets(third, "meanwhile");
      for (const page of [second, third]) expect((await told(page)).gaps).toEqual([]);
      expect(await third.evaluate(() => window.outcome)).toBe("ConnectionLostError");
      expect(await echo(third, "x")).toBe("x");
    },
  );
});

async function crash(page: Page): Promise<void> {
  const crashed = page.waitForEvent("crash");
  page.goto("chrome://crash").catch(() => undefined);
  await crashed;
}

/** The targets of shared workers. */
async function workers(browser: Browser): Promise<readonly { readonly targetId: string }[]> {
  const session = await browser.newBrowserCDPSession();
  const { targetInfos } = await session.send("Target.getTargets");
  await session.detach();
  return targetInfos.filter(({ type }) => type === "shared_worker");
}

/** Ends the only shared worker, which cannot tell its tabs. */
async function killWorker(browser: Browser): Promise<void> {
  const [worker] = await workers(browser);
  const session = await browser.newBrowserCDPSession();
  await session.send("Target.closeTarget", { targetId: worker!.targetId });
  await session.detach();
}
