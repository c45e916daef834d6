import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { WebSocket } from "ws";
import {
  AuthenticationError,
  ConnectionLostError,
  LongspanClient,
  NotSentError,
  RefusedError,
  type ClientOptions,
  type OpenWebSocket,
  type TransportName,
  type WebSocketLike,
} from "../../src/index.js";
import { BayeuxPeer } from "../peer/bayeux-peer.js";
import { eventually } from "../eventually.js";

// CometD itself, on real HTTP and real WebSockets.

let peer: BayeuxPeer;
const clients: LongspanClient[] = [];

function client(options: ClientOptions = {}): LongspanClient {
  const made = new LongspanClient({
    url: peer.url,
    user: "alice",
    password: "alice",
    reconnect: { initial: 20, max: 200 },
    ...options,
  });
  clients.push(made);
  return made;
}

/** Waits until the peer has taken a request with these channels. */
const seen = (...channels: string[]) =>
  eventually(() => {
    const request = peer.requests.find(
      ({ messages }) => messages.map(({ channel }) => channel).join() === channels.join(),
    );
    if (request === undefined) throw new Error(`not seen: ${channels.join()}`);
    return request;
  });

/** Subscribes to a topic. */
async function listening(subscriber: LongspanClient) {
  const got: unknown[] = [];
  const gaps: string[] = [];
  subscriber.on("gap", ({ reason }) => gaps.push(reason));
  await subscriber.topicSubscribe("news", ({ body }) => got.push(body));
  return { got, gaps };
}

beforeEach(async () => {
  peer = await BayeuxPeer.start();
});

afterEach(async () => {
  await Promise.all(clients.splice(0).map((each) => each.disconnect()));
  await peer.stop();
});

describe.each<TransportName>(["websocket", "long-polling"])("over %s", (name) => {
  const transports = [name];

  it("connects, asks, is answered and leaves nothing behind", async () => {
    const alice = client({ transports });
    const info = await alice.connect();
    expect(info.userRoles).toEqual(["trader", "user"]);
    const answer = await alice.request("services/echo", { greeting: "grüß €" });
    expect(answer.json()).toEqual({ greeting: "grüß €" });
    await alice.disconnect();
    expect(peer.sessions.size).toBe(0);
    expect(alice.status).toBe("disconnected");
    await alice.connect();
    expect((await alice.request("services/echo", "again")).text()).toBe("again");
  });

  it("receives what is published to a topic", async () => {
    const alice = client({ transports });
    const bob = client({ transports, user: "bob", password: "bob" });
    await Promise.all([alice.connect(), bob.connect()]);
    const bodies: unknown[] = [];
    await alice.topicSubscribe("news", ({ body }) => bodies.push(body));
    await bob.publish("news", "extra");
    await eventually(() => expect(bodies).toEqual(["extra"]));
  });

  it("refuses wrong credentials once, without trying again", async () => {
    const wrong = client({ transports, password: "wrong" });
    await expect(wrong.connect()).rejects.toBeInstanceOf(AuthenticationError);
    expect(wrong.status).toBe("disconnected");
    expect(peer.requests).toHaveLength(0);
  });

  it("sends credentials in UTF-8", async () => {
    await client({ transports, user: "zoë", password: "pä:ss" }).connect();
  });

  it("goes on in the same session after the network was cut, and gets what was under way", async () => {
    const alice = client({ transports });
    await alice.connect();
    const { got, gaps } = await listening(alice);
    const statuses: string[] = [];
    alice.on("status", ({ status }) => statuses.push(status));
    const [session] = peer.sessions.keys();
    peer.losing(() => peer.say("news", "a"));
    peer.say("news", "b");
    await eventually(() => expect(statuses).toEqual(["reconnecting", "connected"]));
    peer.say("news", "c");
    await eventually(() => expect(got).toEqual(["a", "b", "c"]));
    expect([...peer.sessions.keys()]).toEqual([session]);
    expect((await alice.request("services/echo", "x")).text()).toBe("x");
    expect(gaps).toEqual([]);
  });

  it("goes on in a new session where the bridge has kept what it had", async () => {
    const alice = client({ transports });
    await alice.connect();
    const { got, gaps } = await listening(alice);
    const open = alice.request("services/later", "x");
    const asked = await seen("/anzo/bridge");
    const [session] = peer.sessions.keys();
    const { properties } = asked.messages[0]?.data as { properties: { JMSCorrelationID: string } };
    peer.losing(() => peer.say("news", "a"));
    peer.lose();
    peer.say("news", "b");
    peer.push({ properties, body: "answer" });
    expect((await open).text()).toBe("answer");
    await eventually(() => expect(alice.status).toBe("connected"));
    peer.say("news", "c");
    await eventually(() => expect(got).toEqual(["a", "b", "c"]));
    expect([...peer.sessions.keys()]).not.toContain(session);
    expect(gaps).toEqual([]);
  });

  it("makes a new session with its subscriptions when the bridge has forgotten it", async () => {
    const alice = client({ transports });
    await alice.connect();
    const { got, gaps } = await listening(alice);
    await alice.topicSubscribe("quiet", () => undefined);
    peer.say("news", "a");
    await eventually(() => expect(got).toEqual(["a"]));
    const open = alice.request("services/silent", "x");
    const lost = expect(open).rejects.toBeInstanceOf(ConnectionLostError);
    await seen("/anzo/bridge");
    peer.forget();
    peer.say("news", "b");
    await lost;
    await eventually(() => expect(got).toEqual(["a", "b"]));
    await alice.publish("news", "back");
    await eventually(() => expect(got).toEqual(["a", "b", "back"]));
    // Of the other it is not known what may be missing.
    expect(gaps).toEqual(["sessionLost"]);
  });

  it("tells the bridge with each poll what it has got", async () => {
    const alice = client({ transports });
    await alice.connect();
    const { got } = await listening(alice);
    peer.say("news", "a");
    await eventually(() => expect(got).toEqual(["a"]));
    peer.cut();
    await eventually(() => {
      const polls = peer.requests.flatMap(({ messages }) =>
        messages.filter(({ channel }) => channel === "/meta/connect"),
      );
      expect(polls[0]?.ext).toMatchObject({ bridge: { seq: 0 } });
      expect(polls.at(-1)?.ext).toMatchObject({ bridge: { seq: 3 } });
    });
  });

  it("says the bridge's code of a refused publish", async () => {
    const alice = client({ transports });
    await alice.connect();
    peer.publishError = "notAuthorized:you may not: ever";
    const refused = alice.publish("x", "y");
    await expect(refused).rejects.toBeInstanceOf(RefusedError);
    await expect(refused).rejects.toMatchObject({
      bridgeCode: "notAuthorized",
      message: "you may not: ever",
      temporary: false,
    });
    peer.publishError = "internalError:the bridge itself failed";
    peer.publishTemporary = true;
    await expect(alice.publish("x", "y")).rejects.toMatchObject({
      bridgeCode: "internalError",
      temporary: true,
    });
  });

  it("refuses too large a message here, and keeps the connection", async () => {
    const alice = client({ transports });
    await alice.connect();
    const large = alice.request("services/echo", "x".repeat(70_000));
    await expect(large).rejects.toMatchObject({
      code: "refused",
      bridgeCode: "limitExceeded",
      temporary: false,
    });
    expect((await alice.request("services/echo", "x".repeat(50_000))).text()).toHaveLength(50_000);
  });

  it("sends what is batched together", async () => {
    const alice = client({ transports });
    await alice.connect();
    const answers: Promise<unknown>[] = [];
    alice.batch(() => {
      for (const body of ["a", "b", "c"]) answers.push(alice.request("services/echo", body));
    });
    await Promise.all(answers);
    expect(peer.requests.filter(({ messages }) => messages.length === 3)).toHaveLength(1);
  });

  it("can be disconnected while it reconnects", async () => {
    const alice = client({ transports });
    await alice.connect();
    await peer.stop();
    await eventually(() => expect(alice.status).toBe("reconnecting"));
    await expect(alice.publish("x", "y")).rejects.toBeInstanceOf(NotSentError);
    await alice.disconnect();
    expect(alice.status).toBe("disconnected");
    peer = await BayeuxPeer.start();
  });

  it("keeps trying until the server is there", async () => {
    const { port } = peer;
    await peer.stop();
    const alice = client({ transports, url: `http://127.0.0.1:${port}/cometd` });
    const connected = alice.connect();
    peer = await BayeuxPeer.start(port);
    await connected;
  });

  it("gives up after connectTimeout, and says what went wrong", async () => {
    await peer.stop();
    const alice = client({ transports, connectTimeout: 150 });
    const connected = alice.connect();
    await expect(connected).rejects.toBeInstanceOf(ConnectionLostError);
    await expect(connected).rejects.toThrow(name);
    expect(alice.status).toBe("disconnected");
    peer = await BayeuxPeer.start();
  });
});

it("asks for what a socket took with it between two polls, when nothing seemed to fail", async () => {
  peer.interval = 600_000;
  const alice = client({ transports: ["websocket"] });
  await alice.connect();
  const { got } = await listening(alice);
  const statuses: string[] = [];
  alice.on("status", ({ status }) => statuses.push(status));
  peer.losing(() => peer.say("news", "a"));
  // CometD notices when it sends next.
  await eventually(() => alice.publish("news", "b"));
  await eventually(() => expect(got).toEqual(["a", "b"]));
  expect(statuses).toEqual([]);
});

describe.each<TransportName>(["websocket", "long-polling"])("a network that fails, %s", (name) => {
  it("costs no message and repeats none, whenever it fails", async () => {
    const alice = client({ transports: [name] });
    await alice.connect();
    const { got, gaps } = await listening(alice);
    const said: string[] = [];
    const say = () => {
      said.push(String(said.length));
      peer.say("news", said.at(-1)!);
    };
    for (let round = 0; round < 40; round++) {
      say();
      // A few turns of the event loop: at another point of the conversation each time.
      for (let turn = 0; turn < round % 7; turn++) await new Promise((done) => setImmediate(done));
      if (round % 3 === 0) peer.losing(say);
      else if (round % 3 === 1) peer.cut();
      if (round % 11 === 0) peer.lose();
      say();
      if (round % 5 === 0) await eventually(() => expect(alice.status).toBe("connected"));
    }
    await eventually(() => expect(got.length).toBeGreaterThanOrEqual(said.length));
    expect(got).toEqual(said);
    expect(gaps).toEqual([]);
  });
});

describe("choice of the transport", () => {
  const transportOf = () => peer.requests.at(-1)?.transport;

  it("prefers WebSocket", async () => {
    await client().connect();
    expect(transportOf()).toBe("websocket");
  });

  it("takes long polling where the upgrade is refused", async () => {
    peer.webSocket = "refuse";
    const alice = client();
    await alice.connect();
    expect((await alice.request("services/echo", "x")).text()).toBe("x");
    expect(transportOf()).toBe("http");
  });

  it("takes long polling where the upgrade is swallowed", async () => {
    peer.webSocket = "swallow";
    const alice = client({ webSocketTimeout: 100 });
    await alice.connect();
    expect(transportOf()).toBe("http");
  });
});

describe("in a browser, whose WebSocket carries the page's cookie and no credentials", () => {
  const webSocket: OpenWebSocket = (url) => new WebSocket(url) as unknown as WebSocketLike;

  beforeEach(() => void vi.stubGlobal("document", {}));
  afterEach(() => void vi.unstubAllGlobals());

  it("takes long polling for a user that is named", async () => {
    await client({ webSocket }).connect();
    expect(peer.requests.map(({ transport }) => transport)).not.toContain("websocket");
  });

  it("refuses to take a WebSocket for a user that is named", () => {
    expect(() => client({ webSocket, transports: ["websocket"] })).toThrow(/^user: /);
  });

  it("asks for a login where there is nothing to try", async () => {
    peer.anonymousUpgrades = true;
    const anonymous = client({ webSocket, user: undefined });
    await expect(anonymous.connect()).rejects.toBeInstanceOf(AuthenticationError);
  });
});

describe("a network that changes", () => {
  it("goes on with long polling where WebSockets no longer open", async () => {
    const alice = client();
    await alice.connect();
    peer.webSocket = "refuse";
    const statuses: string[] = [];
    alice.on("status", ({ status }) => statuses.push(status));
    peer.cut();
    await eventually(() => expect(statuses).toEqual(["reconnecting", "connected"]));
    expect((await alice.request("services/echo", "x")).text()).toBe("x");
    expect(peer.requests.at(-1)?.transport).toBe("http");
  });

  it("does not try the blocked WebSocket first in each new session", async () => {
    peer.webSocket = "refuse";
    const alice = client();
    await alice.connect();
    peer.forget();
    await eventually(() => expect(peer.sessions.size).toBe(1));
    await eventually(() => expect(alice.status).toBe("connected"));
    expect((await alice.request("services/echo", "x")).text()).toBe("x");
  });

  it("begins a new session without the name of the old bridge", async () => {
    const alice = client({ transports: ["long-polling"] });
    await alice.connect();
    peer.forget();
    await eventually(() => expect(peer.sessions.size).toBe(1));
    const handshakes = peer.requests.filter(
      ({ messages }) => messages[0]?.channel === "/meta/handshake",
    );
    expect(handshakes.map(({ headers }) => headers["x-bridge-id"])).toEqual([undefined, undefined]);
  });
});

describe("headers", () => {
  it("names the bridge and the one correlation id on each request", async () => {
    const alice = client({ transports: ["long-polling"], headers: { "X-Own": "1" } });
    await alice.connect();
    await alice.request("services/echo", "x");
    const [handshake, ...later] = peer.requests;
    expect(handshake?.headers["x-bridge-id"]).toBeUndefined();
    expect(later.every(({ headers }) => headers["x-bridge-id"] === "peer-1")).toBe(true);
    expect(later.every(({ headers }) => headers["x-own"] === "1")).toBe(true);
    expect(later.every(({ headers }) => headers.cookie === "BAYEUX_BROWSER=b1")).toBe(true);
    const echo = later.find(({ messages }) => messages[0]?.channel === "/anzo/bridge");
    expect(echo?.headers["x-correlation-id"]).toMatch(/^c1x-2-[0-9a-f]{32}$/);
    const connect = later.find(({ messages }) => messages[0]?.channel === "/meta/connect");
    expect(connect?.headers["x-correlation-id"]).toBeUndefined();
  });

  it("names no correlation id where there are two", async () => {
    const alice = client({ transports: ["long-polling"] });
    await alice.connect();
    const answers: Promise<unknown>[] = [];
    alice.batch(() => {
      answers.push(alice.request("services/echo", "a"), alice.request("services/echo", "b"));
    });
    await Promise.all(answers);
    const both = await seen("/anzo/bridge", "/anzo/bridge");
    expect(both.headers["x-correlation-id"]).toBeUndefined();
  });

  it("names the bridge in the address of a WebSocket that is opened again", async () => {
    const alice = client({ transports: ["websocket"] });
    await alice.connect();
    expect(peer.requests.at(-1)?.url).toBe("/cometd");
    peer.cut();
    await eventually(() => expect(peer.requests.at(-1)?.url).toBe("/cometd?bridgeId=peer-1"));
  });
});
