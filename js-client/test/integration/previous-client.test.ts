import { afterEach, describe, expect, it } from "vitest";
import type { BridgeMessage, LongspanClient as Client, TransportName } from "../../src/index.js";
import { LongspanClient } from "../previous/longspan-1.1.mjs";
import { eventually } from "../eventually.js";

// An application that was not upgraded with its bridge: the client of protocol 1.1 against this bridge.

const { LONGSPAN_URL = "", LONGSPAN_TOPIC = "chat/lobby" } = process.env;
const clients: Client[] = [];

function client(user: string, transports: TransportName[]): Client {
  const url = new URL("cometd", LONGSPAN_URL).href;
  const made = new LongspanClient({ url, user, password: user, transports });
  clients.push(made);
  return made;
}

afterEach(async () => {
  await Promise.all(clients.splice(0).map((each) => each.disconnect()));
});

describe.each<TransportName>(["websocket", "long-polling"])("the previous client, %s", (name) => {
  it("sends requests, publishes, subscribes and unsubscribes", async () => {
    const [alice, bob] = [client("alice", [name]), client("bob", [name])];
    const info = await alice.connect();
    await bob.connect();
    expect(info.bridgeId).toBeTruthy();
    expect((await alice.request("services/echo", "grüß €")).text()).toBe("grüß €");
    const got: BridgeMessage[] = [];
    const subscription = await bob.topicSubscribe(LONGSPAN_TOPIC, (each) => got.push(each));
    const body = `previous ${Date.now()}`;
    await alice.publish(LONGSPAN_TOPIC, body);
    await eventually(() => expect(got.map((each) => each.text())).toContain(body));
    await subscription.unsubscribe();
  });

  it("is told what it may not do", async () => {
    const alice = client("alice", [name]);
    await alice.connect();
    await expect(alice.publish("nothing/of/this/name", "x")).rejects.toMatchObject({
      code: "refused",
      bridgeCode: "notAuthorized",
    });
    await expect(alice.topicSubscribe("nothing/here", () => undefined)).rejects.toMatchObject({
      code: "subscribeFailed",
    });
  });
});
