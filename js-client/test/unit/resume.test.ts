import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { BridgeMessage, Gap } from "../../src/index.js";
import { FakeBridge, outcome, refusal, refused } from "./fake-bridge.js";

let bridge: FakeBridge;
let got: unknown[];
let gaps: Gap[];

beforeEach(async () => {
  vi.useFakeTimers();
  bridge = new FakeBridge();
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

const listener = ({ body }: BridgeMessage) => void got.push(body);

async function subscribe(topics: string | string[], selector?: string) {
  const subscribing = bridge.client.topicSubscribe(topics, listener, { selector });
  await bridge.answer("topicSubscribe");
  return subscribing;
}

/** The body is also the message's id. */
const say = (topic: string, body: string, seq?: number) =>
  bridge.deliver({
    ...(seq === undefined ? {} : { seq }),
    properties: { type: "topicMessage", topic, JMSMessageID: `ID:${body}` },
    body,
  });

const lost = (...topics: string[]) => ({
  topics: topics.map((topic) => ({ topic, lost: null })),
  reason: "sessionLost",
});

function newSession(): void {
  bridge.connection.listener.interrupted();
  bridge.openSession();
}

function sameSession(): void {
  bridge.connection.listener.interrupted();
  bridge.connection.listener.restored();
}

describe.each([
  ["a new session", newSession],
  ["the same session", sameSession],
])("resuming in %s", (_name, lose) => {
  beforeEach(() => subscribe(["news", "quiet"]));

  it("gives what was missed, once and in order, and goes on", async () => {
    say("news", "a");
    bridge.losing(() => say("news", "b"));
    lose();
    expect(bridge.last("connect").data).toMatchObject({ resume: { token: "t1", seq: 3 } });
    // It overtakes the replay, in which it comes again.
    say("news", "c", 5);
    expect(got).toEqual(["a"]);
    for (const [i, body] of ["a", "b", "c", "d"].entries()) say("news", body, i + 3);
    await bridge.resume();
    say("news", "e");
    expect(got).toEqual(["a", "b", "c", "d", "e"]);
    expect(gaps).toEqual([]);
    expect(bridge.sentOf("topicSubscribe")).toHaveLength(1);
    expect(bridge.client.status).toBe("connected");
    expect(bridge.client.info?.resumed).toBe(true);
  });

  it("gives what was not dropped, where the bridge has dropped some", async () => {
    bridge.losing(() => say("news", "dropped"));
    lose();
    say("news", "b");
    await bridge.resume();
    expect(got).toEqual([]);
    // Asked twice, because what is sent again can be lost too.
    await bridge.resume();
    say("news", "c");
    expect(got).toEqual(["b", "c"]);
    expect(bridge.sentOf("connect")).toHaveLength(3);
  });

  it("asks again where what was sent again was lost, and its end was not", async () => {
    bridge.losing(() => say("news", "a"));
    lose();
    bridge.losing(() => say("news", "b"));
    await bridge.resume();
    expect(bridge.last("connect").data).toMatchObject({ resume: { seq: 2 } });
    expect(bridge.connection.listener.acknowledged()).toBe(lose === sameSession ? 2 : 0);
    say("news", "a", 3);
    say("news", "b", 4);
    await bridge.resume();
    expect(got).toEqual(["a", "b"]);
    expect(bridge.client.status).toBe("connected");
  });

  it("answers what was asked before, commands too", async () => {
    const answered = outcome(bridge.client.request("x", "y").then((each) => each.text()));
    const id = bridge.take();
    const subscribing = bridge.client.topicSubscribe("more", listener);
    const { correlationId } = bridge.last().data;
    bridge.last().receipt({ kind: "unknown", message: "cut" });
    lose();
    bridge.reply(id, "z");
    bridge.deliver({ correlationId, status: "success", failedTopics: [], topicErrors: [] });
    await bridge.resume();
    expect(await answered).toBe("z");
    expect((await subscribing).topics).toEqual(["more"]);
    say("more", "m");
    expect(got).toEqual(["m"]);
  });

  it("repeats a command that may not have been heard", async () => {
    const subscribing = bridge.client.topicSubscribe("more", listener);
    const correlationId = bridge.idOfSent();
    bridge.last().receipt({ kind: "unknown", message: "cut" });
    lose();
    await bridge.resume();
    expect(bridge.sentOf("topicSubscribe").slice(1)).toEqual(
      Array(2).fill(expect.objectContaining({ topics: ["more"], correlationId })),
    );
    await bridge.answer("topicSubscribe");
    expect((await subscribing).topics).toEqual(["more"]);
  });

  it("lets everything go that the bridge does not know any more", async () => {
    say("news", "a");
    const request = outcome(bridge.client.request("x", "y"));
    const subscribing = outcome(bridge.client.topicSubscribe("more", listener));
    bridge.losing(() => say("news", "b"));
    lose();
    say("news", "waits for b");
    expect(bridge.connection.listener.acknowledged()).toBe(lose === sameSession ? 3 : 0);
    await bridge.refuseToResume();
    expect(await request).toBe("connectionLost");
    expect(await subscribing).toBe("connectionLost");
    expect(got).toEqual(["a"]);
    expect(bridge.last().data).toMatchObject({
      type: "topicSubscribe",
      topics: ["news", "quiet"],
      resumeFrom: { news: "ID:a" },
    });
    say("news", "b");
    expect(gaps).toEqual([]);
    await bridge.answer("topicSubscribe", { recoveredTopics: ["news"] });
    // Only of the other it is not known what may be missing.
    expect(gaps).toEqual([lost("quiet")]);
    say("news", "c");
    expect(got).toEqual(["a", "b", "c"]);
    expect(gaps).toHaveLength(1);
    expect(bridge.connection.listener.acknowledged()).toBe(4);
  });

  it("asks again until there is an answer", async () => {
    lose();
    const refuse = () => {
      const { correlationId } = bridge.last("connect").data;
      // A session that has not taken the client yet numbers by itself.
      const seq = lose === newSession ? { seq: 1 } : {};
      bridge.deliver({ ...seq, correlationId, ...refused("brokerUnavailable", true) });
    };
    refuse();
    await vi.advanceTimersByTimeAsync(1000);
    bridge.last("connect").receipt({ kind: "unknown", message: "cut" });
    await vi.advanceTimersByTimeAsync(1000);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(bridge.sentOf("connect")).toHaveLength(5);
    await bridge.resume();
    expect(bridge.client.status).toBe("connected");
  });
});

it("does not take the refusals of a session for messages of the one that it resumes", async () => {
  await subscribe("news");
  newSession();
  const { correlationId } = bridge.last("connect").data;
  bridge.deliver({ seq: 3, correlationId, ...refused("brokerUnavailable", true) });
  await vi.advanceTimersByTimeAsync(1000);
  expect(bridge.last("connect").data).toMatchObject({ resume: { seq: 2 } });
  say("news", "a", 3);
  await bridge.resume();
  expect(got).toEqual(["a"]);
});

it("begins anew as another user", async () => {
  await subscribe("news");
  bridge.openSession("bob");
  expect(bridge.last("connect").data).not.toHaveProperty("resume");
  await bridge.refuseToResume();
  expect(bridge.sentOf("topicSubscribe")).toHaveLength(2);
  expect(gaps).toEqual([]);
  await bridge.answer("topicSubscribe");
  expect(gaps).toEqual([lost("news")]);
});

it("asks for what it has missed when a socket is opened anew, and stays connected", async () => {
  await subscribe("news");
  bridge.losing(() => say("news", "a"));
  bridge.connection.listener.renewed();
  expect(bridge.client.status).toBe("connected");
  expect(bridge.last().data).toMatchObject({ type: "connect", resume: { seq: 2 } });
  say("news", "b");
  say("news", "a", 3);
  await bridge.resume();
  expect(got).toEqual(["a", "b"]);
});

it("asks once for what is missing before a message", async () => {
  await subscribe("news");
  bridge.losing(() => say("news", "a"));
  say("news", "b");
  say("news", "c");
  expect(bridge.sentOf("connect")).toHaveLength(2);
  for (const [i, body] of ["a", "b", "c"].entries()) say("news", body, i + 3);
  await bridge.resume();
  expect(got).toEqual(["a", "b", "c"]);
  expect(bridge.sentOf("connect")).toHaveLength(2);
});

describe("in a session in which the bridge does not have the client", () => {
  const refuseMessage = () =>
    bridge.last().receipt({ kind: "refused", ...refusal("notConnected", false) });

  it("sends nothing more until the pending connect is answered", async () => {
    await subscribe("news");
    bridge.losing(() => say("news", "a"));
    say("news", "b");
    const request = outcome(bridge.client.request("x", "y"));
    expect(bridge.client.status).toBe("connected");
    refuseMessage();
    expect(bridge.client.status).toBe("reconnecting");
    expect(await request).toBe("refused");
    expect(await outcome(bridge.client.request("x", "y"))).toBe("notSent");
    expect(bridge.sentOf("connect")).toHaveLength(2);
    await bridge.refuseToResume();
    expect(bridge.client.status).toBe("connected");
    await bridge.answer("topicSubscribe");
    expect(gaps).toEqual([lost("news")]);
  });

  it("connects again if a message is refused", async () => {
    await subscribe("news");
    const request = outcome(bridge.client.request("x", "y"));
    refuseMessage();
    expect(bridge.client.status).toBe("reconnecting");
    expect(bridge.last().data).toMatchObject({ type: "connect", resume: { seq: 2 } });
    expect(await request).toBe("refused");
    await bridge.resume();
    expect(bridge.client.status).toBe("connected");
    expect(bridge.sentOf("connect")).toHaveLength(2);
    expect(gaps).toEqual([]);
  });

  it("connects again if a command is refused", async () => {
    const subscribing = outcome(bridge.client.topicSubscribe("news", listener));
    const correlationId = bridge.idOfSent();
    bridge.deliver({ correlationId, ...refused("notConnected", false) });
    expect(await subscribing).toBe("refused");
    expect(bridge.client.status).toBe("reconnecting");
    expect(bridge.last().data).toMatchObject({ type: "connect", resume: { seq: 2 } });
    await bridge.resume();
    expect(bridge.client.status).toBe("connected");
  });

  it("does not connect while the network is gone, or after a disconnect", async () => {
    const request = outcome(bridge.client.request("x", "y"));
    bridge.connection.listener.interrupted();
    refuseMessage();
    expect(await request).toBe("refused");
    expect(bridge.sentOf("connect")).toHaveLength(1);
    bridge.connection.listener.restored();
    await bridge.resume();
    const late = outcome(bridge.client.request("x", "y"));
    const { receipt } = bridge.last();
    await bridge.client.disconnect();
    receipt({ kind: "refused", ...refusal("notConnected", false) });
    expect(await late).toBe("cancelled");
    expect(bridge.sentOf("connect")).toHaveLength(2);
  });

  it("stays connected after another refusal", async () => {
    const request = outcome(bridge.client.request("x", "y"));
    bridge.last().receipt({ kind: "refused", ...refusal("notAuthorized", false) });
    expect(await request).toBe("refused");
    expect(bridge.client.status).toBe("connected");
    expect(bridge.sentOf("connect")).toHaveLength(1);
  });
});

it("heeds the answer to the last time that it asked", async () => {
  await subscribe("news");
  sameSession();
  const { correlationId } = bridge.last("connect").data;
  bridge.losing(() => say("news", "a"));
  sameSession();
  bridge.deliver({ correlationId, status: "connected", resumeToken: "t1", resumed: true });
  expect(bridge.client.status).toBe("reconnecting");
  say("news", "a", 3);
  await bridge.resume();
  expect(got).toEqual(["a"]);
});

it("lets the bridge keep what it may yet be asked for, until that is answered", async () => {
  await subscribe("news");
  sameSession();
  say("news", "a");
  expect(got).toEqual(["a"]);
  expect(bridge.connection.listener.acknowledged()).toBe(2);
  await bridge.resume();
  expect(bridge.connection.listener.acknowledged()).toBe(4);
});

it("lets everything go where an earlier asking is refused, after a later one was answered", async () => {
  await subscribe("news");
  say("news", "a");
  sameSession();
  const { correlationId } = bridge.last("connect").data;
  sameSession();
  await bridge.resume();
  const request = outcome(bridge.client.request("x", "y"));
  const refusal = { correlationId, status: "connected", resumeToken: "t2", resumed: false };
  bridge.deliver({ seq: 1, ...refusal });
  expect(await request).toBe("connectionLost");
  expect(bridge.last().data).toMatchObject({ resumeFrom: { news: "ID:a" } });
  bridge.connection.listener.renewed();
  expect(bridge.last().data).toMatchObject({ resume: { token: "t2", seq: 1 } });
});

it("loses nothing more where each of several askings is refused", async () => {
  await subscribe("news");
  newSession();
  const { correlationId } = bridge.last("connect").data;
  await vi.advanceTimersByTimeAsync(60_000);
  const [, ...askings] = bridge.sentOf("connect");
  expect(askings.length).toBeGreaterThan(1);
  const refusal = { status: "connected", resumeToken: "t2", resumed: false };
  bridge.seq = 0;
  bridge.deliver({ correlationId, ...refusal });
  await bridge.answer("topicSubscribe");
  const request = outcome(bridge.client.request("x", "y").then(({ body }) => body));
  const id = bridge.take();
  for (const asking of askings.slice(1)) {
    bridge.deliver({ correlationId: asking.correlationId, ...refusal });
  }
  bridge.reply(id, "answer");
  expect(await request).toBe("answer");
  expect(bridge.sentOf("topicSubscribe")).toHaveLength(2);
  expect(gaps).toEqual([lost("news")]);
});

it("does not ask while the network is gone", async () => {
  await subscribe("news");
  bridge.connection.listener.interrupted();
  bridge.losing(() => say("news", "a"));
  say("news", "b");
  expect(bridge.sentOf("connect")).toHaveLength(1);
  bridge.connection.listener.restored();
  expect(bridge.sentOf("connect")).toHaveLength(2);
});

it("says so when more came after a hole than it can hold", async () => {
  await subscribe("news");
  const request = outcome(bridge.client.request("x", "y"));
  bridge.losing(() => say("news", "lost"));
  for (let i = 0; i < 10_000; i++) say("news", String(i));
  expect(gaps).toEqual([lost("news")]);
  expect(await request).toBe("connectionLost");
  expect(got).toHaveLength(10_000);
  await bridge.resume();
  say("news", "more");
  expect(got.at(-1)).toBe("more");
});

it("tells the bridge what it has got, but not of a session that is not its own yet", async () => {
  const { listener: connection } = bridge.connection;
  expect(connection.acknowledged()).toBe(1);
  await subscribe("news");
  say("news", "a");
  expect(connection.acknowledged()).toBe(3);
  newSession();
  expect(connection.acknowledged()).toBe(0);
  await bridge.resume();
  expect(connection.acknowledged()).toBe(4);
});

describe("subscriptions of a session that is lost", () => {
  it("go on from the last message, also where asking has to be repeated", async () => {
    await subscribe("news", "a = 1");
    say("news", "a");
    newSession();
    await bridge.refuseToResume();
    say("news", "b");
    const { correlationId } = bridge.last("topicSubscribe").data;
    bridge.deliver({ correlationId, ...refused("brokerUnavailable", true) });
    await vi.advanceTimersByTimeAsync(1000);
    expect(bridge.last("topicSubscribe").data).toMatchObject({
      selector: "a = 1",
      resumeFrom: { news: "ID:b" },
    });
    await bridge.answer("topicSubscribe", { recoveredTopics: ["news"] });
    expect(gaps).toEqual([]);
  });

  it("are asked for once, whatever became of the asking before", async () => {
    await subscribe("news");
    say("news", "a");
    newSession();
    await bridge.refuseToResume();
    newSession();
    await bridge.refuseToResume();
    await bridge.answer("topicSubscribe");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(bridge.sentOf("topicSubscribe")).toHaveLength(3);
  });

  it("are asked for again where the bridge can't subscribe them for now", async () => {
    await subscribe(["news", "quiet"]);
    const revoked = vi.fn();
    bridge.client.on("revoked", revoked);
    newSession();
    await bridge.refuseToResume();
    await bridge.answer("topicSubscribe", {
      failedTopics: ["news"],
      topicErrors: ["brokerUnavailable::no broker"],
      topicTemporary: [true],
    });
    expect(gaps).toEqual([lost("quiet")]);
    await vi.advanceTimersByTimeAsync(1000);
    expect(bridge.sentOf("topicSubscribe")).toHaveLength(3);
    expect(bridge.last("topicSubscribe").data).toMatchObject({ topics: ["news"] });
    await bridge.answer("topicSubscribe");
    expect(gaps).toEqual([lost("quiet"), lost("news")]);
    say("news", "a");
    expect(got).toEqual(["a"]);
    expect(revoked).not.toHaveBeenCalled();
  });

  it("have a gap where the bridge says so", async () => {
    await subscribe("news");
    say("news", "a");
    newSession();
    await bridge.refuseToResume();
    const reason = "notRecoverable";
    bridge.deliver({ type: "gap", topics: [{ topic: "news", lost: null }], reason });
    await bridge.answer("topicSubscribe");
    expect(gaps).toEqual([{ topics: [{ topic: "news", lost: null }], reason }]);
  });

  it("have a gap where the last message had no id", async () => {
    await subscribe("news");
    say("news", "a");
    bridge.deliver({ properties: { type: "topicMessage", topic: "news" }, body: "b" });
    newSession();
    await bridge.refuseToResume();
    expect(bridge.last("topicSubscribe").data).not.toHaveProperty("resumeFrom");
    expect(gaps).toEqual([]);
    await bridge.answer("topicSubscribe");
    expect(gaps).toEqual([lost("news")]);
  });
});

it("leaves a publish to its receipt", async () => {
  const published = outcome(bridge.client.publish("x", "y"));
  const { receipt } = bridge.last();
  newSession();
  await bridge.refuseToResume();
  receipt({ kind: "unknown", message: "cut" });
  expect(await published).toBe("connectionLost");
});
