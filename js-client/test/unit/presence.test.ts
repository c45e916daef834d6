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

it("shares a subscription with listeners without presence, but not the other way", async () => {
  await watch();
  await present();
  const second = await bridge.client.topicSubscribe("chat/a", vi.fn());
  expect(second.topics).toEqual(["chat/a"]);
  const plain = bridge.client.topicSubscribe("chat/b", vi.fn());
  await bridge.answer("topicSubscribe");
  await plain;
  const refused = bridge.client.topicSubscribe("chat/b", vi.fn(), { presence: true });
  await expect(refused).rejects.toMatchObject({ code: "subscribeFailed" });
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
