import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LongspanClient, type ClientOptions, type TransportName } from "../../src/index.js";
import { Proxy } from "../browser/proxy.js";
import { eventually } from "../eventually.js";

// Numbered messages through a network that fails at random moments, against a running bridge.

const { LONGSPAN_URL = "", LONGSPAN_ALICE = "alice:alice", LONGSPAN_BOB = "bob:bob" } = process.env;
const { LONGSPAN_TOPIC = "chat/lobby" } = process.env;

let proxy: Proxy;
const clients: LongspanClient[] = [];

beforeEach(async () => {
  proxy = await Proxy.start(LONGSPAN_URL);
});

afterEach(async () => {
  await Promise.all(clients.splice(0).map((each) => each.disconnect()));
  await proxy.stop();
});

async function client(who: string, base: string, options: ClientOptions): Promise<LongspanClient> {
  const [user = "", password] = who.split(":");
  const url = new URL("cometd", base).href;
  const reconnect = { initial: 10, max: 100 };
  const made = new LongspanClient({ url, user, password, reconnect, ...options });
  clients.push(made);
  await made.connect();
  return made;
}

/** A random number generator that can be repeated. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

const wait = (ms: number) => new Promise((done) => setTimeout(done, ms));

describe.each<TransportName>(["websocket", "long-polling"])("over %s", (name) => {
  it("every message comes once and in order, whenever the network fails", async () => {
    const seed = Date.now() % 2 ** 31;
    const next = random(seed);
    const alice = await client(LONGSPAN_ALICE, proxy.url, { transports: [name] });
    const bob = await client(LONGSPAN_BOB, LONGSPAN_URL, {});
    const got: string[] = [];
    const gaps: unknown[] = [];
    alice.on("gap", (gap) => gaps.push(gap));
    await alice.topicSubscribe(LONGSPAN_TOPIC, (each) => got.push(each.text()));
    const said: string[] = [];
    const outcomes: Promise<string>[] = [];
    const asked: string[] = [];
    for (let round = 0; round < 60; round++) {
      // The network fails in any moment of the next ones.
      const failure = wait(next() * 30).then(async () => {
        if (round % 3 !== 0) return;
        proxy.losing = next() < 0.7;
        await wait(next() * 20);
        proxy.cut();
        proxy.losing = false;
      });
      for (let more = next() * 5; more > 0; more--) {
        said.push(String(said.length));
        await bob.publish(LONGSPAN_TOPIC, said.at(-1)!);
      }
      if (alice.status === "connected") {
        asked.push(String(round));
        outcomes.push(
          alice.request("services/echo", String(round)).then(
            (answer) => answer.text(),
            (error: unknown) => (error as { code: string }).code,
          ),
        );
      }
      await failure;
    }
    await eventually(() => expect(got.length).toBeGreaterThanOrEqual(said.length));
    expect(got, `seed ${seed}`).toEqual(said);
    expect(gaps).toEqual([]);
    // A request whose message was lost on its way there can't be answered.
    await alice.disconnect();
    const answers = await Promise.all(outcomes);
    for (const [i, outcome] of answers.entries()) {
      expect([asked[i], "notSent", "cancelled"]).toContain(outcome);
    }
    expect(answers.some((answer) => asked.includes(answer))).toBe(true);
  });

  it("a message that can't be had any more is announced, where the session is gone", async () => {
    const alice = await client(LONGSPAN_ALICE, proxy.url, { transports: [name] });
    const bob = await client(LONGSPAN_BOB, LONGSPAN_URL, {});
    const got: string[] = [];
    const gaps: string[] = [];
    let clientId = "";
    alice.on("gap", ({ reason }) => gaps.push(reason));
    await alice.topicSubscribe(LONGSPAN_TOPIC, (each) => {
      got.push(each.text());
      clientId ||= String(each.properties.bridgeClientId);
    });
    await alice.publish(LONGSPAN_TOPIC, "a");
    await eventually(() => expect(got).toEqual(["a"]));
    proxy.losing = true;
    await bob.publish(LONGSPAN_TOPIC, "b");
    // A poll is repeated over another connection, if there is one.
    proxy.network = "refuses";
    proxy.cut();
    await eventually(() => expect(alice.status).toBe("reconnecting"));
    await sayGoodbyeFor(clientId);
    proxy.network = "works";
    proxy.losing = false;
    await eventually(() => expect(alice.status).toBe("connected"));
    // The bridge has kept the topic, or it says that it has not.
    await eventually(() => expect(gaps.length > 0 || got.includes("b")).toBe(true));
    await eventually(async () => {
      await bob.publish(LONGSPAN_TOPIC, "c");
      expect(got).toContain("c");
    });
    expect(got.filter((body) => body !== "c")).toEqual(gaps.length > 0 ? ["a"] : ["a", "b"]);
  });
});

/** Ends alice's session behind the back of her client, for good. */
async function sayGoodbyeFor(clientId: string): Promise<void> {
  const response = await fetch(new URL("cometd", LONGSPAN_URL), {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      Authorization: `Basic ${Buffer.from(LONGSPAN_ALICE).toString("base64")}`,
    },
    body: JSON.stringify([{ channel: "/meta/disconnect", id: "1", clientId }]),
  });
  expect(await response.json()).toMatchObject([{ successful: true }]);
}
