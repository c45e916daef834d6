import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { readFile } from "node:fs/promises";
import { WebSocket } from "ws";
import {
  AuthenticationError,
  LongspanClient,
  type ClientOptions,
  type TransportName,
  type WebSocketLike,
} from "../../src/index.js";
import { resolveOptions } from "../../src/options.js";
import { BayeuxPeer } from "../peer/bayeux-peer.js";
import { eventually } from "../eventually.js";

// What lies between a network that works and one that is gone; on real HTTP and real WebSockets.

const NEVER = 600_000;
const BOTH: readonly TransportName[] = ["websocket", "long-polling"];

let peer: BayeuxPeer;
let page: EventTarget;
let alice: LongspanClient;
let statuses: string[];
let got: unknown[];
let gaps: string[];

beforeEach(async () => {
  peer = await BayeuxPeer.start();
  page = new EventTarget();
  vi.stubGlobal("addEventListener", page.addEventListener.bind(page));
  vi.stubGlobal("removeEventListener", page.removeEventListener.bind(page));
});

afterEach(async () => {
  await alice.disconnect();
  vi.unstubAllGlobals();
  await peer.stop();
});

/** A client that hardly does anything by itself. */
function client(options: ClientOptions = {}): LongspanClient {
  alice = new LongspanClient({
    url: peer.url,
    user: "alice",
    password: "alice",
    webSocketTimeout: NEVER,
    networkTimeout: NEVER,
    reconnect: { initial: NEVER, max: NEVER },
    ...options,
  });
  return alice;
}

async function listening(options: ClientOptions = {}): Promise<void> {
  await client(options).connect();
  statuses = [];
  got = [];
  gaps = [];
  alice.on("status", ({ status }) => statuses.push(status));
  alice.on("gap", ({ reason }) => gaps.push(reason));
  await alice.topicSubscribe("news", ({ body }) => got.push(body));
  await eventually(() => expect(peer.listening).toBe(true));
}

const tells = (type: string) => page.dispatchEvent(new Event(type));

const comesBack = () => eventually(() => expect(statuses).toEqual(["reconnecting", "connected"]));

/** What was said while it was away has come, once, and what is said now comes. */
async function hasMissedNothing(): Promise<void> {
  peer.say("news", "now");
  await eventually(() => expect(got).toEqual(["away", "now"]));
  expect(gaps).toEqual([]);
}

/** Breaks the connection, so that the client waits for its next attempt. */
async function waiting(): Promise<void> {
  peer.losing(() => peer.say("news", "away"));
  await eventually(() => expect(statuses).toEqual(["reconnecting"]));
}

describe.each(BOTH)("over %s", (name) => {
  const transports = [name];

  it.each(["online", "pageshow", "visibilitychange", "resume"])(
    "does not wait for its next attempt where the browser says %s",
    async (type) => {
      await listening({ transports });
      await waiting();
      tells(type);
      await comesBack();
      await hasMissedNothing();
    },
  );

  it("does not wait for its next attempt where the application says so", async () => {
    await listening({ transports });
    await waiting();
    alice.reconnect();
    await comesBack();
    await hasMissedNothing();
  });

  it("shows at once that the browser is offline, and comes back when it is online", async () => {
    await listening({ transports });
    peer.dead = true;
    peer.say("news", "away");
    tells("offline");
    await Promise.resolve();
    await eventually(() => expect(statuses).toEqual(["reconnecting"]));
    peer.dead = false;
    tells("online");
    await comesBack();
    await hasMissedNothing();
  });

  it("is heard where it has connected only", async () => {
    await listening({ transports });
    await alice.disconnect();
    tells("online");
    tells("offline");
    alice.reconnect();
    expect(alice.status).toBe("disconnected");
    expect(alice.transport).toBeUndefined();
  });

  it("finds out that a connection is dead that seems to work", async () => {
    await listening({ transports, webSocketTimeout: 100 });
    peer.dead = true;
    peer.say("news", "away");
    tells("visibilitychange");
    await eventually(() => expect(statuses).toEqual(["reconnecting"]));
    peer.dead = false;
    alice.reconnect();
    await comesBack();
    await hasMissedNothing();
  });

  it("leaves a connection alone that works", async () => {
    await listening({ transports, webSocketTimeout: 50 });
    const sessions = [...peer.sessions.keys()];
    for (let i = 0; i < 5; i++) {
      tells("visibilitychange");
      expect((await alice.request("services/echo", "x")).text()).toBe("x");
    }
    expect(statuses).toEqual([]);
    expect([...peer.sessions.keys()]).toEqual(sessions);
  });

  it("gives up an attempt that hangs once the bridge can be reached again", async () => {
    await listening({ transports });
    peer.dead = true;
    peer.say("news", "away");
    peer.cut();
    alice.reconnect();
    await eventually(() => expect(statuses).toEqual(["reconnecting"]));
    alice.reconnect();
    // Until it is known that nothing comes through.
    await new Promise((seen) => setTimeout(seen, 2_000));
    peer.dead = false;
    await comesBack();
    await hasMissedNothing();
  });

  it("waits as long as a busy bridge says, also if the network has just come back", async () => {
    await listening({ transports });
    await waiting();
    peer.sessions.clear();
    peer.busy = NEVER;
    const handshakes = () =>
      peer.requests.filter(({ messages }) => messages[0]?.channel === "/meta/handshake").length;
    alice.reconnect();
    await eventually(() => expect(handshakes()).toBe(2));
    // The bridge has been looked at meanwhile, and has answered.
    await new Promise((seen) => setTimeout(seen, 2_500));
    expect(handshakes()).toBe(2);
    peer.busy = undefined;
    alice.reconnect();
    await comesBack();
  });

  it("waits for the answer to an attempt no longer than networkTimeout", async () => {
    peer.hold = NEVER;
    const fetch = (input: RequestInfo | URL, init: RequestInit = {}) =>
      // Nothing is to help it.
      typeof init.body === "string" && init.body.includes('"none"')
        ? Promise.reject(new Error("none"))
        : globalThis.fetch(input, init);
    const reconnect = { initial: 20, max: 20 };
    const timeouts = { networkTimeout: 300, webSocketTimeout: 300 };
    await listening({ transports, reconnect, fetch, ...timeouts });
    peer.dead = true;
    peer.say("news", "away");
    peer.cut();
    await eventually(() => expect(statuses).toEqual(["reconnecting"]));
    await new Promise((tried) => setTimeout(tried, 100));
    peer.dead = false;
    await comesBack();
    await hasMissedNothing();
  });

  it.each([401, 403])("takes a proxy's own %s for a network that is down", async (status) => {
    const reconnect = { initial: 20, max: 20 };
    await listening({ transports, reconnect });
    peer.proxyStatus = status;
    await waiting();
    await new Promise((tried) => setTimeout(tried, 200));
    expect(statuses).toEqual(["reconnecting"]);
    peer.proxyStatus = undefined;
    await comesBack();
    await hasMissedNothing();
    await alice.disconnect();
    peer.proxyStatus = status;
    const connected = client({ transports, reconnect }).connect();
    await new Promise((tried) => setTimeout(tried, 200));
    peer.proxyStatus = undefined;
    await connected;
  });
});

describe("a proxy that closes its connections, as for a reload", () => {
  const transports = ["long-polling"] as const;

  it("does not interrupt a poll", async () => {
    await listening({ transports });
    const before = peer.requests.length;
    peer.closeConnections();
    await eventually(() => expect(peer.requests.length).toBeGreaterThan(before));
    peer.say("news", "away");
    await hasMissedNothing();
    expect(statuses).toEqual([]);
  });

  it("does not fail a message", async () => {
    await listening({ transports });
    const published = () => {
      const messages = peer.requests.map((request) => request.messages[0]!);
      return messages.filter(({ channel }) => channel === "/anzo/bridge");
    };
    peer.publishDelay = 60_000;
    const sent = alice.publish("services/echo", "x");
    await eventually(() => expect(published()).toHaveLength(1));
    peer.publishDelay = 0;
    peer.closeConnections();
    await sent;
    // The bridge recognises it by its ids.
    const [first, second] = published();
    expect(published()).toHaveLength(2);
    expect(second).toEqual(first);
    expect(statuses).toEqual([]);
  });

  it("reports a repeated message as lost if its session has ended meanwhile", async () => {
    let closes = false;
    const fetch: ClientOptions["fetch"] = async (input, init) => {
      const response = await globalThis.fetch(input, init);
      if (!closes || !(init?.body as string).includes("/anzo/bridge")) return response;
      closes = false;
      peer.sessions.clear();
      throw new TypeError("fetch failed", { cause: { code: "UND_ERR_SOCKET" } });
    };
    await listening({ transports, fetch });
    closes = true;
    await expect(alice.publish("x", "processed")).rejects.toMatchObject({
      code: "connectionLost",
      message: "The session was lost",
    });
    // This one is sent once, so the bridge cannot have processed it.
    await expect(alice.publish("x", "y")).rejects.toMatchObject({ code: "notSent" });
  });

  it("is followed by a new session if a repeated poll finds none", async () => {
    await listening({ transports });
    peer.forget();
    peer.closeConnections();
    await comesBack();
    expect(peer.sessions.size).toBe(1);
  });
});

describe("an answer that a proxy holds back for too long, and then releases", () => {
  const options = {
    webSocketTimeout: 200,
    networkTimeout: 200,
    reconnect: { initial: 10, max: 10 },
  };

  it("of a poll, brings nothing twice", async () => {
    peer.hold = 100;
    await listening({ ...options, transports: ["long-polling"] });
    let release = (): void => undefined;
    peer.heldBack = new Promise((released) => (release = released));
    peer.say("news", "away");
    await eventually(() => expect(statuses).toEqual(["reconnecting"]));
    peer.heldBack = undefined;
    await comesBack();
    release();
    await hasMissedNothing();
  });

  it("of a socket, brings nothing twice", async () => {
    const held: (() => void)[] = [];
    let holding = false;
    const webSocket = (url: string, headers: Readonly<Record<string, string>>) => {
      const socket = new WebSocket(url, { headers: { ...headers } });
      Object.defineProperty(socket, "onmessage", {
        set: (hear: (event: unknown) => void) =>
          socket.addEventListener("message", (event) => {
            if (holding) held.push(() => hear(event));
            else hear(event);
          }),
      });
      return socket as unknown as WebSocketLike;
    };
    await listening({ ...options, webSocket, transports: ["websocket"] });
    holding = true;
    peer.say("news", "away");
    await eventually(() => expect(held).toHaveLength(1));
    alice.reconnect();
    await eventually(() => expect(statuses).toEqual(["reconnecting"]));
    holding = false;
    await comesBack();
    for (const release of held) release();
    await hasMissedNothing();
    expect(statuses).toEqual(["reconnecting", "connected"]);
  });
});

describe("what the bridge's broker takes long for", () => {
  it.each(BOTH)("is waited for longer than the bridge waits, over %s", async (name) => {
    peer.sendTimeout = 500;
    await listening({ transports: [name], networkTimeout: 50 });
    peer.publishError = "sendFailed:the destination is full";
    peer.publishDelay = 500;
    await expect(alice.publish("x", "y")).rejects.toMatchObject({ bridgeCode: "sendFailed" });
    expect(statuses).toEqual([]);
  });

  it("is less than networkTimeout by default", async () => {
    // As docs/delivery.md says, and SendQueueTest.theTimeOutsAreOrdered holds.
    const source = (file: string) =>
      readFile(
        new URL(`../../../src/main/java/io/longspan/jms/${file}.java`, import.meta.url),
        "utf8",
      );
    const seconds = (text: string, pattern: RegExp) => Number(pattern.exec(text)?.[1]) * 1_000;
    const broker = seconds(
      await source("JmsProvider"),
      /CALL_TIMEOUT = Duration.ofSeconds\((\d+)\)/,
    );
    const more = seconds(await source("SendQueue"), /CALL_TIMEOUT.plusSeconds\((\d+)\)/);
    expect(broker).toBeGreaterThan(0);
    expect(more).toBeGreaterThan(0);
    expect(resolveOptions({ url: peer.url }).networkTimeout).toBeGreaterThanOrEqual(
      broker + more + 2_000,
    );
    await client().connect();
  });
});

it("says which origin the bridge has refused", async () => {
  peer.refusal = [403, "originRefused: https://evil.example is not allowed\n"];
  const refused = client({ transports: ["long-polling"] }).connect();
  await expect(refused).rejects.toMatchObject({
    code: "refused",
    bridgeCode: "originRefused",
    message: "https://evil.example is not allowed",
  });
  peer.refusal = [403, "Error 403\n"];
  await expect(client({ transports: ["long-polling"] }).connect()).rejects.toBeInstanceOf(
    AuthenticationError,
  );
});

it("finds out over HTTP that the sign-in has expired, where a WebSocket does not tell", async () => {
  const webSocket = (url: string, headers: Readonly<Record<string, string>>) => {
    const socket = new WebSocket(url, { headers: { ...headers } });
    // As a browser's, it tells nothing.
    const on = socket.on.bind(socket) as (event: string, listener: () => void) => WebSocket;
    Object.defineProperty(socket, "on", {
      value: (event: string, listener: () => void) =>
        event === "unexpected-response" ? socket : on(event, listener),
    });
    return socket as unknown as WebSocketLike;
  };
  await listening({ webSocket, transports: ["websocket"], reconnect: { initial: 20, max: 20 } });
  const errors: unknown[] = [];
  alice.on("status", ({ error }) => error && errors.push(error));
  peer.refusal = [401, ""];
  peer.webSocket = "refuse";
  peer.cut();
  await eventually(() => expect(statuses).toEqual(["reconnecting", "disconnected"]));
  expect(errors).toEqual([expect.any(AuthenticationError)]);
});

it("makes a new session at once where the bridge says that the old one is gone", async () => {
  await listening({ transports: ["long-polling"] });
  peer.say("news", "before");
  await eventually(() => expect(got).toEqual(["before"]));
  got.pop();
  peer.forget();
  peer.say("news", "away");
  await comesBack();
  await hasMissedNothing();
});

describe("a WebSocket that is blocked for a while", () => {
  const reconnect = { initial: 10, max: 10 };
  let transports: unknown[];

  /** Connected, and by now over long polling. */
  async function demoted(): Promise<void> {
    // Of which the bridge is told only with the next poll.
    await listening({ reconnect, webSocketTimeout: 1_000, random: () => 0 });
    transports = [];
    expect(alice.transport).toBe("websocket");
    alice.on("transport", ({ transport, previous }) => transports.push([previous, transport]));
    peer.webSocket = "refuse";
    await waiting();
    await comesBack();
    expect(alice.transport).toBe("long-polling");
    expect(transports).toEqual([["websocket", "long-polling"]]);
  }

  it("is taken again once it works, and nobody notices", async () => {
    await demoted();
    const [session] = peer.sessions.keys();
    peer.webSocket = "accept";
    const said: string[] = ["away"];
    await eventually(async () => {
      said.push(String(said.length));
      peer.say("news", said.at(-1)!);
      expect((await alice.request("services/echo", "x")).text()).toBe("x");
      expect(alice.transport).toBe("websocket");
    });
    await eventually(() => expect(got).toEqual(said));
    expect(transports.slice(1)).toEqual([["long-polling", "websocket"]]);
    expect(statuses).toEqual(["reconnecting", "connected"]);
    expect([...peer.sessions.keys()]).toEqual([session]);
    expect(gaps).toEqual([]);
    expect(peer.requests.at(-1)?.transport).toBe("websocket");
  });

  it("is taken again where polls have pauses between them", async () => {
    peer.interval = 300;
    await demoted();
    peer.webSocket = "accept";
    const said: string[] = ["away"];
    await eventually(() => {
      said.push(String(said.length));
      peer.say("news", said.at(-1)!);
      expect(alice.transport).toBe("websocket");
    });
    await eventually(() => expect(got).toEqual(said));
    expect(statuses).toEqual(["reconnecting", "connected"]);
    expect(gaps).toEqual([]);
  });

  it("is not left for a network that carries nothing at all", async () => {
    await listening({ reconnect, webSocketTimeout: 1_000, networkTimeout: 1_000 });
    transports = [];
    alice.on("transport", ({ transport }) => transports.push(transport));
    peer.dead = true;
    peer.say("news", "away");
    peer.cut();
    await eventually(() => expect(statuses).toEqual(["reconnecting"]));
    await new Promise((tried) => setTimeout(tried, 3_000));
    peer.dead = false;
    await comesBack();
    await hasMissedNothing();
    expect(transports).toEqual([]);
  });

  it("is looked at with a message, because some let the upgrade through and nothing more", async () => {
    await demoted();
    const look = vi.fn();
    peer.webSocket = "mute";
    peer.onUpgrade = look;
    await eventually(() => expect(look).toHaveBeenCalled());
    expect((await alice.request("services/echo", "x")).text()).toBe("x");
    expect(alice.transport).toBe("long-polling");
    expect(statuses).toEqual(["reconnecting", "connected"]);
    peer.webSocket = "accept";
    await eventually(() => expect(alice.transport).toBe("websocket"));
  });

  it("tells the first transport, and those of the next connection", async () => {
    client();
    const told: unknown[] = [];
    alice.on("transport", (event) => told.push(event));
    await alice.connect();
    await alice.disconnect();
    await alice.connect();
    const first = { transport: "websocket", previous: undefined };
    expect(told).toEqual([first, first]);
  });
});
