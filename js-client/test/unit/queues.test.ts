import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { QueueMessage, QueueOptions } from "../../src/index.js";
import { FakeBridge, outcome, refused, settled } from "./fake-bridge.js";

let bridge: FakeBridge;
let got: QueueMessage[];
/** What ends the handling of each message: resolves or rejects. */
let handling: { resolve: () => void; reject: (error: Error) => void }[];

beforeEach(async () => {
  vi.useFakeTimers();
  const quiet = vi.fn();
  const logger = { debug: quiet, info: quiet, warn: quiet, error: console.error };
  bridge = new FakeBridge({ logger });
  got = [];
  handling = [];
  await bridge.connect();
});

afterEach(async () => {
  await bridge.client.disconnect();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const handler = (message: QueueMessage) => {
  got.push(message);
  return new Promise<void>((resolve, reject) => handling.push({ resolve, reject }));
};

async function subscribe(options: QueueOptions = {}) {
  const subscribing = bridge.client.queueSubscribe("orders", handler, options);
  await bridge.answer("queueSubscribe");
  return subscribing;
}

function say(body: string, queue = "orders") {
  const properties = { type: "queueMessage", queue, JMSXDeliveryCount: 2 };
  bridge.deliver({ properties, body, delivery: `h-${body}` });
}

const fates = () =>
  ["ack", "release", "reject"].flatMap((type) =>
    bridge
      .sentOf(type)
      .map(({ correlationId, ...fate }) => (expect(correlationId).toBeDefined(), fate)),
  );

async function newSession() {
  bridge.openSession();
  await bridge.refuseToResume();
}

describe("a handler", () => {
  it("acknowledges what it has processed, and not before", async () => {
    await subscribe({ prefetch: 5, selector: "a = 1" });
    expect(bridge.last("queueSubscribe").data).toMatchObject({
      queue: "orders",
      prefetch: 5,
      selector: "a = 1",
    });
    say("a");
    expect(got[0]).toMatchObject({ body: "a", queue: "orders", deliveryCount: 2 });
    await settled();
    expect(fates()).toEqual([]);
    handling[0]!.resolve();
    await settled();
    expect(fates()).toEqual([{ type: "ack", deliveries: ["h-a"] }]);
    await bridge.answer("ack");
  });

  it("releases what it fails to process, whether it rejects or throws", async () => {
    await subscribe();
    say("a");
    handling[0]!.reject(new Error("no"));
    await settled();
    expect(fates()).toEqual([{ type: "release", deliveries: ["h-a"] }]);
    await bridge.answer("release");
    const throwing = bridge.client.queueSubscribe("jobs", () => {
      throw new Error("no");
    });
    await bridge.answer("queueSubscribe");
    await throwing;
    say("b", "jobs");
    await settled();
    expect(fates().at(-1)).toEqual({ type: "release", deliveries: ["h-b"] });
  });

  it("decides by itself, once", async () => {
    await subscribe({ prefetch: 3 });
    for (const body of ["a", "b", "c"]) say(body);
    const [a, b, c] = got;
    const taken = [a!.reject("broken"), b!.release({ delay: 500 }), c!.acknowledge()];
    const again = [a!.acknowledge(), b!.reject(), c!.release()];
    for (const { resolve } of handling) resolve();
    await settled();
    expect(fates()).toEqual([
      { type: "ack", deliveries: ["h-c"] },
      { type: "release", delay: 500, deliveries: ["h-b"] },
      { type: "reject", reason: "broken", deliveries: ["h-a"] },
    ]);
    for (const type of ["ack", "release"]) await bridge.answer(type);
    await bridge.answer("reject", { failedDeliveries: ["h-a"] });
    expect(await Promise.all(taken)).toEqual([false, true, true]);
    expect(await Promise.all(again)).toEqual([false, true, true]);
  });

  it("shares a message to the bridge with others that end at the same time", async () => {
    await subscribe({ prefetch: 2 });
    say("a");
    say("b");
    for (const { resolve } of handling) resolve();
    await settled();
    expect(fates()).toEqual([{ type: "ack", deliveries: ["h-a", "h-b"] }]);
  });

  it("gets what overtakes the answer", async () => {
    const subscribing = bridge.client.queueSubscribe("orders", handler);
    say("early");
    await bridge.answer("queueSubscribe");
    await subscribing;
    expect(got).toHaveLength(1);
  });
});

describe("the outcome of a delivery", () => {
  it("waits for a session that is resumed", async () => {
    await subscribe();
    say("a");
    bridge.connection.listener.interrupted();
    const taken = got[0]!.acknowledge();
    await settled();
    expect(fates()).toEqual([]);
    bridge.connection.listener.restored();
    await bridge.resume();
    expect(fates()).toEqual([{ type: "ack", deliveries: ["h-a"] }]);
    await bridge.answer("ack");
    expect(await taken).toBe(true);
  });

  it("is sent again if the network took it and the session is resumed", async () => {
    await subscribe();
    say("a");
    const taken = got[0]!.acknowledge();
    await settled();
    bridge.last("ack").receipt({ kind: "unknown", message: "broken" });
    bridge.connection.listener.interrupted();
    bridge.connection.listener.restored();
    await bridge.resume();
    expect(fates()).toHaveLength(2);
    await bridge.answer("ack");
    expect(await taken).toBe(true);
  });

  it("is sent again if it has never left", async () => {
    await subscribe();
    say("a");
    const taken = got[0]!.acknowledge();
    await settled();
    bridge.last("ack").receipt({ kind: "notSent", message: "broken" });
    bridge.connection.listener.interrupted();
    await settled();
    bridge.connection.listener.restored();
    await bridge.resume();
    expect(fates()).toHaveLength(2);
    await bridge.answer("ack");
    expect(await taken).toBe(true);
  });

  it("is void in a new session, and nothing throws", async () => {
    await subscribe({ prefetch: 4 });
    for (const body of ["a", "b", "c", "d"]) say(body);
    const sent = got[0]!.acknowledge();
    await settled();
    bridge.connection.listener.interrupted();
    const waiting = got[1]!.acknowledge();
    await newSession();
    const late = got[2]!.acknowledge();
    handling[3]!.reject(new Error("late"));
    await settled();
    expect(await Promise.all([sent, waiting, late])).toEqual([false, false, false]);
    expect(fates()).toHaveLength(1);
  });

  it("is false where the broker has gone, and nothing throws", async () => {
    await subscribe();
    say("a");
    const taken = got[0]!.acknowledge();
    await settled();
    const { correlationId } = bridge.last("ack").data;
    bridge.deliver({ correlationId, ...refused("brokerUnavailable", true) });
    expect(await taken).toBe(false);
  });

  it("is false after the client was disconnected", async () => {
    await subscribe();
    say("a");
    await bridge.client.disconnect();
    expect(await got[0]!.acknowledge()).toBe(false);
  });
});

describe("a consumer", () => {
  it("begins again in a new session, as often as necessary", async () => {
    await subscribe({ prefetch: 7 });
    await newSession();
    for (const attempt of [2, 3]) {
      expect(bridge.sentOf("queueSubscribe")).toHaveLength(attempt);
      expect(bridge.last("queueSubscribe").data).toMatchObject({ queue: "orders", prefetch: 7 });
      const { correlationId } = bridge.last("queueSubscribe").data;
      bridge.deliver({ correlationId, ...refused("brokerUnavailable", true) });
      await vi.advanceTimersByTimeAsync(1_000);
    }
    await bridge.answer("queueSubscribe");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(bridge.sentOf("queueSubscribe")).toHaveLength(4);
  });

  it("is not begun twice when the session is lost while it begins again", async () => {
    await subscribe();
    await newSession();
    await newSession();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(bridge.sentOf("queueSubscribe")).toHaveLength(3);
    await bridge.answer("queueSubscribe");
  });

  it("ends, with an event, if it may not begin again", async () => {
    const revoked = vi.fn();
    bridge.client.on("queuesRevoked", revoked);
    await subscribe();
    await newSession();
    const { correlationId } = bridge.last("queueSubscribe").data;
    bridge.deliver({ correlationId, ...refused("notAuthorized", false) });
    await settled();
    expect(revoked.mock.calls).toEqual([[{ queues: ["orders"], reason: "notAuthorized" }]]);
  });

  it("ends when the right was taken away", async () => {
    const revoked = vi.fn();
    bridge.client.on("queuesRevoked", revoked);
    await subscribe();
    bridge.deliver({ type: "queueUnsubscribed", queues: ["orders"], reason: "accessRevoked" });
    expect(revoked.mock.calls).toEqual([[{ queues: ["orders"], reason: "accessRevoked" }]]);
    await newSession();
    expect(bridge.sentOf("queueSubscribe")).toHaveLength(1);
  });

  it("ends once, and then may begin anew", async () => {
    const subscription = await subscribe();
    const ending = subscription.unsubscribe();
    await bridge.answer("queueUnsubscribe");
    await ending;
    await subscription.unsubscribe();
    expect(bridge.sentOf("queueUnsubscribe")).toHaveLength(1);
    await subscribe();
    await expect(bridge.client.queueSubscribe("orders", handler)).rejects.toThrow(/^queue: orders/);
  });

  it("is refused with the bridge's code, and then may begin anew", async () => {
    const subscribing = bridge.client.queueSubscribe("orders", handler);
    const { correlationId } = bridge.last("queueSubscribe").data;
    bridge.deliver({ correlationId, ...refused("notAuthorized", false) });
    await expect(subscribing).rejects.toMatchObject({ bridgeCode: "notAuthorized" });
    await subscribe();
  });

  it("needs a connection", async () => {
    bridge.connection.listener.interrupted();
    expect(await outcome(bridge.client.queueSubscribe("orders", handler))).toBe("notSent");
  });

  it("keeps the client at a bridge that drains, until nothing is being processed", async () => {
    await subscribe();
    say("a");
    bridge.deliver({ type: "bridgeStatus", status: "draining" });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(bridge.connections).toHaveLength(2);
    bridge.seq = 0;
    bridge.openSession();
    await bridge.answer("connect", { bridgeId: "b2", resumeToken: "t2" });
    const [old, other] = bridge.connections;
    expect(other!.sent.map(({ data }) => data.type)).toEqual(["connect"]);
    handling[0]!.resolve();
    await settled();
    const { correlationId } = old!.sent.at(-1)!.data;
    old!.listener.received({ correlationId, status: "success", seq: 5 });
    await settled();
    expect(other!.sent.map(({ data }) => data.type)).toEqual(["connect", "queueSubscribe"]);
  });
});

it("leaves a queue of which messages come that nobody consumes", () => {
  say("a", "jobs");
  expect(bridge.sentOf("queueUnsubscribe")).toMatchObject([{ queue: "jobs" }]);
});

describe("an async iterator", () => {
  it("acknowledges each message when the next one is asked for", async () => {
    const stream = bridge.client.queueStream("orders", { prefetch: 2 });
    await bridge.answer("queueSubscribe");
    say("a");
    say("b");
    expect((await stream.next()).value?.body).toBe("a");
    await settled();
    expect(fates()).toEqual([]);
    expect((await stream.next()).value?.body).toBe("b");
    await settled();
    expect(fates()).toEqual([{ type: "ack", deliveries: ["h-a"] }]);
    void stream.return?.();
  });

  it("releases what is left over when the reader leaves", async () => {
    const stream = bridge.client.queueStream("orders", { prefetch: 2 });
    await bridge.answer("queueSubscribe");
    say("a");
    say("b");
    for await (const message of stream) {
      expect(message.body).toBe("a");
      break;
    }
    await settled();
    expect(fates()).toEqual([{ type: "release", deliveries: ["h-a", "h-b"] }]);
    expect(bridge.sentOf("queueUnsubscribe")).toMatchObject([{ queue: "orders" }]);
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  });

  it("keeps what the reader has acknowledged before it leaves", async () => {
    const stream = bridge.client.queueStream("orders");
    await bridge.answer("queueSubscribe");
    say("a");
    for await (const message of stream) {
      void message.acknowledge();
      break;
    }
    await settled();
    expect(fates()).toEqual([{ type: "ack", deliveries: ["h-a"] }]);
  });

  it("ends with the reason why the bridge has ended it", async () => {
    const stream = bridge.client.queueStream("orders");
    await bridge.answer("queueSubscribe");
    const next = stream.next();
    bridge.deliver({ type: "queueUnsubscribed", queues: ["orders"], reason: "accessRevoked" });
    await expect(next).rejects.toMatchObject({ code: "refused", bridgeCode: "accessRevoked" });
  });

  it("ends with the refusal, and with the client", async () => {
    const refusing = bridge.client.queueStream("secret").next();
    const { correlationId } = bridge.last("queueSubscribe").data;
    bridge.deliver({ correlationId, ...refused("notAuthorized", false) });
    await expect(refusing).rejects.toMatchObject({ bridgeCode: "notAuthorized" });
    const stream = bridge.client.queueStream("orders");
    await bridge.answer("queueSubscribe");
    const next = stream.next();
    void bridge.client.disconnect();
    expect(await outcome(next)).toBe("cancelled");
  });
});

it("asks for version 1.2 where the bridge knows it", async () => {
  expect(bridge.last("connect").data).toMatchObject({ protocolVersion: "1.1" });
  bridge.connection.listener.opened({
    clientId: "s9",
    user: "alice",
    bridgeId: "b1",
    version: "1.2",
    root: "/anzo",
    userChannel: "/anzo/user/alice/s9",
  });
  expect(bridge.last("connect").data).toMatchObject({ protocolVersion: "1.2" });
  await settled();
});
