import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { BridgeMessage, SubscribeOptions } from "../../src/index.js";
import { FakeBridge, settled } from "./fake-bridge.js";

let bridge: FakeBridge;
let got: BridgeMessage[];
let gaps: unknown[];

beforeEach(async () => {
  vi.useFakeTimers();
  const quiet = vi.fn();
  const logger = { debug: quiet, info: quiet, warn: quiet, error: console.error };
  bridge = new FakeBridge({ logger });
  got = [];
  gaps = [];
  bridge.client.on("gap", (gap) => gaps.push(gap));
  await bridge.connect();
});

afterEach(async () => {
  await bridge.client.disconnect();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

async function subscribe(
  listener: (message: BridgeMessage) => unknown,
  options: SubscribeOptions = { durable: "orders" },
) {
  const subscribing = bridge.client.topicSubscribe("news", listener, options);
  if (bridge.sentOf("topicSubscribe").length > 0) await bridge.answer("topicSubscribe");
  return subscribing;
}

const say = (body: string) =>
  bridge.deliver({
    properties: { type: "topicMessage", topic: "news", JMSMessageID: `ID:${body}` },
    body,
    delivery: `h-${body}`,
  });

const fates = () =>
  ["ack", "release"].flatMap((type) =>
    bridge.sentOf(type).map(({ deliveries }) => [type, deliveries]),
  );

const collect = (message: BridgeMessage) => got.push(message);

describe("a durable subscription", () => {
  it("acknowledges what its listeners have received", async () => {
    await subscribe(collect);
    expect(bridge.last("topicSubscribe").data).toMatchObject({
      topics: ["news"],
      durable: "orders",
    });
    say("a");
    say("b");
    await settled();
    expect(got.map(({ body }) => body)).toEqual(["a", "b"]);
    expect(fates().flatMap(([, deliveries]) => deliveries)).toEqual(["h-a", "h-b"]);
  });

  it("waits with the next message for the listeners of the one before", async () => {
    const ends: (() => void)[] = [];
    await subscribe((message) => {
      collect(message);
      return new Promise<void>((resolve) => ends.push(resolve));
    });
    say("a");
    say("b");
    await settled();
    expect([got.length, fates()]).toEqual([1, []]);
    ends[0]!();
    await settled();
    expect([got.length, fates()]).toEqual([2, [["ack", ["h-a"]]]]);
    ends[1]!();
    await settled();
  });

  it("gets a message again if one of its listeners rejects", async () => {
    await subscribe(collect);
    await subscribe(() => Promise.reject(new Error("no")));
    say("a");
    await settled();
    expect(got).toHaveLength(1);
    expect(fates()).toEqual([["release", ["h-a"]]]);
    expect(bridge.sentOf("topicSubscribe")).toHaveLength(1);
  });

  it("leaves in a new session what has not been given to its listeners to the broker", async () => {
    const ends: (() => void)[] = [];
    await subscribe((message) => {
      collect(message);
      return new Promise<void>((resolve) => ends.push(resolve));
    });
    say("a");
    say("b");
    await settled();
    bridge.openSession();
    await bridge.refuseToResume();
    const { data } = bridge.last("topicSubscribe");
    expect(data).toMatchObject({ topics: ["news"], durable: "orders" });
    expect(data.resumeFrom).toBeUndefined();
    await bridge.answer("topicSubscribe");
    ends[0]!();
    await settled();
    expect([got.length, fates(), gaps]).toEqual([1, [], []]);
    say("a");
    await settled();
    expect(got.map(({ body }) => body)).toEqual(["a", "a"]);
    ends[1]!();
    await settled();
    expect(fates()).toEqual([["ack", ["h-a"]]]);
  });

  it("acknowledges nothing that no listener has got", async () => {
    const subscription = await subscribe(collect);
    say("a");
    void subscription.unsubscribe();
    await settled();
    expect(got).toEqual([]);
    expect(fates()).toEqual([["release", ["h-a"]]]);
    expect(bridge.last("topicUnsubscribe").data).not.toHaveProperty("forget");
  });

  it("ends where a newer session takes it over", async () => {
    const revoked = vi.fn();
    bridge.client.on("revoked", revoked);
    await subscribe(collect);
    bridge.deliver({ type: "topicUnsubscribed", topics: ["news"], reason: "takenOver" });
    expect(revoked.mock.calls).toEqual([[{ topics: ["news"], reason: "takenOver" }]]);
  });

  it("is not shared with a listener that wants another one", async () => {
    await subscribe(collect);
    for (const options of [{}, { durable: "others" }]) {
      const other = bridge.client.topicSubscribe("news", collect, options);
      await expect(other).rejects.toThrow(/another selector or durable name/);
    }
  });

  it("is forgotten, also by a client that has not subscribed", async () => {
    await subscribe(collect);
    const forgetting = bridge.client.topicUnsubscribe("news", { forget: true });
    expect(bridge.last("topicUnsubscribe").data).toMatchObject({
      topics: ["news"],
      durable: "orders",
      forget: true,
    });
    await bridge.answer("topicUnsubscribe");
    await forgetting;
    const other = bridge.client.topicUnsubscribe("news", { forget: true, durable: "old" });
    expect(bridge.last("topicUnsubscribe").data).toMatchObject({ durable: "old", forget: true });
    await bridge.answer("topicUnsubscribe");
    await other;
    await subscribe(collect, {});
    const others = bridge.client.topicUnsubscribe("news", { forget: true, durable: "old" });
    await bridge.answer("topicUnsubscribe");
    await others;
    bridge.deliver({ properties: { type: "topicMessage", topic: "news" }, body: "a" });
    expect(got).toHaveLength(1);
    const nameless = bridge.client.topicUnsubscribe("news", { forget: true });
    await expect(nameless).rejects.toThrow(/^durable: missing/);
  });

  it("is not forgotten silently if that is refused", async () => {
    const forgetting = bridge.client.topicUnsubscribe("news", { forget: true, durable: "old" });
    const failed = { failedTopics: ["news"], topicErrors: ["notAuthorized:no"] };
    await bridge.answer("topicUnsubscribe", { status: "failed", ...failed });
    await expect(forgetting).rejects.toMatchObject({
      failed: [{ topic: "news", error: "notAuthorized:no", temporary: false }],
    });
  });
});

describe("a snapshot", () => {
  const part = (body: string) =>
    bridge.deliver({
      properties: { type: "snapshot", topic: "news", JMSMessageID: `ID:service-${body}` },
      body,
    });
  const change = (body: string) =>
    bridge.deliver({
      properties: { type: "topicMessage", topic: "news", JMSMessageID: `ID:${body}` },
      body,
    });

  it("reaches the listeners before what follows, in order", async () => {
    const subscribing = bridge.client.topicSubscribe("news", collect);
    part("1");
    part("2");
    change("3");
    await bridge.answer("topicSubscribe");
    await subscribing;
    expect(got.map(({ body, snapshot, topic }) => [body, snapshot, topic])).toEqual([
      ["1", true, "news"],
      ["2", true, "news"],
      ["3", false, "news"],
    ]);
  });

  it("is no message from which a topic is resumed", async () => {
    await subscribe(collect, {});
    change("1");
    part("2");
    bridge.openSession();
    await bridge.refuseToResume();
    expect(bridge.last("topicSubscribe").data.resumeFrom).toEqual({ news: "ID:1" });
    await bridge.answer("topicSubscribe");
  });
});
