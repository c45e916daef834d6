import { afterEach, describe, expect, it } from "vitest";
import {
  AuthenticationError,
  CancelledError,
  ConnectionLostError,
  LongspanClient,
  type BridgeMessage,
  type ClientOptions,
  type Status,
  type TransportName,
  type WebSocketLike,
} from "../../src/index.js";
import { WebSocket } from "ws";
import { eventually } from "../eventually.js";

// Against a running bridge with its demo configuration: LONGSPAN_URL=http://127.0.0.1:8080/

const { LONGSPAN_URL = "", LONGSPAN_TOPIC = "chat/lobby" } = process.env;
const user = (name: "ALICE" | "BOB") => {
  const [user, password] = (
    process.env[`LONGSPAN_${name}`] ?? `${name.toLowerCase()}:${name.toLowerCase()}`
  ).split(":");
  return { user, password };
};

const endpoint = () => new URL("cometd", LONGSPAN_URL).href;

const clients: LongspanClient[] = [];

function client(name: "ALICE" | "BOB", options: ClientOptions): LongspanClient {
  const made = new LongspanClient({
    url: endpoint(),
    ...user(name),
    ...options,
  });
  clients.push(made);
  return made;
}

/** A network that can be pulled out: what is open breaks, and nothing opens until it is back. */
class Network {
  readonly #sockets = new Set<WebSocket>();
  #out: AbortController = new AbortController();
  webSocketsBlocked = false;

  readonly options: Pick<ClientOptions, "fetch" | "webSocket"> = {
    webSocket: (url, headers) => {
      // Port 1 refuses.
      const refused = this.#out.signal.aborted || this.webSocketsBlocked;
      const socket = new WebSocket(refused ? "ws://127.0.0.1:1/" : url, { headers });
      this.#sockets.add(socket);
      return socket as unknown as WebSocketLike;
    },
    fetch: (input, init) => {
      const signals = [this.#out.signal, ...(init?.signal ? [init.signal] : [])];
      return fetch(input, { ...init, signal: AbortSignal.any(signals) });
    },
  };

  pull(): void {
    this.#out.abort();
    for (const socket of this.#sockets) socket.terminate();
    this.#sockets.clear();
  }

  plug(): void {
    this.#out = new AbortController();
  }
}

/** A subscription to the topic, and what it got. */
async function listening(subscriber: LongspanClient) {
  const got: unknown[] = [];
  const gaps: string[] = [];
  let clientId = "";
  subscriber.on("gap", ({ reason }) => gaps.push(reason));
  await subscriber.topicSubscribe(LONGSPAN_TOPIC, ({ body, correlationId = "" }) => {
    got.push(body);
    clientId = correlationId.split("-")[0] ?? "";
  });
  return { got, gaps, clientId: () => clientId };
}

const reaches = (subject: LongspanClient, status: Status) =>
  eventually(() => expect(subject.status).toBe(status));

/** Ends alice's session behind the back of her client. */
async function endSession(clientId: string): Promise<void> {
  const { user: name, password = "" } = user("ALICE");
  const response = await fetch(endpoint(), {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      Authorization: `Basic ${Buffer.from(`${name ?? ""}:${password}`).toString("base64")}`,
    },
    body: JSON.stringify([{ channel: "/meta/disconnect", id: "1", clientId }]),
  });
  expect(await response.json()).toMatchObject([{ successful: true }]);
}

afterEach(async () => {
  await Promise.all(clients.splice(0).map((each) => each.disconnect()));
});

describe.each<TransportName>(["websocket", "long-polling"])("a bridge over %s", (name) => {
  const transports = [name];

  it("connects and tells who the user is", async () => {
    const alice = client("ALICE", { transports });
    const info = await alice.connect();
    expect(info.userRoles.length).toBeGreaterThan(0);
    expect(info.bridgeId).toBeTruthy();
    expect(alice.status).toBe("connected");
  });

  it("answers a request with the same body", async () => {
    const alice = client("ALICE", { transports });
    await alice.connect();
    expect((await alice.request("services/echo", "grüß €")).text()).toBe("grüß €");
    const data = { a: [1, { b: null }], c: "ü" };
    expect((await alice.request("services/echo", data)).json()).toEqual(data);
  });

  it("answers many requests, each with its own answer", async () => {
    const alice = client("ALICE", { transports });
    await alice.connect();
    const bodies = Array.from({ length: 50 }, (_, i) => `body ${i}`);
    const answers: Promise<BridgeMessage>[] = [];
    alice.batch(() => {
      for (const body of bodies) answers.push(alice.request("services/echo", body));
    });
    expect((await Promise.all(answers)).map((each) => each.text())).toEqual(bodies);
  });

  it("delivers what one user publishes to another who subscribed", async () => {
    const [alice, bob] = [client("ALICE", { transports }), client("BOB", { transports })];
    await Promise.all([alice.connect(), bob.connect()]);
    const got: BridgeMessage[] = [];
    const subscription = await bob.topicSubscribe(LONGSPAN_TOPIC, (each) => got.push(each));
    const body = `hello ${Date.now()}`;
    await alice.publish(LONGSPAN_TOPIC, body, { properties: { lang: "en" } });
    await eventually(() => expect(got.map((each) => each.body)).toContain(body));
    expect(got[0]?.topic).toBe(LONGSPAN_TOPIC);
    expect(got[0]?.properties.lang).toBe("en");
    await subscription.unsubscribe();
    expect(subscription.topics).toEqual([]);
  });

  it("refuses what is not in the catalogue", async () => {
    const alice = client("ALICE", { transports });
    await alice.connect();
    await expect(alice.publish("no/such/thing", "x")).rejects.toMatchObject({
      code: "refused",
      bridgeCode: "notAuthorized",
    });
    await expect(alice.topicSubscribe("no/such/topic", () => undefined)).rejects.toMatchObject({
      code: "subscribeFailed",
    });
  });

  it("refuses wrong credentials", async () => {
    const wrong = client("ALICE", { transports, password: "wrong" });
    await expect(wrong.connect()).rejects.toBeInstanceOf(AuthenticationError);
  });

  it("cancels a request by its signal", async () => {
    const alice = client("ALICE", { transports });
    await alice.connect();
    const controller = new AbortController();
    const { signal } = controller;
    const request = alice.request("services/echo", "x", { signal });
    controller.abort();
    await expect(request).rejects.toBeInstanceOf(CancelledError);
    expect((await alice.request("services/echo", "y")).text()).toBe("y");
  });

  it("goes on in the same session after the network was out, and misses nothing", async () => {
    const network = new Network();
    const alice = client("ALICE", { transports, ...network.options });
    const bob = client("BOB", { transports });
    await Promise.all([alice.connect(), bob.connect()]);
    const { got, gaps } = await listening(alice);
    const open = alice.request(LONGSPAN_TOPIC, "nobody answers");
    open.catch(() => undefined);
    await eventually(() => expect(got).toEqual(["nobody answers"]));
    // The message can be here before its receipt; what is sent next is not.
    await alice.request("services/echo", "x");
    network.pull();
    await reaches(alice, "reconnecting");
    await bob.publish(LONGSPAN_TOPIC, "while it was out");
    network.plug();
    await reaches(alice, "connected");
    await bob.publish(LONGSPAN_TOPIC, "afterwards");
    await eventually(() =>
      expect(got).toEqual(["nobody answers", "while it was out", "afterwards"]),
    );
    expect(gaps).toEqual([]);
    await alice.disconnect();
    // It was open all the time.
    await expect(open).rejects.toBeInstanceOf(CancelledError);
  });

  it("makes a new session when the bridge no longer has the old one", async () => {
    const network = new Network();
    const alice = client("ALICE", { transports, ...network.options });
    await alice.connect();
    const { got, gaps, clientId } = await listening(alice);
    const requests = [1, 2, 3].map((body) => alice.request(LONGSPAN_TOPIC, body));
    const outcomes = Promise.allSettled(requests);
    await eventually(() => expect(got).toEqual(["1", "2", "3"]));
    const statuses: Status[] = [];
    alice.on("status", ({ status }) => statuses.push(status));
    network.pull();
    await reaches(alice, "reconnecting");
    await endSession(clientId());
    network.plug();
    for (const outcome of await outcomes) {
      expect(outcome).toMatchObject({ reason: expect.any(ConnectionLostError) as unknown });
    }
    await reaches(alice, "connected");
    expect(statuses).toEqual(["reconnecting", "connected"]);
    // Until the subscription is there again.
    await eventually(async () => {
      await alice.publish(LONGSPAN_TOPIC, "new session");
      expect(got).toContain("new session");
    });
    // The bridge keeps the topic for a while: it goes on where it was.
    expect(gaps).toEqual([]);
  });

  it("stops, and says so, when the bridge ends the session for good", async () => {
    // Where no poll is held at that moment the next one finds no session, and the client begins another: then again.
    await eventually(async () => {
      const alice = client("ALICE", { transports });
      await alice.connect();
      const { got, clientId } = await listening(alice);
      const open = alice.request(LONGSPAN_TOPIC, "x");
      const lost = expect(open).rejects.toBeInstanceOf(ConnectionLostError);
      await eventually(() => expect(got).toContain("x"));
      const ends: unknown[] = [];
      alice.on("status", ({ status, error }) => ends.push([status, error?.name]));
      await endSession(clientId());
      await lost;
      expect(ends).toEqual([["disconnected", "ConnectionLostError"]]);
      await alice.connect();
    });
  });

  it("disconnects and can connect again", async () => {
    // Only the bridge's answers can end it in time.
    const alice = client("ALICE", { transports, closeTimeout: 600_000 });
    await alice.connect();
    await alice.disconnect();
    expect(alice.status).toBe("disconnected");
    await alice.connect();
    expect((await alice.request("services/echo", "x")).text()).toBe("x");
  });
});

describe("a network that begins to block WebSockets", () => {
  it("costs neither the session nor its subscriptions", async () => {
    const network = new Network();
    const alice = client("ALICE", { ...network.options, reconnect: { initial: 20, max: 200 } });
    const bob = client("BOB", {});
    await Promise.all([alice.connect(), bob.connect()]);
    const { got, gaps, clientId } = await listening(alice);
    alice.request(LONGSPAN_TOPIC, "by WebSocket").catch(() => undefined);
    await eventually(() => expect(got).toEqual(["by WebSocket"]));
    const before = clientId();
    network.pull();
    await reaches(alice, "reconnecting");
    await bob.publish(LONGSPAN_TOPIC, "between");
    network.webSocketsBlocked = true;
    network.plug();
    await reaches(alice, "connected");
    alice.request(LONGSPAN_TOPIC, "by long polling").catch(() => undefined);
    await eventually(() => expect(got).toEqual(["by WebSocket", "between", "by long polling"]));
    expect(clientId()).toBe(before);
    expect(gaps).toEqual([]);
  });
});
