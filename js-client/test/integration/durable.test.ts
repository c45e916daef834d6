import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LongspanClient, type TransportName } from "../../src/index.js";
import { eventually } from "../eventually.js";

// The topics notes/{topic} of the demo, which can have durable subscriptions.

const { LONGSPAN_URL = "" } = process.env;
const url = new URL("cometd", LONGSPAN_URL).href;
const quiet = () => undefined;
const durable = "archive";

let topic: string;
let alice: LongspanClient;
let bob: LongspanClient;

describe.each<TransportName>(["websocket", "long-polling"])("over %s", (transport) => {
  const client = (user: string) =>
    new LongspanClient({
      ...{ url, user, password: user, transports: [transport] },
      logger: { debug: quiet, info: quiet, warn: quiet, error: console.error },
    });

  beforeEach(async () => {
    topic = `notes/${crypto.randomUUID()}`;
    alice = client("alice");
    bob = client("bob");
    await Promise.all([alice.connect(), bob.connect()]);
  });

  afterEach(async () => {
    await alice.topicUnsubscribe(topic, { forget: true, durable });
    await Promise.all([alice.disconnect(), bob.disconnect()]);
  });

  const publish = async (...bodies: string[]) => {
    for (const body of bodies) await bob.publish(topic, body);
  };

  it("gets what was published while it was away, in order", async () => {
    const got: unknown[] = [];
    const listener = ({ body }: { body: unknown }) => got.push(body);
    await alice.topicSubscribe(topic, listener, { durable });
    await publish("1", "2");
    await eventually(() => expect(got).toEqual(["1", "2"]));
    await alice.disconnect();
    await publish("3", "4");
    await alice.connect();
    await alice.topicSubscribe(topic, listener, { durable });
    await eventually(() => expect(got).toEqual(["1", "2", "3", "4"]));
  });

  it("gets a message again before the next one if its listener rejects", async () => {
    const got: unknown[] = [];
    const listener = ({ body }: { body: unknown }) => {
      got.push(body);
      if (got.length === 1) throw new Error("no");
    };
    await alice.topicSubscribe(topic, listener, { durable });
    await publish("1", "2");
    await eventually(() => expect(got).toEqual(["1", "1", "2"]));
  });

  it("is taken over by a newer session, which gets what was not acknowledged", async () => {
    const first: unknown[] = [];
    const revoked = vi.fn();
    alice.on("revoked", revoked);
    const never = new Promise(quiet);
    await alice.topicSubscribe(
      topic,
      ({ body }) => {
        first.push(body);
        return never;
      },
      { durable },
    );
    await publish("1", "2");
    await eventually(() => expect(first).toEqual(["1"]));
    const newer = client("alice");
    await newer.connect();
    const second: unknown[] = [];
    await newer.topicSubscribe(topic, ({ body }) => second.push(body), { durable });
    await eventually(() => expect(second).toEqual(["1", "2"]));
    expect(revoked.mock.calls).toEqual([[{ topics: [topic], reason: "takenOver" }]]);
    await newer.disconnect();
  });

  it("keeps nothing once it is forgotten", async () => {
    const got: unknown[] = [];
    const listener = ({ body }: { body: unknown }) => got.push(body);
    const subscription = await alice.topicSubscribe(topic, listener, { durable });
    await subscription.unsubscribe();
    await publish("1");
    await alice.topicUnsubscribe(topic, { forget: true, durable });
    await alice.topicSubscribe(topic, listener, { durable });
    await publish("2");
    await eventually(() => expect(got).toEqual(["2"]));
  });
});
