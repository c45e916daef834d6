import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import {
  LongspanClient,
  type ClientOptions,
  type OpenWebSocket,
  type WebSocketLike,
} from "../../src/index.js";
import { BayeuxPeer, type BayeuxMessage } from "../peer/bayeux-peer.js";
import { eventually } from "../eventually.js";

// What a server or a proxy says that Bayeux does not expect.

let peer: BayeuxPeer;
let alice: LongspanClient;
let statuses: string[];
let errors: unknown[];

beforeEach(async () => {
  peer = await BayeuxPeer.start();
  statuses = [];
  errors = [];
});

afterEach(async () => {
  await alice.disconnect();
  await peer.stop();
  expect(errors).toEqual([]);
});

function client(options: ClientOptions): LongspanClient {
  const quiet = () => undefined;
  alice = new LongspanClient({
    ...{ url: peer.url, user: "alice", password: "alice", reconnect: { initial: 10, max: 10 } },
    logger: { debug: quiet, info: quiet, warn: quiet, error: (...args) => errors.push(args) },
    ...options,
  });
  alice.on("status", ({ status }) => statuses.push(status));
  return alice;
}

async function listening(): Promise<unknown[]> {
  const got: unknown[] = [];
  await alice.topicSubscribe("news", ({ body }) => got.push(body));
  return got;
}

describe("over WebSocket", () => {
  const sockets: WebSocket[] = [];
  const webSocket: OpenWebSocket = (url, headers) => {
    sockets.push(new WebSocket(url, { headers: { ...headers } }));
    return sockets.at(-1) as unknown as WebSocketLike;
  };
  const options: ClientOptions = { webSocket, transports: ["websocket"] };

  it.each(["<html>", "", "1", "null", '"x"', "{}", "[null]"])(
    "survives %j, and misses nothing",
    async (text) => {
      await client(options).connect();
      const got = await listening();
      sockets.at(-1)!.emit("message", Buffer.from(text), false);
      peer.say("news", "a");
      await eventually(() => expect(got).toEqual(["a"]));
      expect((await alice.request("services/echo", "x")).text()).toBe("x");
    },
  );

  it("reconnects after what is no JSON", async () => {
    await client(options).connect();
    // Until a connect is held.
    const holds = ({ channel, advice }: BayeuxMessage) =>
      channel === "/meta/connect" && advice === undefined;
    await eventually(() =>
      expect(peer.requests.some(({ messages }) => messages.some(holds))).toBe(true),
    );
    sockets.at(-1)!.emit("message", Buffer.from("<html>"), false);
    await eventually(() => expect(statuses.slice(2)).toEqual(["reconnecting", "connected"]));
  });

  it("takes long polling where a WebSocket cannot even be made", async () => {
    const refused = () => {
      throw new DOMException("The operation is insecure", "SecurityError");
    };
    await client({ webSocket: refused }).connect();
    expect(alice.transport).toBe("long-polling");
  });

  it("says why where there is nothing else", async () => {
    const refused = () => {
      throw new DOMException("The operation is insecure", "SecurityError");
    };
    const connecting = client({
      webSocket: refused,
      transports: ["websocket"],
      connectTimeout: 50,
    });
    await expect(connecting.connect()).rejects.toThrow(/insecure/);
  });
});

describe("over long polling", () => {
  /** Changes the replies of the next request to a URL that ends so. */
  let change: { end: string; to: (replies: BayeuxMessage[]) => string } | undefined;
  const fetch: ClientOptions["fetch"] = async (input, init) => {
    const response = await globalThis.fetch(input, init);
    if (change === undefined || !(input as string).endsWith(change.end)) return response;
    const { to } = change;
    change = undefined;
    const { headers } = response;
    return new Response(to((await response.json()) as BayeuxMessage[]), { headers });
  };
  const options: ClientOptions = { fetch, transports: ["long-polling"] };

  it.each(["<html>", "", "[]", "{}", "[null]"])("survives %j in a poll", async (text) => {
    peer.hold = 50;
    await client({ ...options, networkTimeout: 200 }).connect();
    const got = await listening();
    change = { end: "/connect", to: () => text };
    await eventually(() => expect(statuses.slice(2)).toEqual(["reconnecting", "connected"]));
    peer.say("news", "a");
    await eventually(() => expect(got).toEqual(["a"]));
  });

  it("refuses a server that knows none of its transports", async () => {
    const to = ([reply]: BayeuxMessage[]) =>
      JSON.stringify([{ ...reply, supportedConnectionTypes: ["callback-polling"] }]);
    change = { end: "/handshake", to };
    await expect(client(options).connect()).rejects.toMatchObject({ bridgeCode: "transport" });
  });

  it("ignores the reply to another handshake", async () => {
    const to = ([reply]: BayeuxMessage[]) => JSON.stringify([{ ...reply, id: "0" }]);
    change = { end: "/handshake", to };
    await client(options).connect();
    expect(peer.sessions.size).toBe(2);
  });

  it("fails what waits for a request that fails, without sending it", async () => {
    await client(options).connect();
    change = { end: "/", to: () => "<html>" };
    const outcomes = ["a", "b", "c"].map((body) =>
      alice.publish("news", body).then(
        () => "sent",
        (error: unknown) => (error as { code: string }).code,
      ),
    );
    expect(await Promise.all(outcomes)).toEqual(["connectionLost", "notSent", "notSent"]);
    await alice.publish("news", "d");
  });

  it("adds the type of a message to the path, but not to the name of a file", async () => {
    await client(options).connect();
    expect(peer.requests[0]?.url).toBe("/cometd/handshake");
    await alice.disconnect();
    peer.requests.length = 0;
    await client({ ...options, url: new URL("/bridge.cometd", peer.url).href }).connect();
    expect(new Set(peer.requests.map(({ url }) => url))).toEqual(new Set(["/bridge.cometd"]));
  });
});

it("sends what a batch has sent before it throws", async () => {
  await client({ transports: ["websocket"] }).connect();
  const got = await listening();
  expect(() =>
    alice.batch(() => {
      void alice.publish("news", "a");
      throw new Error("no");
    }),
  ).toThrow("no");
  await eventually(() => expect(got).toEqual(["a"]));
});
