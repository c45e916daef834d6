import { beforeEach, expect, it, vi } from "vitest";
import type { PresenceEvent } from "../../src/index.js";
import { FakeBridge, settled } from "./fake-bridge.js";

let bridge: FakeBridge;
let events: PresenceEvent[];

beforeEach(async () => {
  bridge = new FakeBridge();
  events = [];
  bridge.client.on("presence", (event) => events.push(event));
  await bridge.connect();
  return () => bridge.client.disconnect();
});

async function watch() {
  const subscribing = bridge.client.topicSubscribe("chat/a", vi.fn(), { presence: true });
  await settled();
  expect(bridge.last("topicSubscribe").data).toMatchObject({ presence: true });
  await bridge.answer("topicSubscribe");
  return subscribing;
}

const present = (...users: string[]) =>
  bridge.answer("presence", { topics: [{ topic: "chat/a", clients: users.length, users }] });

const notice = (joined: string[], left: string[] = []) =>
  bridge.deliver({ type: "presence", topic: "chat/a", joined, left });

it("tells who is present, and who joins and leaves", async () => {
  await watch();
  await present("alice", "bob");
  notice(["carol"], ["bob"]);
  expect(events).toEqual([
    { topic: "chat/a", users: ["alice", "bob"], joined: ["alice", "bob"], left: [] },
    { topic: "chat/a", users: ["alice", "carol"], joined: ["carol"], left: ["bob"] },
  ]);
});

it("applies the notices around the answer, whatever the answer includes", async () => {
  await watch();
  notice(["carol"]);
  notice([], ["bob"]);
  const answered = present("alice", "bob");
  // In the same frame as the answer.
  notice(["dave"], ["alice"]);
  await answered;
  expect(events.map(({ users }) => users)).toEqual([["carol", "dave"]]);
});

it("asks again after a gap and in a new session, and tells the difference", async () => {
  await watch();
  await present("alice", "bob");
  const topics = [{ topic: "chat/a", lost: null }];
  bridge.deliver({ type: "gap", topics, reason: "slowConsumer" });
  await present("alice");
  expect(events.at(-1)).toMatchObject({ users: ["alice"], left: ["bob"] });
  bridge.openSession();
  await bridge.refuseToResume();
  expect(bridge.last("topicSubscribe").data).toMatchObject({ presence: true });
  await bridge.answer("topicSubscribe");
  await present("alice", "carol");
  expect(events.at(-1)).toMatchObject({ joined: ["carol"], left: [] });
  expect(events).toHaveLength(3);
});

it("tells nothing after the end", async () => {
  const ended = vi.fn();
  bridge.client.on("presenceEnded", ended);
  const subscription = await watch();
  await present("alice");
  bridge.deliver({ type: "presenceEnded", topics: ["chat/a"], reason: "accessRevoked" });
  expect(ended).toHaveBeenCalledWith({ topics: ["chat/a"], reason: "accessRevoked" });
  notice(["bob"]);
  const left = subscription.unsubscribe();
  await bridge.answer("topicUnsubscribe");
  await left;
  notice(["carol"]);
  expect(events).toHaveLength(1);
});

it("asks again after messages of the bridge were lost", async () => {
  await watch();
  await present("alice");
  bridge.losing(() => notice(["bob"]));
  for (let i = 0; i < 20_000; i++) bridge.deliver({ type: "presence", topic: "chat/b" });
  await present("alice", "bob");
  expect(events.at(-1)).toMatchObject({ joined: ["bob"], left: [] });
});

it("tells each further listener who is present", async () => {
  await watch();
  await present("alice");
  const second = await bridge.client.topicSubscribe("chat/a", vi.fn(), { presence: true });
  expect(second.topics).toEqual(["chat/a"]);
  await present("alice");
  expect(bridge.sentOf("topicSubscribe")).toHaveLength(1);
  expect(events.at(-1)).toEqual({ topic: "chat/a", users: ["alice"], joined: [], left: [] });
  expect(events).toHaveLength(2);
});

it("shares a subscription with listeners without presence", async () => {
  await watch();
  const second = await bridge.client.topicSubscribe("chat/a", vi.fn());
  expect(second.topics).toEqual(["chat/a"]);
});

it("asks for the presence of a topic that is subscribed without it", async () => {
  const plain = bridge.client.topicSubscribe("chat/a", vi.fn());
  await bridge.answer("topicSubscribe");
  await plain;
  await watch();
  await present("alice");
  expect(events).toMatchObject([{ users: ["alice"] }]);
  bridge.openSession();
  await bridge.refuseToResume();
  expect(bridge.last("topicSubscribe").data).toMatchObject({ presence: true });
});

it("keeps the other listeners of a topic whose presence is refused", async () => {
  const plain = bridge.client.topicSubscribe("chat/a", vi.fn());
  await bridge.answer("topicSubscribe");
  await plain;
  const refused = bridge.client.topicSubscribe("chat/a", vi.fn(), { presence: true });
  const rejected = expect(refused).rejects.toMatchObject({ code: "subscribeFailed" });
  await settled();
  await bridge.answer("topicSubscribe", {
    ...{ status: "failed", failedTopics: ["chat/a"] },
    ...{ topicErrors: ["notAuthorized:no"], topicTemporary: [false] },
  });
  await rejected;
  expect((await plain).topics).toEqual(["chat/a"]);
  expect(bridge.sentOf("topicUnsubscribe")).toEqual([]);
});

it("keeps the topic in a new session after the right to see presence is gone", async () => {
  await watch();
  await present("alice");
  bridge.deliver({ type: "presenceEnded", topics: ["chat/a"], reason: "accessRevoked" });
  bridge.openSession();
  await bridge.refuseToResume();
  expect(bridge.last("topicSubscribe").data).not.toHaveProperty("presence");
});

it("asks once", async () => {
  const asked = bridge.client.presence("chat/a");
  await present("alice");
  expect(await asked).toEqual({ topic: "chat/a", clients: 1, users: ["alice"] });
  const refused = bridge.client.presence("secret");
  const rejected = expect(refused).rejects.toMatchObject({ bridgeCode: "notAuthorized" });
  await bridge.answer("presence", {
    ...{ status: "failed", topics: [] },
    ...{ failedTopics: ["secret"], topicErrors: ["notAuthorized:no"], topicTemporary: [false] },
  });
  await rejected;
  await settled();
});
