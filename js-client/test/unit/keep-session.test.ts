import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { BridgeMessage, ClientOptions, Gap } from "../../src/index.js";
import { FakeBridge, outcome, settled } from "./fake-bridge.js";

// A page that is loaded again: each FakeBridge is the bridge as one of the pages sees it.

let store: Map<string, string>;
let page: EventTarget;
let bridge: FakeBridge;
let got: unknown[];
let gaps: Gap[];

beforeEach(() => {
  vi.useFakeTimers();
  store = new Map();
  vi.stubGlobal("document", {});
  vi.stubGlobal("sessionStorage", {
    getItem: (key: string) => store.get(key) ?? null,
    setItem: (key: string, value: string) => void store.set(key, value),
    removeItem: (key: string) => void store.delete(key),
  });
  load();
});

afterEach(async () => {
  await bridge.client.disconnect();
  expect(vi.getTimerCount()).toBe(0);
  expect(store.size).toBe(0);
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** A page is loaded. */
function load(options: ClientOptions = {}, seq = 0): void {
  page = new EventTarget();
  vi.stubGlobal("addEventListener", page.addEventListener.bind(page));
  vi.stubGlobal("removeEventListener", page.removeEventListener.bind(page));
  bridge = new FakeBridge({ keepSession: true, ...options });
  bridge.seq = seq;
  got = [];
  gaps = [];
  bridge.client.on("gap", (gap) => gaps.push(gap));
}

const listener = ({ body }: BridgeMessage) => void got.push(body);

const say = (topic: string, body: string) =>
  bridge.deliver({
    properties: { type: "topicMessage", topic, JMSMessageID: `ID:${body}` },
    body,
  });

async function subscribe(topics: string | string[], options = {}): Promise<void> {
  const subscribing = bridge.client.topicSubscribe(topics, listener, options);
  await bridge.answer("topicSubscribe");
  await subscribing;
}

/** The page goes, and the one that is loaded in its place begins to connect. */
function reload(): Promise<unknown> {
  page.dispatchEvent(new Event("pagehide"));
  // They go with the page.
  vi.clearAllTimers();
  load({}, bridge.seq);
  return outcome(bridge.client.connect());
}

/** A first page that has connected, and got a message of "news". */
async function firstPage(): Promise<void> {
  await bridge.connect();
  await subscribe(["news", "quiet"]);
  say("news", "a");
}

it("goes on where the page before was", async () => {
  await firstPage();
  const connected = reload();
  bridge.openSession();
  expect(bridge.last().data).toMatchObject({ type: "connect", resume: { token: "t1", seq: 3 } });
  say("news", "b");
  say("quiet", "q");
  await bridge.resume();
  expect(await connected).toMatchObject({ resumed: true });
  say("news", "c");
  expect(got).toEqual([]);
  const subscribed = bridge.client.topicSubscribe("news", listener);
  const quiet = bridge.client.topicSubscribe("quiet", listener);
  const again = bridge.client.topicSubscribe("news", listener);
  expect(got).toEqual([]);
  await Promise.all([subscribed, quiet, again]);
  say("news", "d");
  expect(got).toEqual(["b", "b", "c", "c", "q", "d", "d"]);
  expect(bridge.sentOf("topicSubscribe")).toEqual([]);
  expect(gaps).toEqual([]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(bridge.sentOf("topicUnsubscribe")).toEqual([]);
});

it("repeats acknowledgements that the bridge may not have got", async () => {
  await bridge.connect();
  await subscribe("news", { durable: "orders" });
  const properties = { type: "topicMessage", topic: "news", JMSMessageID: "ID:a" };
  bridge.deliver({ properties, body: "a", delivery: "h-a" });
  await settled();
  expect(bridge.sentOf("ack")).toMatchObject([{ deliveries: ["h-a"] }]);
  void reload();
  bridge.openSession();
  await bridge.resume();
  expect(bridge.sentOf("ack")).toMatchObject([{ deliveries: ["h-a"] }]);
  const subscribing = bridge.client.topicSubscribe("news", listener, { durable: "orders" });
  expect(bridge.sentOf("topicUnsubscribe")).toMatchObject([{ topics: ["news"] }]);
  await bridge.answer("ack");
  await bridge.answer("topicSubscribe");
  await subscribing;
  void reload();
  bridge.openSession();
  await bridge.resume();
  expect(bridge.sentOf("ack")).toEqual([]);
});

it("ends the topics that the new page does not subscribe to", async () => {
  await firstPage();
  void reload();
  bridge.openSession();
  say("quiet", "q");
  await bridge.resume();
  await bridge.client.topicSubscribe("news", listener);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(bridge.sentOf("topicUnsubscribe")).toMatchObject([{ topics: ["quiet"] }]);
  say("quiet", "late");
  await subscribe("quiet");
  expect(bridge.last().data).not.toHaveProperty("resumeFrom");
  expect(got).toEqual([]);
});

it("takes a durable subscription anew, so that what was being processed comes again", async () => {
  await bridge.connect();
  const subscribing = bridge.client.topicSubscribe("news", () => new Promise(() => undefined), {
    durable: "orders",
  });
  await bridge.answer("topicSubscribe");
  await subscribing;
  const properties = { type: "topicMessage", topic: "news", JMSMessageID: "ID:a" };
  bridge.deliver({ properties, body: "a", delivery: "h-a" });
  await settled();
  void reload();
  bridge.openSession();
  await bridge.resume();
  bridge.deliver({ properties, body: "b", delivery: "h-b" });
  await subscribe("news", { durable: "orders" });
  const commands = bridge.connection.sent.map(({ data }) => data);
  expect(commands.slice(-2)).toMatchObject([
    { type: "topicUnsubscribe", topics: ["news"] },
    { type: "topicSubscribe", topics: ["news"], durable: "orders" },
  ]);
  expect(commands.at(-2)).not.toHaveProperty("forget");
  expect(commands.at(-1)).not.toHaveProperty("resumeFrom");
  bridge.deliver({ properties, body: "a", delivery: "h-a2" });
  await settled();
  expect(got).toEqual(["a"]);
  expect(bridge.sentOf("ack")).toMatchObject([{ deliveries: ["h-a2"] }]);
  expect(gaps).toEqual([]);
});

it("consumes a queue anew, so that what was being processed goes back to it", async () => {
  await bridge.connect();
  const consume = async () => {
    const consuming = bridge.client.queueSubscribe("orders", listener);
    await bridge.answer("queueSubscribe");
    await consuming;
  };
  await consume();
  void reload();
  bridge.openSession();
  await bridge.resume();
  await consume();
  const commands = bridge.connection.sent.map(({ data }) => data.type);
  expect(commands.slice(-2)).toEqual(["queueUnsubscribe", "queueSubscribe"]);
});

it("drops answers to requests of the page before", async () => {
  await firstPage();
  void outcome(bridge.client.request("x", "y"));
  const id = bridge.take();
  void reload();
  bridge.client.addMessageListener(listener);
  bridge.openSession();
  bridge.reply(id, "answer");
  bridge.deliver({ properties: {}, body: "push" });
  await bridge.resume();
  expect(got).toEqual(["push"]);
  void outcome(bridge.client.request("x", "y"));
  // Not an id that the page before has used.
  expect(bridge.take()).not.toBe(id);
});

it("asks for the topics' messages where the session is gone, and says where it can't", async () => {
  await firstPage();
  void reload();
  bridge.openSession();
  await bridge.refuseToResume();
  expect(gaps).toEqual([]);
  const subscribed = bridge.client.topicSubscribe(["news", "quiet"], listener);
  expect(bridge.last().data).toMatchObject({
    type: "topicSubscribe",
    topics: ["news", "quiet"],
    resumeFrom: { news: "ID:a" },
  });
  await bridge.answer("topicSubscribe");
  await subscribed;
  expect(gaps).toEqual([{ topics: [{ topic: "quiet", lost: null }], reason: "sessionLost" }]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(bridge.sentOf("topicUnsubscribe")).toEqual([]);
});

it("gives what it holds, and asks for the rest, where the session is lost before the page subscribes", async () => {
  await firstPage();
  void reload();
  bridge.openSession();
  say("news", "b");
  await bridge.resume();
  bridge.openSession();
  await bridge.refuseToResume();
  expect(bridge.sentOf("topicSubscribe")).toEqual([]);
  const subscribed = bridge.client.topicSubscribe("news", listener);
  expect(bridge.last().data).toMatchObject({ resumeFrom: { news: "ID:b" } });
  await bridge.answer("topicSubscribe");
  await subscribed;
  expect(got).toEqual(["b"]);
});

it("says that it has lost what no page has taken, when it is loaded again and again", async () => {
  await firstPage();
  void reload();
  bridge.openSession();
  say("news", "b");
  await bridge.resume();
  void reload();
  bridge.openSession();
  expect(bridge.last("connect").data).toMatchObject({ resume: { seq: 5 } });
  await bridge.resume();
  await bridge.client.topicSubscribe(["news", "quiet"], listener);
  expect(gaps).toEqual([{ topics: [{ topic: "news", lost: null }], reason: "sessionLost" }]);
  expect(got).toEqual([]);
});

it("leaves the session to the page after the next, where it had no time to connect", async () => {
  await firstPage();
  void reload();
  void reload();
  bridge.openSession();
  say("news", "b");
  await bridge.resume();
  await bridge.client.topicSubscribe("news", listener);
  expect(got).toEqual(["b"]);
});

it("holds a bounded number of messages, and says so", async () => {
  await firstPage();
  void reload();
  bridge.openSession();
  await bridge.resume();
  for (let i = 0; i < 1_500; i++) say("news", String(i));
  await bridge.client.topicSubscribe("news", listener);
  expect(got).toEqual(Array.from({ length: 1_000 }, (_, i) => String(i + 500)));
  expect(gaps).toHaveLength(1);
});

it("subscribes anew with another selector", async () => {
  await firstPage();
  void reload();
  bridge.openSession();
  await bridge.resume();
  await subscribe("news", { selector: "a = 1" });
  expect(bridge.connection.sent.map(({ data }) => data.type)).toEqual([
    "connect",
    "topicUnsubscribe",
    "topicSubscribe",
  ]);
  expect(bridge.last("topicSubscribe").data).not.toHaveProperty("resumeFrom");
});

it("leaves nothing to another user", async () => {
  await firstPage();
  void reload();
  bridge.openSession("bob");
  expect(bridge.last().data).not.toHaveProperty("resume");
  bridge.seq = 0;
  await bridge.answer("connect");
  await subscribe("news");
  expect(bridge.last().data).not.toHaveProperty("resumeFrom");
});

it("keeps the session only between two pages, so that a duplicated tab does not take it", async () => {
  await firstPage();
  expect(store.size).toBe(0);
  page.dispatchEvent(new Event("pagehide"));
  expect([...store.keys()]).toEqual(["longspan"]);
  // The browser shows the page again, as it was.
  page.dispatchEvent(new Event("pageshow"));
  expect(store.size).toBe(0);
  void reload();
  expect(store.size).toBe(0);
});

it.each([
  ["still has it", (left: string) => left.replace('"seq":3', '"seq":900')],
  ["has ended it", () => undefined],
])("begins anew where the browser shows it again after another page that %s", async (_, leaves) => {
  await firstPage();
  const open = outcome(bridge.client.request("x", "y"));
  const statuses: string[] = [];
  bridge.client.on("status", ({ status }) => statuses.push(status));
  page.dispatchEvent(new Event("pagehide"));
  const left = store.get("longspan") ?? "";
  store.delete("longspan");
  const now = leaves(left);
  if (now !== undefined) store.set("longspan", now);
  page.dispatchEvent(Object.assign(new Event("pageshow"), { persisted: true }));
  expect(store.size).toBe(0);
  expect(await open).toBe("connectionLost");
  expect(bridge.connections).toHaveLength(2);
  bridge.openSession();
  expect(bridge.last("connect").data).not.toHaveProperty("resume");
  bridge.seq = 0;
  await bridge.answer("connect", { resumeToken: "t2" });
  expect(bridge.sentOf("topicSubscribe")).toMatchObject([
    { topics: ["news", "quiet"], resumeFrom: { news: "ID:a" } },
  ]);
  await bridge.answer("topicSubscribe");
  say("news", "b");
  expect(got).toEqual(["a", "b"]);
  expect(gaps).toEqual([{ topics: [{ topic: "quiet", lost: null }], reason: "sessionLost" }]);
  expect(statuses).toEqual(["reconnecting", "connected"]);
});

it("goes on where the browser shows it again and nobody has taken the session", async () => {
  await firstPage();
  page.dispatchEvent(new Event("pagehide"));
  page.dispatchEvent(Object.assign(new Event("pageshow"), { persisted: true }));
  expect(bridge.connections).toHaveLength(1);
  say("news", "b");
  expect(got).toEqual(["a", "b"]);
});

it("forgets the session by disconnect(), and where the client gives up", async () => {
  await firstPage();
  page.dispatchEvent(new Event("pagehide"));
  await bridge.client.disconnect();
  expect(store.size).toBe(0);
  page.dispatchEvent(new Event("pagehide"));
  expect(store.size).toBe(0);
  bridge.seq = 0;
  await bridge.connect();
  bridge.connection.listener.failed(new Error("ended"));
  page.dispatchEvent(new Event("pagehide"));
  expect(store.size).toBe(0);
});

it("is kept under the key that is given", async () => {
  load({ keepSession: "other" });
  await bridge.connect();
  page.dispatchEvent(new Event("pagehide"));
  expect([...store.keys()]).toEqual(["other"]);
});

it.each(["", "null", "[]", "{", '{"point":{}}', '{"point":{"token":"t","seq":"1","lastId":"a"}}'])(
  "begins anew where the storage holds something else: %s",
  async (json) => {
    store.set("longspan", json);
    await bridge.connect();
    expect(bridge.last("connect").data).not.toHaveProperty("resume");
  },
);

describe("a storage that the browser", () => {
  const refuse = () => {
    throw new DOMException("The operation is insecure.", "SecurityError");
  };

  it.each([
    ["blocks", () => Object.defineProperty(globalThis, "sessionStorage", { get: refuse })],
    [
      "lets nobody use",
      () =>
        vi.stubGlobal("sessionStorage", { getItem: refuse, setItem: refuse, removeItem: refuse }),
    ],
  ])("%s keeps nothing, and nothing else fails", async (_, block) => {
    const before = Object.getOwnPropertyDescriptor(globalThis, "sessionStorage");
    const warned = vi.fn();
    const logger = { ...console, warn: warned };
    block();
    try {
      load({ logger });
      await firstPage();
      page.dispatchEvent(new Event("pagehide"));
      page.dispatchEvent(new Event("pageshow"));
      say("news", "b");
      expect(got).toEqual(["a", "b"]);
      expect(warned).toHaveBeenCalled();
      await bridge.client.disconnect();
    } finally {
      Object.defineProperty(globalThis, "sessionStorage", before ?? {});
    }
  });
});

it("is refused outside of a page", async () => {
  vi.stubGlobal("document", undefined);
  expect(() => new FakeBridge({ keepSession: true })).toThrow(/^keepSession/);
  expect(() => new FakeBridge({ keepSession: false })).not.toThrow();
  await settled();
});
