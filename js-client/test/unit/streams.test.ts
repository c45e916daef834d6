import { describe, expect, it } from "vitest";
import { from, take, toArray } from "rxjs";
import { eventFeed, topicFeed } from "../../src/streams.js";
import { FakeBridge, settled } from "./fake-bridge.js";

const news = (bridge: FakeBridge, body: string) =>
  bridge.deliver({ properties: { type: "topicMessage", topic: "news" }, body });

async function connected(): Promise<FakeBridge> {
  const bridge = new FakeBridge();
  await bridge.connect();
  return bridge;
}

describe("a feed", () => {
  it("gives the messages of a topic to a loop, and ends with it", async () => {
    const bridge = await connected();
    const got: unknown[] = [];
    const loop = (async () => {
      for await (const { body } of topicFeed(bridge.client, "news")) {
        if (got.push(body) === 2) break;
      }
    })();
    await bridge.answer("topicSubscribe");
    for (const body of ["a", "b"]) news(bridge, body);
    await loop;
    await settled();
    expect(got).toEqual(["a", "b"]);
    expect(bridge.sentOf("topicUnsubscribe")).toHaveLength(1);
  });

  it("is an observable for RxJS", async () => {
    const bridge = await connected();
    const two: unknown[][] = [];
    from(topicFeed(bridge.client, "news"))
      .pipe(take(2), toArray())
      .subscribe((messages) => two.push(messages.map(({ body }) => body)));
    await bridge.answer("topicSubscribe");
    for (const body of ["a", "b", "c"]) news(bridge, body);
    await settled();
    expect(two).toEqual([["a", "b"]]);
    expect(bridge.sentOf("topicUnsubscribe")).toHaveLength(1);
  });

  it("fails when the topic is refused, and when it is revoked", async () => {
    const bridge = await connected();
    const errors: unknown[] = [];
    const error = (problem: unknown) => errors.push((problem as Error).message);
    from(topicFeed(bridge.client, "news")).subscribe({ error });
    await bridge.answer("topicSubscribe", { failedTopics: ["news"], topicErrors: ["no"] });
    from(topicFeed(bridge.client, "news")).subscribe({ error });
    await bridge.answer("topicSubscribe");
    bridge.deliver({ type: "topicUnsubscribed", topics: ["news"], reason: "accessRevoked" });
    await settled();
    expect(errors).toEqual(["news: no", "The bridge has ended it: accessRevoked"]);
  });

  it("gives events, and `await using` ends a loop", async () => {
    const bridge = await connected();
    const statuses = eventFeed(bridge.client, "status")[Symbol.asyncIterator]();
    const next = statuses.next();
    await bridge.client.disconnect();
    expect((await next).value?.status).toBe("disconnected");
    await statuses[Symbol.asyncDispose]();
    expect(await statuses.next()).toEqual({ done: true, value: undefined });
  });
});
