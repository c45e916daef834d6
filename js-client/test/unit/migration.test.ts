import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { BridgeMessage, Gap } from "../../src/index.js";
import { FakeBridge, outcome, settled, type FakeConnection } from "./fake-bridge.js";

// From a bridge that drains to another one.

let bridge: FakeBridge;
let old: FakeConnection;
let statuses: string[];
let got: unknown[];
let gaps: Gap[];

beforeEach(async () => {
  vi.useFakeTimers();
  bridge = new FakeBridge();
  statuses = [];
  got = [];
  gaps = [];
  bridge.client.on("gap", (gap) => gaps.push(gap));
  await bridge.connect();
  old = bridge.connection;
  bridge.client.on("status", ({ status }) => statuses.push(status));
});

afterEach(async () => {
  await bridge.client.disconnect();
  expect(vi.getTimerCount()).toBe(0);
  expect(bridge.connections.every(({ closed }) => closed)).toBe(true);
  vi.useRealTimers();
});

const listener = ({ body }: BridgeMessage) => void got.push(body);

const message = (topic: string, body: string) => ({
  properties: { type: "topicMessage", topic, JMSMessageID: `ID:${body}` },
  body,
});

/** Until the client has had time to open a connection. */
const later = () => vi.advanceTimersByTimeAsync(3_000);

async function drain(): Promise<void> {
  bridge.deliver({ type: "bridgeStatus", status: "draining" });
  await later();
}

/** The other bridge takes the client. */
async function take(bridgeId = "b2"): Promise<void> {
  bridge.openSession();
  bridge.seq = 0;
  await bridge.answer("connect", { bridgeId, resumeToken: "t2" });
}

it("connects to the other bridge first, and changes over with its subscriptions", async () => {
  const subscribing = bridge.client.topicSubscribe(["news", "quiet"], listener);
  await bridge.answer("topicSubscribe");
  await subscribing;
  bridge.deliver(message("news", "a"));
  await drain();
  expect(bridge.connections).toHaveLength(2);
  old.listener.received({ ...message("news", "b"), seq: 5 });
  expect(old.closed).toBe(false);
  await take();
  expect(bridge.last().data).toMatchObject({
    type: "topicSubscribe",
    resumeFrom: { news: "ID:b" },
  });
  old.listener.received({ ...message("news", "late"), seq: 6 });
  bridge.deliver(message("news", "c"));
  await bridge.answer("topicSubscribe", { recoveredTopics: ["news"] });
  expect(got).toEqual(["a", "b", "c"]);
  expect(gaps).toEqual([{ topics: [{ topic: "quiet", lost: null }], reason: "sessionLost" }]);
  expect(old.closed).toBe(true);
  expect(old.sent.at(-1)?.data.type).toBe("disconnect");
  expect(bridge.client.info?.bridgeId).toBe("b2");
  expect(statuses).toEqual([]);
});

it("serves by the old connection until nothing is open", async () => {
  const answered = bridge.client.request("x", "y");
  const id = bridge.take();
  await drain();
  await take();
  const other = bridge.connection;
  const second = bridge.client.request("x", "z");
  const secondId = (old.sent.at(-1)!.data.properties as { JMSCorrelationID: string })
    .JMSCorrelationID;
  const subscribing = bridge.client.topicSubscribe("news", listener);
  const subscribe = old.sent.at(-1)!.data;
  old.listener.received({ properties: { JMSCorrelationID: id }, body: "1", seq: 3 });
  old.listener.received({ properties: { JMSCorrelationID: secondId }, body: "2", seq: 4 });
  expect([(await answered).text(), (await second).text()]).toEqual(["1", "2"]);
  expect(other.sent).toHaveLength(1);
  const { correlationId } = subscribe;
  const answer = { correlationId, status: "success", failedTopics: [], topicErrors: [] };
  old.listener.received({ ...answer, seq: 5 });
  expect((await subscribing).topics).toEqual(["news"]);
  await settled();
  expect(other.sent.at(-1)?.data).toMatchObject({ type: "topicSubscribe", topics: ["news"] });
  await bridge.answer("topicSubscribe");
  expect(old.closed).toBe(true);
  expect(statuses).toEqual([]);
});

it("keeps the old connection until what was published there has its receipt", async () => {
  await drain();
  const published = bridge.client.publish("x", "y");
  const other = outcome(published);
  const { receipt } = old.sent.at(-1) ?? { receipt: undefined };
  await take();
  expect(old.closed).toBe(false);
  receipt?.({ kind: "sent" });
  expect(await other).toBeUndefined();
  await settled();
  expect(old.closed).toBe(true);
});

it("gives what is sent to the user once, while it is connected twice", async () => {
  bridge.client.addMessageListener(listener);
  const open = bridge.client.request("x", "y");
  const id = bridge.take();
  await drain();
  await take();
  bridge.deliver({ properties: {}, body: "push" });
  old.listener.received({ properties: {}, body: "push", seq: 3 });
  old.listener.received({ properties: { JMSCorrelationID: id }, body: "1", seq: 4 });
  await open;
  bridge.deliver({ properties: {}, body: "later" });
  expect(got).toEqual(["push", "later"]);
});

const push = (id: string) => ({ properties: { JMSMessageID: `ID:${id}` }, body: id });

/** A client that is connected to both bridges, and kept from changing over by an open request. */
async function connectedTwice(): Promise<(seq: number) => Promise<void>> {
  bridge.client.addMessageListener(listener);
  const open = outcome(bridge.client.request("x", "y"));
  const id = bridge.take();
  await drain();
  await take();
  return async (seq) => {
    old.listener.received({ properties: { JMSCorrelationID: id }, body: "1", seq });
    await open;
  };
}

it("gives a push once that the old bridge delivers before the change, and the new one after it", async () => {
  const finish = await connectedTwice();
  old.listener.received({ ...push("a"), seq: 3 });
  await finish(4);
  bridge.deliver(push("a"));
  bridge.deliver(push("b"));
  expect(got).toEqual(["a", "b"]);
});

it("gives a push once that the new bridge delivers before the change, and the old one after it", async () => {
  let closed = (): void => undefined;
  old.close = () => new Promise<void>((done) => (closed = done));
  const finish = await connectedTwice();
  bridge.deliver(push("a"));
  expect(got).toEqual([]);
  await finish(3);
  expect(got).toEqual(["a"]);
  old.listener.received({ ...push("a"), seq: 4 });
  old.listener.received({ ...push("late"), seq: 5 });
  old.listener.received({ ...message("news", "of a topic"), seq: 6 });
  old.listener.received({ type: "gap", topics: [], reason: "x", seq: 7 });
  old.closed = true;
  closed();
  await settled();
  old.listener.received({ ...push("too late"), seq: 8 });
  expect(got).toEqual(["a", "late"]);
  expect(gaps).toEqual([]);
});

it.each<[string, () => unknown]>([
  ["refuses it", () => bridge.connection.listener.failed(new Error("draining"))],
  ["is the one that it leaves", () => take("b1")],
  [
    "drains too",
    async () => {
      void outcome(bridge.client.request("x", "y", { timeout: 600_000 }));
      await take();
      bridge.deliver({ type: "bridgeStatus", status: "draining" });
    },
  ],
])("tries again, and goes on meanwhile, where the bridge that it finds %s", async (_name, find) => {
  await bridge.client.disconnect();
  const connected = bridge.client.connect();
  bridge.openSession();
  bridge.seq = 0;
  await bridge.answer("connect", { bridgeId: "b1" });
  await connected;
  statuses = [];
  old = bridge.connection;
  await drain();
  const first = bridge.connection;
  await find();
  await later();
  expect(first.closed).toBe(true);
  expect(old.closed).toBe(false);
  expect(bridge.connections).toHaveLength(4);
  expect(bridge.client.status).toBe("connected");
  expect(statuses).toEqual([]);
});

it("reconnects as ever where the old connection ends first", async () => {
  await drain();
  const other = bridge.connection;
  old.listener.interrupted();
  expect(other.closed).toBe(true);
  expect(bridge.client.status).toBe("reconnecting");
  bridge.connections.pop();
  bridge.openSession();
  await bridge.refuseToResume();
  expect(statuses).toEqual(["reconnecting", "connected"]);
  bridge.connections.push(other);
  await later();
  expect(bridge.connections).toHaveLength(2);
});

it("tries again where the old connection comes back, to the bridge that drains", async () => {
  await drain();
  const other = bridge.connection;
  old.listener.interrupted();
  old.listener.restored();
  bridge.connections.pop();
  await bridge.resume();
  bridge.connections.push(other);
  await later();
  expect(bridge.connections).toHaveLength(3);
  await take();
  expect(statuses).toEqual(["reconnecting", "connected"]);
  expect(old.closed).toBe(true);
});

it("ends both connections by disconnect()", async () => {
  void outcome(bridge.client.request("x", "y"));
  await drain();
  await take();
  await bridge.client.disconnect();
  expect(bridge.connections.map(({ closed }) => closed)).toEqual([true, true]);
});

it("does not move to a bridge that knows another user", async () => {
  await drain();
  const other = bridge.connection;
  bridge.openSession("bob");
  bridge.seq = 0;
  await bridge.answer("connect", { bridgeId: "b2", resumeToken: "t2" });
  expect([old.closed, other.closed]).toEqual([false, true]);
  expect(bridge.client.info?.user).toBe("alice");
  await later();
  await take();
  expect([old.closed, bridge.connections.length]).toEqual([true, 3]);
});
