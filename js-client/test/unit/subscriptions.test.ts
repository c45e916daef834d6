import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { TopicSubscribeError, type BridgeMessage } from "../../src/index.js";
import { FakeBridge, outcome, refused, settled } from "./fake-bridge.js";

let bridge: FakeBridge;

beforeEach(async () => {
  vi.useFakeTimers();
  bridge = new FakeBridge();
  await bridge.connect();
});

afterEach(async () => {
  await bridge.client.disconnect();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const bodies = () => {
  const got: unknown[] = [];
  return { got, listener: ({ body }: BridgeMessage) => void got.push(body) };
};

const publish = (topic: string, body: string, subscription?: string) =>
  bridge.deliver({
    properties: { type: "topicMessage", topic, ...(subscription && { subscription }) },
    body,
  });

async function subscribe(topics: string | string[], listener: (m: BridgeMessage) => void) {
  const subscribing = bridge.client.topicSubscribe(topics, listener);
  await bridge.answer("topicSubscribe");
  return subscribing;
}

it("delivers what overtakes the answer", async () => {
  const { got, listener } = bodies();
  const subscribing = bridge.client.topicSubscribe("news", listener, { selector: "a = 1" });
  expect(bridge.last().data).toMatchObject({ topics: ["news"], selector: "a = 1" });
  publish("news", "early");
  await bridge.answer("topicSubscribe");
  expect((await subscribing).topics).toEqual(["news"]);
  expect(got).toEqual(["early"]);
});

it("shares one subscription of the bridge among listeners, until the last leaves", async () => {
  const [a, b] = [bodies(), bodies()];
  const first = bridge.client.topicSubscribe("news", a.listener);
  const second = bridge.client.topicSubscribe("news", b.listener);
  await bridge.answer("topicSubscribe");
  publish("news", "1");
  await (await first).unsubscribe();
  publish("news", "2");
  expect(bridge.sentOf("topicSubscribe")).toHaveLength(1);
  expect(bridge.sentOf("topicUnsubscribe")).toHaveLength(0);
  const left = (await second).unsubscribe();
  await bridge.answer("topicUnsubscribe");
  await left;
  publish("news", "3");
  expect([a.got, b.got]).toEqual([["1"], ["1", "2"]]);
  await (await second).unsubscribe();
  expect(bridge.sentOf("topicUnsubscribe")).toHaveLength(1);
});

it("delivers a wildcard's messages to the pattern's listeners alone", async () => {
  const [pattern, exact] = [bodies(), bodies()];
  await subscribe("prices/*", pattern.listener);
  await subscribe("prices/a", exact.listener);
  publish("prices/a", "w", "prices/*");
  publish("prices/a", "x");
  expect([pattern.got, exact.got]).toEqual([["w"], ["x"]]);
});

it("names the topics that failed and keeps the others", async () => {
  const { got, listener } = bodies();
  const subscribing = bridge.client.topicSubscribe(["news", "secret", "full"], listener);
  const failed = {
    status: "failed",
    failedTopics: ["secret", "full"],
    topicErrors: ["not authorized", "full"],
    topicTemporary: [false, true],
  };
  await bridge.answer("topicSubscribe", failed);
  const subscription = await subscribing;
  expect(subscription.topics).toEqual(["news"]);
  expect(subscription.failed).toEqual([
    { topic: "secret", error: "not authorized", temporary: false },
    { topic: "full", error: "full", temporary: true },
  ]);
  publish("news", "x");
  expect(got).toEqual(["x"]);
});

it("fails when every topic failed", async () => {
  const subscribing = bridge.client.topicSubscribe("secret", vi.fn());
  const error = expect(subscribing).rejects.toBeInstanceOf(TopicSubscribeError);
  const final = expect(subscribing).rejects.toMatchObject({ temporary: false });
  await bridge.answer("topicSubscribe", { failedTopics: ["secret"], topicErrors: ["no"] });
  await error;
  await final;
  void outcome(bridge.client.topicSubscribe("secret", vi.fn()));
  expect(bridge.sentOf("topicSubscribe")).toHaveLength(2);
});

it("is temporary when one of the topics that failed is", async () => {
  const subscribing = bridge.client.topicSubscribe(["secret", "full"], vi.fn());
  const error = expect(subscribing).rejects.toMatchObject({
    code: "subscribeFailed",
    temporary: true,
  });
  const failedTopics = ["secret", "full"];
  const topicTemporary = [false, true];
  await bridge.answer("topicSubscribe", {
    failedTopics,
    topicErrors: ["no", "no"],
    topicTemporary,
  });
  await error;
});

it("says the bridge's code when the whole command is refused", async () => {
  const subscribing = bridge.client.topicSubscribe("news", vi.fn());
  const error = expect(subscribing).rejects.toMatchObject({
    bridgeCode: "brokerUnavailable",
    temporary: true,
  });
  const { correlationId } = bridge.last().data;
  bridge.deliver({
    correlationId,
    ...refused("brokerUnavailable", true),
    failedTopics: ["news"],
    topicErrors: ["brokerUnavailable:no"],
    topicTemporary: [true],
  });
  await error;
});

it("refuses another selector for the same topic", async () => {
  await subscribe("news", vi.fn());
  const other = bridge.client.topicSubscribe("news", vi.fn(), { selector: "a = 1" });
  await expect(other).rejects.toThrow(/another selector/);
});

it("lets a late answer to an ended subscription not touch the newer one", async () => {
  const { got, listener } = bodies();
  void outcome(bridge.client.topicSubscribe("news", vi.fn()));
  const late = bridge.last().data.correlationId;
  void bridge.client.topicUnsubscribe("news");
  const newer = bridge.client.topicSubscribe("news", listener);
  bridge.deliver({
    correlationId: late,
    status: "failed",
    failedTopics: ["news"],
    topicErrors: ["no"],
  });
  await bridge.answer("topicSubscribe");
  expect((await newer).topics).toEqual(["news"]);
  publish("news", "x");
  expect(got).toEqual(["x"]);
});

it("ends what was revoked", async () => {
  const { got, listener } = bodies();
  const revoked = vi.fn();
  bridge.client.on("revoked", revoked);
  const subscription = await subscribe(["news", "inbox"], listener);
  const reason = "accessRevoked";
  bridge.deliver({ type: "topicUnsubscribed", topics: ["news"], reason });
  publish("news", "x");
  publish("inbox", "y");
  expect(got).toEqual(["y"]);
  expect(subscription.topics).toEqual(["inbox"]);
  expect(revoked).toHaveBeenCalledWith({ topics: ["news"], reason });
});

it("re-creates them in a new session, each with its selector, and says that messages may be missing", async () => {
  const gap = vi.fn();
  const revoked = vi.fn();
  bridge.client.on("gap", gap);
  bridge.client.on("revoked", revoked);
  const { got, listener } = bodies();
  await subscribe(["news", "secret"], listener);
  const selected = bridge.client.topicSubscribe("prices", listener, { selector: "a = 1" });
  await bridge.answer("topicSubscribe");
  await selected;
  bridge.connection.sent.length = 0;
  bridge.openSession();
  await bridge.answer("connect");
  expect(bridge.sentOf("topicSubscribe")).toMatchObject([
    { topics: ["news", "secret"] },
    { topics: ["prices"], selector: "a = 1" },
  ]);
  await bridge.answer("topicSubscribe");
  const { correlationId } = bridge.sentOf("topicSubscribe")[0]!;
  const failed = {
    failedTopics: ["secret", "full"],
    topicErrors: ["not authorized", "full"],
    topicTemporary: [false, true],
  };
  bridge.deliver({ correlationId, status: "failed", ...failed });
  await settled();
  expect(revoked).toHaveBeenCalledWith({ topics: ["secret"], reason: "not authorized" });
  const reason = "sessionLost";
  expect(gap.mock.calls).toEqual([
    [{ topics: [{ topic: "prices", lost: null }], reason }],
    [{ topics: [{ topic: "news", lost: null }], reason }],
  ]);
  publish("news", "x");
  expect(got).toEqual(["x"]);
});

it("tells what was missed before a message that comes with the answer", async () => {
  const told: unknown[] = [];
  bridge.client.on("gap", ({ topics }) => told.push(topics[0]?.topic));
  await subscribe("news", ({ body }) => told.push(body));
  bridge.openSession();
  await bridge.answer("connect");
  const { correlationId } = bridge.last("topicSubscribe").data;
  bridge.deliver({ correlationId, status: "success", failedTopics: [], topicErrors: [] });
  publish("news", "1");
  await settled();
  publish("news", "2");
  expect(told).toEqual(["news", "1", "2"]);
});

it("tries again to re-create them while the bridge has no broker", async () => {
  await subscribe("news", vi.fn());
  bridge.openSession();
  await bridge.answer("connect");
  for (const attempt of [2, 3]) {
    expect(bridge.sentOf("topicSubscribe")).toHaveLength(attempt);
    const { correlationId } = bridge.last("topicSubscribe").data;
    bridge.deliver({ correlationId, ...refused("brokerUnavailable", true) });
    await vi.advanceTimersByTimeAsync(1000);
  }
  await bridge.answer("topicSubscribe");
  await vi.advanceTimersByTimeAsync(60_000);
  expect(bridge.sentOf("topicSubscribe")).toHaveLength(4);
});

it("needs a connection", async () => {
  bridge.connection.listener.interrupted();
  expect(await outcome(bridge.client.topicSubscribe("news", vi.fn()))).toBe("notSent");
});

it("ends an asking that the bridge never answers", async () => {
  const subscribing = outcome(bridge.client.topicSubscribe("news", vi.fn()));
  await vi.advanceTimersByTimeAsync(15_000);
  expect(await subscribing).toBe("timedOut");
});
