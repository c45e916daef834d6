import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LongspanClient, type QueueMessage, type TransportName } from "../../src/index.js";
import { WebSocket } from "ws";
import type { WebSocketLike } from "../../src/index.js";
import { eventually } from "../eventually.js";

// The queues jobs/{job} of the demo.

const { LONGSPAN_URL = "" } = process.env;
const url = new URL("cometd", LONGSPAN_URL).href;
const quiet = () => undefined;

let queue: string;
let alice: LongspanClient;
let bob: LongspanClient;
/** Bob's open connections. */
let sockets: WebSocket[];
let requests: AbortController;

describe.each<TransportName>(["websocket", "long-polling"])("over %s", (transport) => {
  const client = (user: string, options = {}) =>
    new LongspanClient({
      ...{ url, user, password: user, transports: [transport] },
      ...{ reconnect: { initial: 50, max: 200 } },
      logger: { debug: quiet, info: quiet, warn: quiet, error: console.error },
      ...options,
    });

  beforeEach(async () => {
    queue = `jobs/${crypto.randomUUID()}`;
    sockets = [];
    requests = new AbortController();
    alice = client("alice");
    bob = client("bob", {
      webSocket: (to: string, headers: Record<string, string>) => {
        sockets.push(new WebSocket(to, { headers }));
        return sockets.at(-1) as unknown as WebSocketLike;
      },
      fetch: (input: string, init: RequestInit) => {
        const signal = AbortSignal.any([requests.signal, init.signal!]);
        return fetch(input, { ...init, signal });
      },
    });
    await Promise.all([alice.connect(), bob.connect()]);
  });

  afterEach(async () => {
    await Promise.all([alice.disconnect(), bob.disconnect()]);
  });

  const send = async (...bodies: string[]) => {
    for (const body of bodies) await alice.publish(queue, body);
  };

  it("acknowledges what is processed, and gets again what is not", async () => {
    const bodies = Array.from({ length: 10 }, (_, i) => `job ${i}`);
    await send(...bodies);
    const got: string[] = [];
    const handler = (message: QueueMessage) => {
      got.push(`${message.text()}:${message.deliveryCount}`);
      if (got.at(-1) === "job 3:1") throw new Error("no");
    };
    const subscription = await bob.queueSubscribe(queue, handler, { prefetch: 3 });
    const expected = [...bodies.map((body) => `${body}:1`), "job 3:2"].sort();
    await eventually(() => expect([...got].sort()).toEqual(expected));
    await subscription.unsubscribe();
  });

  it("rejects to the dead letters, releases for later, and acknowledges, in a loop", async () => {
    await send("broken", "later", "now");
    const outcomes: [unknown, boolean][] = [];
    for await (const message of bob.queueStream(queue)) {
      const { body, deliveryCount } = message;
      if (body === "broken") outcomes.push([body, await message.reject("no")]);
      else if (body === "now") outcomes.push([body, await message.acknowledge()]);
      else if (deliveryCount === 1) outcomes.push([body, await message.release({ delay: 200 })]);
      else {
        outcomes.push(["again", await message.acknowledge()]);
        break;
      }
    }
    expect(outcomes).toEqual([
      ["broken", true],
      ["later", true],
      ["now", true],
      ["again", true],
    ]);
  });

  it("keeps what it processes while the network is broken", async () => {
    await send("a");
    let release = quiet as () => void;
    const handled: (boolean | string)[] = [];
    await bob.queueSubscribe(queue, async (message) => {
      handled.push(message.text());
      await new Promise<void>((resolve) => (release = resolve));
      handled.push(await message.acknowledge());
    });
    await eventually(() => expect(handled).toEqual(["a"]));
    for (const socket of sockets) socket.terminate();
    requests.abort();
    requests = new AbortController();
    release();
    await eventually(() => expect(handled).toEqual(["a", true]));
    await send("b");
    await eventually(() => expect(handled).toEqual(["a", true, "b"]));
    release();
    await eventually(() => expect(handled).toEqual(["a", true, "b", true]));
  });

  it("gives to another client what it has not acknowledged when it ends", async () => {
    await send("a");
    const [first] = await new Promise<[QueueMessage]>((resolve) => {
      void bob.queueSubscribe(queue, (message) => {
        resolve([message]);
        return new Promise(() => undefined);
      });
    });
    await bob.disconnect();
    expect(await first.acknowledge()).toBe(false);
    const got: unknown[] = [];
    await alice.queueSubscribe(queue, ({ body, deliveryCount }) => got.push([body, deliveryCount]));
    await eventually(() => expect(got).toEqual([["a", 2]]));
  });

  it("refuses what may not be received", async () => {
    const refused = bob.queueSubscribe("services/echo", quiet);
    await expect(refused).rejects.toMatchObject({ bridgeCode: "notAuthorized" });
  });
});
