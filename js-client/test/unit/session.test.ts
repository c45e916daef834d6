import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { AuthenticationError, type ClientOptions, type StatusEvent } from "../../src/index.js";
import { FakeBridge, outcome, refused, settled } from "./fake-bridge.js";

let bridge: FakeBridge;
let statuses: string[];

function start(options?: ClientOptions): void {
  bridge = new FakeBridge(options);
  statuses = [];
  bridge.client.on("status", ({ status }: StatusEvent) => statuses.push(status));
}

beforeEach(() => {
  vi.useFakeTimers();
  start();
});

afterEach(async () => {
  await bridge.client.disconnect();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

it("is connected when the bridge says so", async () => {
  const connected = bridge.client.connect();
  expect(bridge.client.connect()).toBe(connected);
  bridge.openSession();
  expect(bridge.last()).toMatchObject({
    channel: "/anzo/control",
    data: {
      type: "connect",
      correlationId: expect.stringMatching(/^s1-1-[0-9a-f]{32}$/) as string,
      protocolVersion: "1.1",
    },
  });
  await bridge.answer("connect", { userRoles: "a\nb", isSysadmin: true, limits: { jsonDepth: 3 } });
  expect(await connected).toMatchObject({
    userRoles: ["a", "b"],
    isSysadmin: true,
    limits: { jsonDepth: 3 },
  });
  expect(statuses).toEqual(["connecting", "connected"]);
});

it("says hello again while the bridge has no broker", async () => {
  const connected = bridge.client.connect();
  bridge.openSession();
  for (let attempt = 1; attempt <= 3; attempt++) {
    expect(bridge.sentOf("connect")).toHaveLength(attempt);
    const { correlationId } = bridge.last("connect").data;
    bridge.deliver({ correlationId, ...refused("brokerUnavailable", true) });
    await vi.advanceTimersByTimeAsync(1000);
  }
  await bridge.answer("connect");
  await connected;
});

it("stops when the bridge refuses its version", async () => {
  const connected = bridge.client.connect();
  const error = expect(connected).rejects.toMatchObject({
    bridgeCode: "unsupportedVersion",
    temporary: false,
  });
  bridge.openSession();
  const { correlationId } = bridge.last("connect").data;
  bridge.deliver({ correlationId, ...refused("unsupportedVersion", false) });
  await error;
  expect(statuses).toEqual(["connecting", "disconnected"]);
  expect(bridge.connection.closed).toBe(true);
});

it("stops when the credentials are refused, at first and later", async () => {
  const wrong = new AuthenticationError("wrong");
  const connected = outcome(bridge.client.connect());
  bridge.connection.listener.failed(wrong);
  expect(await connected).toBe("authentication");
  await bridge.connect();
  const events: StatusEvent[] = [];
  bridge.client.on("status", (event) => events.push(event));
  const open = outcome(bridge.client.request("x", "y"));
  bridge.connection.listener.failed(wrong);
  expect(await open).toBe("connectionLost");
  expect(events).toEqual([{ status: "disconnected", previous: "connected", error: wrong }]);
});

it("gives up connecting after connectTimeout, but not once it was connected", async () => {
  const connected = outcome(bridge.client.connect());
  await vi.advanceTimersByTimeAsync(30_000);
  expect(await connected).toBe("connectionLost");
  await bridge.connect();
  bridge.connection.listener.interrupted();
  await vi.advanceTimersByTimeAsync(300_000);
  expect(bridge.client.status).toBe("reconnecting");
});

it("cancels connect() by disconnect()", async () => {
  const connected = outcome(bridge.client.connect());
  await bridge.client.disconnect();
  expect(await connected).toBe("cancelled");
});

it("leaves no timer and no open promise behind", async () => {
  await bridge.connect();
  const open = [
    bridge.client.publish("x", "y"),
    bridge.client.request("x", "y"),
    bridge.client.requestStream("x", "y").next(),
    bridge.client.topicSubscribe("t", vi.fn()),
  ].map(outcome);
  await bridge.client.disconnect();
  expect(vi.getTimerCount()).toBe(0);
  expect(await Promise.all(open)).toEqual(["cancelled", "cancelled", "cancelled", "cancelled"]);
  await bridge.client.disconnect();
});

it("asks for what it has missed after an interruption, and is connected when that is there", async () => {
  await bridge.connect();
  bridge.connection.listener.interrupted();
  bridge.connection.listener.restored();
  expect(bridge.client.status).toBe("reconnecting");
  expect(bridge.last().data).toMatchObject({ type: "connect", resume: { token: "t1", seq: 1 } });
  await bridge.resume();
  expect(statuses).toEqual(["connecting", "connected", "reconnecting", "connected"]);
});

it("says hello after an interruption in which the first hello was lost", async () => {
  const connected = bridge.client.connect();
  bridge.openSession();
  bridge.last("connect").receipt({ kind: "unknown", message: "cut" });
  await settled();
  bridge.connection.listener.interrupted();
  bridge.connection.listener.restored();
  await bridge.answer("connect");
  await connected;
});

it("ignores a connection that it has left", async () => {
  await bridge.connect();
  const { listener } = bridge.connection;
  await bridge.client.disconnect();
  const got = vi.fn();
  bridge.client.addMessageListener(got);
  listener.received({ properties: {}, body: "late" });
  listener.failed(new Error("late"));
  expect(got).not.toHaveBeenCalled();
  expect(statuses.at(-1)).toBe("disconnected");
});

it.each<[ClientOptions, RegExp]>([
  [{ url: "ftp://x/" }, /^url/],
  [{ url: "http://x/cometd?a=1" }, /^url/],
  [{ url: "http://x/", transports: [] }, /^transports/],
  [{ url: "http://x/", requestTimeout: 0 }, /^requestTimeout/],
  [{ url: "http://x/", reconnect: { initial: 500, max: 100 } }, /^reconnect.max/],
])("refuses options that can't work: %j", (options, text) => {
  expect(() => start({ url: undefined, ...options })).toThrow(text);
});
