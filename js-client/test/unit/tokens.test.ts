import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { WebSocket } from "ws";
import {
  AuthenticationError,
  ConnectionLostError,
  LongspanClient,
  type ClientOptions,
  type OpenWebSocket,
  type TransportName,
  type WebSocketLike,
} from "../../src/index.js";
import { eventually } from "../eventually.js";
import { BayeuxPeer } from "../peer/bayeux-peer.js";

let peer: BayeuxPeer;
let made = 0;
const clients: LongspanClient[] = [];

function client(options: ClientOptions): LongspanClient {
  const one = new LongspanClient({
    url: peer.url,
    reconnect: { initial: 20, max: 200 },
    ...options,
  });
  clients.push(one);
  return one;
}

/** A token that the peer takes as alice's. */
function token(seconds = 3600): string {
  const payload = Buffer.from(JSON.stringify({ exp: Date.now() / 1000 + seconds, n: ++made }));
  const text = `e30.${payload.toString("base64url")}.x`;
  peer.tokens.set(text, "alice");
  return text;
}

/** As a page's: no headers. */
const headless: OpenWebSocket = (url) => new WebSocket(url) as unknown as WebSocketLike;

const connectTokens = () =>
  peer.requests.flatMap(({ messages }) =>
    messages.filter(({ channel }) => channel === "/meta/connect").map(({ ext }) => ext?.token),
  );

beforeEach(async () => {
  peer = await BayeuxPeer.start();
  peer.anonymousUpgrades = true;
});

afterEach(async () => {
  await Promise.all(clients.splice(0).map((each) => each.disconnect()));
  await peer.stop();
});

describe.each<TransportName>(["websocket", "long-polling"])("a token over %s", (name) => {
  const common = { transports: [name], webSocket: headless };

  it("signs in, given as a text or got by a function", async () => {
    await client({ ...common, token: token() }).connect();
    const one = token();
    const alice = client({ ...common, token: () => Promise.resolve(one) });
    await alice.connect();
    expect((await alice.request("services/echo", "x")).text()).toBe("x");
    expect(peer.requests.every(({ url }) => !url.includes("e30."))).toBe(true);
    if (name === "long-polling") {
      expect(
        peer.requests.every(({ headers }) => headers.authorization?.startsWith("Bearer ")),
      ).toBe(true);
    }
  });

  it("is renewed before it expires, in the same session", async () => {
    const get = vi.fn(() => token(1));
    const alice = client({ ...common, token: get });
    await alice.connect();
    const [session] = peer.sessions.keys();
    await eventually(() => expect(get.mock.calls.length).toBeGreaterThan(2));
    expect([...peer.sessions.keys()]).toEqual([session]);
    // The next connect carries the newest.
    peer.cut();
    const before = connectTokens().length;
    await eventually(() => expect(connectTokens().length).toBeGreaterThan(before));
    await eventually(() => expect(alice.status).toBe("connected"));
    expect([...peer.sessions.keys()]).toEqual([session]);
  });

  it("that is refused is an AuthenticationError, and is not tried again", async () => {
    const get = vi.fn(() => "wrong");
    await expect(client({ ...common, token: get }).connect()).rejects.toBeInstanceOf(
      AuthenticationError,
    );
    expect(get).toHaveBeenCalledTimes(1);
  });

  it("that cannot be got is an AuthenticationError with its cause", async () => {
    const cause = new Error("no issuer");
    const refused = client({ ...common, token: () => Promise.reject(cause) }).connect();
    await expect(refused).rejects.toMatchObject({ code: "authentication", cause });
  });

  it("that has expired at the bridge is replaced by a new one, once", async () => {
    const alice = client({ ...common, token: () => token() });
    await alice.connect();
    const [session] = peer.sessions.keys();
    await eventually(() => expect(peer.listening).toBe(true));
    peer.tokens.clear();
    peer.end("tokenExpired");
    await eventually(() => expect(alice.status).toBe("connected"));
    await eventually(() => expect([...peer.sessions.keys()]).not.toContain(session));
    await eventually(async () =>
      expect((await alice.request("services/echo", "again")).text()).toBe("again"),
    );
  });

  it("that was given as a text ends the client when it has expired", async () => {
    const alice = client({ ...common, token: token() });
    await alice.connect();
    const errors: unknown[] = [];
    alice.on("status", ({ error }) => errors.push(error));
    await eventually(() => expect(peer.listening).toBe(true));
    peer.end("tokenExpired");
    await eventually(() => expect(alice.status).toBe("disconnected"));
    expect(errors[0]).toBeInstanceOf(AuthenticationError);
    expect(peer.sessions.size).toBe(0);
  });
});

describe.each<TransportName>(["websocket", "long-polling"])("an ended session over %s", (name) => {
  it.each(["loggedOut", "credentialEnded"])("(%s) is an AuthenticationError", async (reason) => {
    const alice = client({ transports: [name], user: "alice", password: "alice" });
    await alice.connect();
    const errors: (Error | undefined)[] = [];
    alice.on("status", ({ error }) => errors.push(error));
    await eventually(() => expect(peer.listening).toBe(true));
    peer.end(reason);
    await eventually(() => expect(alice.status).toBe("disconnected"));
    expect(errors[0]).toBeInstanceOf(AuthenticationError);
    expect(errors[0]?.message).toContain(reason);
    expect(peer.sessions.size).toBe(0);
  });

  it("(idle) is a ConnectionLostError, and the client does not come back by itself", async () => {
    const alice = client({ transports: [name], user: "alice", password: "alice" });
    await alice.connect();
    const errors: (Error | undefined)[] = [];
    alice.on("status", ({ error }) => errors.push(error));
    await eventually(() => expect(peer.listening).toBe(true));
    peer.end("idle");
    await eventually(() => expect(alice.status).toBe("disconnected"));
    expect(errors[0]).toBeInstanceOf(ConnectionLostError);
    expect(errors[0]).toMatchObject({ bridgeCode: "idle" });
  });
});

it("user and token exclude each other", () => {
  expect(() => new LongspanClient({ url: peer.url, user: "alice", token: "t" })).toThrow(TypeError);
});

it("tells developers what is sent and received, without the token", async () => {
  peer.tokens.set("secret", "alice");
  const subject = client({ token: "secret" });
  const wire: string[] = [];
  subject.on("wire", ({ direction, message }) => {
    wire.push(`${direction} ${JSON.stringify(message)}`);
  });
  await subject.connect();
  await subject.request("services/echo", "hello");
  expect(wire[0]).toMatch(/^sent .*"channel":"\/meta\/handshake"/);
  expect(wire[1]).toMatch(/^received .*"channel":"\/meta\/handshake"/);
  expect(wire.some((each) => each.startsWith("sent") && each.includes('"hello"'))).toBe(true);
  expect(wire.join()).not.toContain("secret");
});
