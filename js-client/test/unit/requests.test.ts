import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { BridgeMessage } from "../../src/index.js";
import { FakeBridge, outcome, refusal, refused, settled } from "./fake-bridge.js";

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

const text = (message: Promise<BridgeMessage>) => outcome(message.then((each) => each.text()));

describe("a request", () => {
  it("carries its correlation id and its timeout", () => {
    void outcome(bridge.client.request("services/echo", "x", { timeout: 1500 }));
    expect(bridge.last()).toMatchObject({
      channel: "/anzo/bridge",
      data: {
        destination: "services/echo",
        body: "x",
        properties: {
          JMSCorrelationID: expect.stringMatching(/^s1-2-[0-9a-f]{32}$/) as string,
          timeToLive: 1500,
        },
      },
    });
  });

  it("ends with its answer, also when that is faster than the receipt", async () => {
    const answer = text(bridge.client.request("services/echo", "x"));
    bridge.reply(bridge.idOfSent(), "y");
    bridge.last().receipt({ kind: "sent" });
    expect(await answer).toBe("y");
  });

  it("gets its own answer, not another's", async () => {
    const [a, b] = ["a", "b"].map((body) => text(bridge.client.request("services/echo", body)));
    bridge.reply(bridge.idOfSent(), "b");
    bridge.reply(bridge.idOfSent(1), "a");
    expect(await Promise.all([a, b])).toEqual(["a", "b"]);
  });

  it.each([
    [{ kind: "refused", ...refusal("notAuthorized", false) }, "refused"],
    [{ kind: "notSent", message: "no" }, "notSent"],
  ] as const)("ends as its receipt says: %j", async (receipt, code) => {
    const ended = outcome(bridge.client.request("services/echo", "x"));
    bridge.last().receipt(receipt);
    expect(await ended).toBe(code);
  });

  it.each([true, false])(
    "says as its receipt whether trying again may help: %s",
    async (temporary) => {
      const request = bridge.client.request("services/echo", "x");
      const error = expect(request).rejects.toMatchObject({
        bridgeCode: "internalError",
        temporary,
      });
      bridge.last().receipt({ kind: "refused", ...refusal("internalError", temporary) });
      await error;
    },
  );

  it("may still be answered when its receipt was lost", async () => {
    const answered = text(bridge.client.request("services/echo", "x"));
    bridge.last().receipt({ kind: "unknown", message: "cut" });
    bridge.reply(bridge.idOfSent(), "y");
    expect(await answered).toBe("y");
  });

  it("may not have been sent when its receipt was lost and no answer comes", async () => {
    const options = { timeout: 100 };
    const [a, b] = ["a", "b"].map((body) =>
      outcome(bridge.client.request("services/echo", body, options)),
    );
    bridge.last().receipt({ kind: "unknown", message: "cut" });
    const properties = { JMSCorrelationID: bridge.idOfSent(1) };
    bridge.connection.sent.at(-2)!.receipt({ kind: "unknown", message: "cut" });
    // The bridge says that the broker has it.
    bridge.deliver({ status: "success", properties });
    await vi.advanceTimersByTimeAsync(100);
    expect([await a, await b]).toEqual(["timedOut", "connectionLost"]);
  });

  it("is refused by the bridge's own message too", async () => {
    const request = bridge.client.request("services/echo", "x");
    const code = expect(request).rejects.toMatchObject({
      bridgeCode: "limitExceeded",
      temporary: true,
    });
    const properties = { JMSCorrelationID: bridge.idOfSent() };
    bridge.deliver({ ...refused("limitExceeded", true), properties });
    bridge.last().receipt({ kind: "refused", ...refusal("other", false) });
    await code;
  });

  it("is lost, not refused, when the broker went away after it had been sent", async () => {
    const lost = bridge.client.request("services/echo", "x");
    const code = expect(lost).rejects.toMatchObject({
      code: "connectionLost",
      bridgeCode: "brokerUnavailable",
      temporary: true,
    });
    const properties = { JMSCorrelationID: bridge.take() };
    bridge.deliver({ ...refused("brokerUnavailable", true), properties });
    await code;
  });

  it("times out, tells the service, and drops the late answer", async () => {
    const unsolicited = vi.fn();
    bridge.client.addMessageListener(unsolicited);
    const ended = outcome(bridge.client.request("services/echo", "x", { timeout: 100 }));
    const id = bridge.take();
    await vi.advanceTimersByTimeAsync(100);
    expect(await ended).toBe("timedOut");
    expect(bridge.last().data.properties).toMatchObject({ JMSCorrelationID: id, cancel: true });
    bridge.reply(id, "late");
    expect(unsolicited).not.toHaveBeenCalled();
  });

  it("is cancelled by its signal, with the reason", async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const request = bridge.client.request("services/echo", "x", { signal });
    const cancelled = expect(request).rejects.toMatchObject({ code: "cancelled", cause: "enough" });
    const id = bridge.take();
    controller.abort("enough");
    await cancelled;
    expect(bridge.last().data.properties).toMatchObject({ JMSCorrelationID: id, cancel: true });
  });

  it("is not sent when its signal has fired before", async () => {
    const sent = bridge.connection.sent.length;
    const signal = AbortSignal.abort();
    expect(await outcome(bridge.client.request("x", "y", { signal }))).toBe("cancelled");
    expect(bridge.connection.sent).toHaveLength(sent);
  });

  it("has one outcome, whatever comes after it", async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const ended = text(bridge.client.request("services/echo", "x", { signal, timeout: 50 }));
    bridge.reply(bridge.take(), "y");
    const sent = bridge.connection.sent.length;
    controller.abort();
    bridge.last().receipt({ kind: "unknown", message: "" });
    await vi.advanceTimersByTimeAsync(60);
    expect(await ended).toBe("y");
    expect(bridge.connection.sent).toHaveLength(sent);
  });

  it("refuses a timeout that a timer can't wait", async () => {
    for (const timeout of [0, -1, NaN, Infinity, 2 ** 31]) {
      await expect(bridge.client.request("x", "y", { timeout })).rejects.toThrow(RangeError);
    }
  });

  it("is not sent while the network is gone, but an open one may still be answered", async () => {
    const open = text(bridge.client.request("services/echo", "x"));
    const id = bridge.take();
    bridge.connection.listener.interrupted();
    expect(await outcome(bridge.client.request("services/echo", "y"))).toBe("notSent");
    bridge.connection.listener.restored();
    await bridge.resume();
    bridge.reply(id, "z");
    expect(await open).toBe("z");
  });

  it("is lost with its session", async () => {
    const open = outcome(bridge.client.request("services/echo", "x"));
    bridge.openSession();
    await bridge.refuseToResume();
    expect(await open).toBe("connectionLost");
  });

  it("is cancelled by disconnect()", async () => {
    const open = outcome(bridge.client.request("services/echo", "x"));
    await bridge.client.disconnect();
    expect(await open).toBe("cancelled");
  });
});

describe("a stream", () => {
  const part = (id: string, sequence: number, done: boolean) =>
    bridge.reply(id, `part ${sequence}`, { sequence, done: String(done) });

  it("gives the parts in order and ends after the last", async () => {
    const parts: string[] = [];
    const reading = (async () => {
      for await (const each of bridge.client.requestStream("services/list", "x")) {
        parts.push(each.text());
      }
    })();
    const id = bridge.take();
    part(id, 1, false);
    part(id, 2, false);
    await settled();
    part(id, 3, true);
    await reading;
    expect(parts).toEqual(["part 1", "part 2", "part 3"]);
    expect(bridge.last().data.properties).not.toHaveProperty("cancel");
  });

  it("is one part where the answer is not in parts", async () => {
    const stream = bridge.client.requestStream("services/list", "x");
    bridge.reply(bridge.take(), "all");
    expect((await stream.next()).value?.text()).toBe("all");
    expect((await stream.next()).done).toBe(true);
  });

  it("tells the service when the reader leaves", async () => {
    const stream = bridge.client.requestStream("services/list", "x");
    const id = bridge.take();
    part(id, 1, false);
    for await (const each of stream) {
      expect(each.sequence).toBe(1);
      break;
    }
    expect(bridge.last().data).toMatchObject({
      destination: "services/list",
      properties: { JMSCorrelationID: id, cancel: true },
    });
    expect((await stream.next()).done).toBe(true);
  });

  it("gives what came before an error, then the error once", async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const stream = bridge.client.requestStream("services/list", "x", { signal });
    part(bridge.take(), 1, false);
    controller.abort();
    expect((await stream.next()).value?.sequence).toBe(1);
    expect(await outcome(stream.next())).toBe("cancelled");
    expect((await stream.next()).done).toBe(true);
  });

  it("waits its timeout for each part", async () => {
    const stream = bridge.client.requestStream("services/list", "x", { timeout: 100 });
    const id = bridge.take();
    for (const sequence of [1, 2, 3]) {
      await vi.advanceTimersByTimeAsync(90);
      part(id, sequence, false);
      expect((await stream.next()).value?.sequence).toBe(sequence);
    }
    const next = outcome(stream.next());
    await vi.advanceTimersByTimeAsync(100);
    expect(await next).toBe("timedOut");
  });

  it("says so when a part is missing", async () => {
    const stream = bridge.client.requestStream("services/list", "x");
    const id = bridge.take();
    part(id, 1, false);
    part(id, 3, true);
    expect((await stream.next()).value?.sequence).toBe(1);
    expect(await outcome(stream.next())).toBe("connectionLost");
  });

  it("ends every read that waits", async () => {
    const stream = bridge.client.requestStream("services/list", "x");
    const reads = [stream.next(), stream.next()];
    bridge.reply(bridge.take(), "all");
    expect((await Promise.all(reads)).map(({ done }) => done)).toEqual([false, true]);
  });
});

describe("a message to this client", () => {
  it("goes to every listener, also when one throws", () => {
    const listener = vi.fn();
    bridge.client.addMessageListener(() => {
      throw new Error("mine");
    });
    const end = bridge.client.addMessageListener(listener);
    bridge.deliver({ properties: {}, body: "you have mail" });
    end();
    bridge.deliver({ properties: {}, body: "more" });
    expect(listener).toHaveBeenCalledTimes(1);
    expect(bridge.errors).toHaveLength(2);
  });

  it("can be answered", async () => {
    const got: BridgeMessage[] = [];
    bridge.client.addMessageListener((message) => got.push(message));
    bridge.deliver({ properties: { JMSMessageID: "ID:1" }, body: "ping", replyTo: "h1" });
    const [message] = got;
    const replied = bridge.client.reply(message!, "pong");
    expect(bridge.last().data).toEqual({
      replyTo: "h1",
      properties: { JMSCorrelationID: "ID:1" },
      body: "pong",
    });
    bridge.take();
    await replied;
    bridge.deliver({ properties: {}, body: "ping" });
    await expect(bridge.client.reply(got[1]!, "pong")).rejects.toThrow(TypeError);
  });
});

it("drops the late answer to a request of before", async () => {
  const unasked = vi.fn();
  bridge.client.addMessageListener(unasked);
  const ended = outcome(bridge.client.request("x", "y", { timeout: 100 }));
  const id = bridge.take();
  await vi.advanceTimersByTimeAsync(100);
  expect(await ended).toBe("timedOut");
  bridge.connection.listener.interrupted();
  bridge.openSession();
  bridge.reply(id, "late");
  await bridge.resume();
  await settled();
  expect(unasked).not.toHaveBeenCalled();
});
