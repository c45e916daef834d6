import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { TransportName } from "../../src/index.js";
import {
  connect,
  echo,
  failsToConnect,
  launchChromium,
  openPage,
  publish,
  signIn,
  subscribe,
  told,
  withoutBrowser,
} from "./chromium.js";
import { HiddenTab } from "./hidden-tab.js";
import { Proxy } from "./proxy.js";
import { eventually } from "../eventually.js";

// The client in a real browser, through a proxy that sees what travels, against a running bridge.

const { LONGSPAN_URL = "" } = process.env;
const TOPIC = "chat/browser";
const TRANSPORTS: readonly TransportName[] = ["websocket", "long-polling"];

describe.skipIf(withoutBrowser)("in Chromium", () => {
  let chromium: Browser;
  let proxy: Proxy;
  let alice: BrowserContext;

  beforeAll(async () => {
    chromium = await launchChromium();
    return () => chromium.close();
  });

  beforeEach(async () => {
    proxy = await Proxy.start(LONGSPAN_URL);
    alice = await signedIn("alice");
  });

  afterEach(async () => {
    await Promise.all(chromium.contexts().map((context) => context.close()));
    await proxy.stop();
  });

  async function signedIn(user: string): Promise<BrowserContext> {
    const context = await chromium.newContext();
    await signIn(context, proxy.url, user);
    return context;
  }

  const page = (context = alice) => openPage(context, proxy.url);

  /** A page that is connected through the proxy, over one transport, and subscribed. */
  async function listening(name: TransportName): Promise<Page> {
    const subject = await page();
    await connect(subject, { transports: [name] });
    await subscribe(subject, TOPIC);
    return subject;
  }

  /** Another user's page, whose connection does not go through the proxy. */
  async function unharmed(): Promise<Page> {
    const other = await openPage(await signedIn("bob"), LONGSPAN_URL);
    await connect(other);
    return other;
  }

  const gets = (subject: Page, ...bodies: string[]) =>
    eventually(async () => expect((await told(subject)).got).toEqual(bodies));

  async function connected(subject: Page): Promise<Page> {
    await eventually(async () => {
      expect(await subject.evaluate(() => window.client.status)).toBe("connected");
      await echo(subject, "");
    });
    return subject;
  }

  const posts = () => proxy.seen.filter((line) => line.startsWith("/"));

  it("connects over a WebSocket, with the cookie of the sign-in", async () => {
    const subject = await page();
    await connect(subject);
    expect(await echo(subject, "grüß €")).toBe("grüß €");
    expect(proxy.seen).toEqual(["upgrade accept"]);
  });

  it("runs as an ES module too", async () => {
    const subject = await alice.newPage();
    await subject.goto(new URL("js/longspan.js", proxy.url).href);
    // As text: the test runner would replace import().
    const answer = await subject.evaluate(`(async () => {
      const { LongspanClient } = await import("/js/longspan.js");
      const client = new LongspanClient();
      await client.connect();
      return (await client.request("services/echo", "x")).text();
    })()`);
    expect(answer).toBe("x");
  });

  it.each(TRANSPORTS)("brings one browser what another publishes, over %s", async (name) => {
    const [one, other] = [await page(), await page(await signedIn("bob"))];
    await Promise.all([one, other].map((each) => connect(each, { transports: [name] })));
    await subscribe(one, TOPIC);
    await publish(other, TOPIC, "a");
    await publish(other, TOPIC, "b");
    await gets(one, "a", "b");
    expect(posts().length > 0).toBe(name === "long-polling");
  });

  describe("where WebSockets are blocked", () => {
    it("goes straight on to long polling when the upgrade is refused", async () => {
      proxy.webSockets = "refuse";
      const subject = await page();
      // If anything waited for it, the connection would come too late.
      await connect(subject, {
        webSocketTimeout: 600_000,
        reconnect: { initial: 600_000, max: 600_000 },
      });
      expect(await echo(subject, "x")).toBe("x");
      expect(proxy.seen.slice(0, 2)).toEqual(["upgrade refuse", "/meta/handshake 200"]);
      expect(proxy.seen.filter((line) => line.startsWith("upgrade"))).toHaveLength(1);
    });

    it.each(["swallow", "mute"] as const)(
      "waits for no more than webSocketTimeout (%s)",
      async (blocking) => {
        proxy.webSockets = blocking;
        const subject = await page();
        await connect(subject, {
          webSocketTimeout: 300,
          networkTimeout: 600_000,
          reconnect: { initial: 600_000, max: 600_000 },
        });
        expect(await echo(subject, "x")).toBe("x");
        expect(proxy.seen.slice(0, 2)).toEqual([`upgrade ${blocking}`, "/meta/handshake 200"]);
      },
    );

    it("keeps the session when they become blocked later", async () => {
      const subject = await page();
      await connect(subject);
      await subscribe(subject, TOPIC);
      proxy.webSockets = "refuse";
      proxy.cut();
      await eventually(async () =>
        expect((await told(subject)).statuses).toEqual([
          "connecting",
          "connected",
          "reconnecting",
          "connected",
        ]),
      );
      await publish(subject, TOPIC, "by long polling");
      await gets(subject, "by long polling");
      expect((await told(subject)).gaps).toEqual([]);
      expect(posts().join()).not.toContain("/meta/handshake");
    });
  });

  describe("who the user is", () => {
    it("is an error at once with wrong credentials", async () => {
      const subject = await page(await chromium.newContext());
      const error = await failsToConnect(subject, { user: "alice", password: "wrong" });
      expect(error).toContain("AuthenticationError");
      expect(proxy.seen).toEqual(["/meta/handshake 401"]);
    });

    it("is an error without a sign-in", async () => {
      const subject = await page(await chromium.newContext());
      expect(await failsToConnect(subject)).toContain("AuthenticationError");
      expect(proxy.seen).toEqual(["upgrade accept", "/meta/handshake 401"]);
    });

    it("is the one who is named, not the one of the cookie", async () => {
      const subject = await page();
      await connect(subject, { user: "bob", password: "bob" });
      const sender = await subject.evaluate(async (topic) => {
        const { client } = window;
        const got = new Promise((resolve) => {
          void client
            .topicSubscribe(topic, ({ properties }) => resolve(properties.runAsUser))
            .then(() => client.publish(topic, "x"));
        });
        return await got;
      }, TOPIC);
      expect(sender).toBe("bob");
      expect(proxy.seen.join()).not.toContain("upgrade");
    });

    it.each(TRANSPORTS)("stops when the sign-in has expired, over %s", async (name) => {
      const subject = await page();
      await connect(subject, { transports: name === "websocket" ? TRANSPORTS : [name] });
      await alice.request.post(new URL("logout", proxy.url).href);
      proxy.cut();
      await eventually(async () =>
        expect((await told(subject)).errors).toEqual(["AuthenticationError"]),
      );
      expect((await told(subject)).statuses.at(-1)).toBe("disconnected");
      // None where the bridge said so before the connection was cut.
      expect(proxy.seen.filter((line) => line.endsWith(" 401")).length).toBeLessThanOrEqual(1);
    });
  });

  it.each(TRANSPORTS)(
    "comes back with its subscriptions after being offline, over %s",
    async (name) => {
      const subject = await page();
      await connect(subject, { transports: [name], networkTimeout: 1000 });
      await subscribe(subject, TOPIC);
      const other = await page(await signedIn("bob"));
      await connect(other);
      await alice.setOffline(true);
      // The browser may keep what is open, and even open it again, until it has something to carry.
      proxy.cut();
      await publish(await connected(other), TOPIC, "meanwhile");
      await eventually(async () =>
        expect((await told(subject)).statuses.at(-1)).toBe("reconnecting"),
      );
      await alice.setOffline(false);
      await eventually(async () => expect((await told(subject)).statuses.at(-1)).toBe("connected"));
      await publish(subject, TOPIC, "back");
      await gets(subject, "meanwhile", "back");
      expect((await told(subject)).gaps).toEqual([]);
    },
  );

  it.each(TRANSPORTS)(
    "gets what was lost on its way, with nothing after it, over %s",
    async (name) => {
      const subject = await listening(name);
      const other = await unharmed();
      // The connection has been used before: a browser sends its poll once more, and tells nobody.
      await publish(other, TOPIC, "a");
      await gets(subject, "a");
      proxy.losing = true;
      await publish(other, TOPIC, "b");
      await eventually(() => expect(proxy.lost).toBeGreaterThan(0));
      proxy.losing = false;
      proxy.cut();
      await gets(subject, "a", "b");
      expect((await told(subject)).gaps).toEqual([]);
    },
  );

  it("sends once what the browser sends twice", async () => {
    const other = await unharmed();
    await subscribe(other, TOPIC);
    const subject = await page();
    await connect(subject, { transports: ["long-polling"] });
    const sent = () => posts().filter((line) => line === "/anzo/bridge 200").length;
    await publish(subject, TOPIC, "a");
    proxy.losing = true;
    const published = publish(subject, TOPIC, "b");
    await eventually(() => expect(sent()).toBe(2));
    proxy.losing = false;
    proxy.cut();
    await published;
    expect(sent()).toBe(3);
    await publish(subject, TOPIC, "c");
    await gets(other, "a", "b", "c");
  });

  it.each(TRANSPORTS)(
    "gets each message once, whenever the network fails, over %s",
    async (name) => {
      const subject = await listening(name);
      const other = await unharmed();
      const said: string[] = [];
      const say = async () => {
        said.push(String(said.length));
        await publish(other, TOPIC, said.at(-1)!);
      };
      for (let round = 0; round < 20; round++) {
        await say();
        // A browser sends a poll again by itself where its connection broke before an answer came.
        proxy.losing = round % 3 !== 0;
        await say();
        proxy.cut();
        proxy.losing = false;
        if (round % 4 === 0) await connected(subject);
      }
      await connected(subject);
      await say();
      await gets(subject, ...said);
      expect((await told(subject)).gaps).toEqual([]);
    },
  );

  it.each(TRANSPORTS)("works in a tab that is hidden, over %s", async (name) => {
    const other = await page(await signedIn("bob"));
    await connect(other);
    const tab = await HiddenTab.open(new URL("js/longspan.js", proxy.url).href);
    try {
      await eventually(async () => expect(await tab.evaluate("location.href")).toContain("http"));
      await tab.evaluate(`(async () => {
        const { LongspanClient } = await import("/js/longspan.js");
        const form = new URLSearchParams({ user: "alice", password: "alice" });
        await fetch("/login", { method: "POST", body: form });
        window.client = new LongspanClient({ transports: ["${name}"] });
        window.told = [];
        await client.connect();
        await client.topicSubscribe("${TOPIC}", ({ body }) => told.push(body));
      })()`);
      await tab.hide();
      await eventually(async () =>
        expect(await tab.evaluate("document.visibilityState")).toBe("hidden"),
      );
      for (const body of ["a", "b", "c"]) await publish(other, TOPIC, body);
      await eventually(async () => expect(await tab.evaluate("told")).toEqual(["a", "b", "c"]));
      expect(
        await tab.evaluate('client.request("services/echo", "hidden").then((a) => a.text())'),
      ).toBe("hidden");
      proxy.cut();
      await publish(await connected(other), TOPIC, "d");
      await eventually(async () =>
        expect(await tab.evaluate("told")).toEqual(["a", "b", "c", "d"]),
      );
    } finally {
      await tab.close();
    }
  });

  it("works in seven tabs of one browser over long polling", async () => {
    const tabs: Page[] = [];
    for (let i = 0; i < 7; i++) {
      const tab = await page();
      tabs.push(tab);
      await connect(tab, { transports: ["long-polling"] });
      await subscribe(tab, TOPIC);
    }
    // HTTP/1.1: the browser has six connections for all of them, and the bridge keeps four busy.
    const answers = await Promise.all(tabs.map((tab, i) => echo(tab, `tab ${i}`)));
    expect(answers).toEqual(tabs.map((_, i) => `tab ${i}`));
    await publish(tabs[6]!, TOPIC, "to all");
    await Promise.all(tabs.map((tab) => gets(tab, "to all")));
    for (const tab of tabs) expect((await told(tab)).statuses).toEqual(["connecting", "connected"]);
  });
});
