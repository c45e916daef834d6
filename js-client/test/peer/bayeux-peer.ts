// A small Bayeux server with a bridge behind it that echoes: enough to run the client on its real transports.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { WebSocket, WebSocketServer } from "ws";

export interface BayeuxMessage {
  id?: string;
  channel: string;
  clientId?: string;
  data?: Record<string, unknown>;
  subscription?: string;
  successful?: boolean;
  error?: string;
  advice?: Record<string, unknown>;
  ext?: Record<string, unknown>;
  supportedConnectionTypes?: string[];
  version?: string;
}

interface PeerSession {
  readonly clientId: string;
  readonly user: string;
  readonly channel: string;
  /** What is to be written next. */
  readonly queue: BayeuxMessage[];
  client: PeerClient;
  /** Ends a held /meta/connect, or pushes into the WebSocket. */
  flush: (() => void) | undefined;
}

/** What of a client outlives its session. */
interface PeerClient {
  readonly token: string;
  readonly user: string;
  readonly topics: Set<string>;
  /** Everything that was delivered: the message with number n is at n - 1. */
  readonly log: Record<string, unknown>[];
  home: PeerSession | undefined;
}

export interface SeenRequest {
  readonly transport: "http" | "websocket";
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly messages: readonly BayeuxMessage[];
}

const USERS: Readonly<Record<string, string>> = { alice: "alice", bob: "bob", zoë: "pä:ss" };
const HOLD = 20_000;

export class BayeuxPeer {
  readonly requests: SeenRequest[] = [];
  readonly sessions = new Map<string, PeerSession>();
  /** Those that can be resumed, by token. */
  readonly #clients = new Map<string, PeerClient>();
  /** The messages of each topic, for those who come back to it. */
  readonly #kept = new Map<string, Record<string, unknown>[]>();
  /** "refuse": the upgrade is refused; "swallow": it never ends; "mute": nothing follows it. */
  webSocket: "accept" | "refuse" | "swallow" | "mute" = "accept";
  onUpgrade: (() => void) | undefined;
  /** The users of bearer tokens. */
  readonly tokens = new Map<string, string>();
  /** Upgrades without credentials are taken, and their handshakes refused, as to a browser without a cookie. */
  anonymousUpgrades = false;
  /** What a publish to /anzo/bridge is answered with, instead of success. */
  publishError: string | undefined;
  /** Whether that says that the same message may succeed later. */
  publishTemporary = false;
  /** Milliseconds that it takes until that is said, and that the bridge says it may take. */
  publishDelay = 0;
  sendTimeout: number | undefined;
  /** What is written to a client never arrives. */
  swallowing = false;
  /** Milliseconds after which a client may shake hands again, because too many come at once. */
  busy: number | undefined;
  /** Milliseconds between the answer to a /meta/connect and the next one. */
  interval = 0;
  /** Milliseconds for which a /meta/connect is held. */
  hold = HOLD;
  /** The network takes everything, and nothing arrives, in either direction; what it has taken is lost. */
  dead = false;
  /** What a proxy answers in the bridge's place. */
  proxyStatus: number | undefined;
  /** What the bridge answers each request with: a status and a text. */
  refusal: readonly [number, string] | undefined;
  /** Answers over HTTP wait for this. */
  heldBack: Promise<void> | undefined;
  readonly #server: Server;
  readonly #sockets = new Set<WebSocket>();
  readonly #upgrading = new Set<Duplex>();
  /** The bodies of the requests in flight, and of those that break if they are repeated. */
  readonly #bodies = new Set<string>();
  readonly #broken = new Set<string>();
  /** Sessions whose polls break until their clients know that the network was cut. */
  readonly #unaware = new Set<string>();
  #port = 0;
  readonly #upgrades = new WebSocketServer({ noServer: true });
  #ids = 0;

  private constructor() {
    this.#server = createServer((request, response) => void this.#http(request, response));
    this.#server.on("upgrade", (request, socket, head) => {
      this.onUpgrade?.();
      const user = this.#authenticate(request) ?? (this.anonymousUpgrades ? "" : undefined);
      this.#upgrading.add(socket);
      socket.on("close", () => this.#upgrading.delete(socket));
      socket.on("error", () => socket.destroy());
      if (this.webSocket === "swallow" || this.dead) return;
      if (this.proxyStatus !== undefined) {
        socket.end(`HTTP/1.1 ${this.proxyStatus} Proxy\r\n\r\n`);
        return;
      }
      if (this.webSocket === "refuse" || user === undefined) {
        const status = user === undefined ? "401 Unauthorized\r\nX-Bridge-Id: peer-1" : "400 No";
        socket.end(`HTTP/1.1 ${status}\r\n\r\n`);
        return;
      }
      this.#upgrades.handleUpgrade(request, socket, head, (ws) =>
        this.#upgraded(ws, request, user),
      );
    });
  }

  static async start(port = 0): Promise<BayeuxPeer> {
    const peer = new BayeuxPeer();
    await new Promise<void>((resolve) => peer.#server.listen(port, "127.0.0.1", resolve));
    peer.#port = (peer.#server.address() as AddressInfo).port;
    return peer;
  }

  get port(): number {
    return this.#port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/cometd`;
  }

  /** Loses what is sent meanwhile, and then the connections. */
  losing(run: () => void): void {
    this.swallowing = true;
    run();
    this.cut();
    this.swallowing = false;
  }

  /** Breaks every connection, also those of requests that are repeated; the sessions stay. */
  cut(): void {
    for (const body of this.#bodies) this.#broken.add(body);
    for (const clientId of this.sessions.keys()) this.#unaware.add(clientId);
    this.closeConnections();
  }

  /** Closes every connection, as a proxy does that is reloaded. */
  closeConnections(): void {
    for (const ws of this.#sockets) ws.terminate();
    for (const socket of this.#upgrading) socket.destroy();
    this.#server.closeAllConnections();
  }

  /** Forgets every session and client, as a restart does. */
  forget(): void {
    this.#clients.clear();
    this.lose();
  }

  /** Ends every session, whose clients may come back. */
  lose(): void {
    for (const client of this.#clients.values()) client.home = undefined;
    const flushes = [...this.sessions.values()].map(({ flush }) => flush);
    this.sessions.clear();
    for (const flush of flushes) flush?.();
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Delivers to every client, those that are away included. */
  push(data: Record<string, unknown>): void {
    for (const client of this.#clients.values()) this.#deliver(client, data);
  }

  /** Publishes to a topic, with the body as the message's id. */
  say(topic: string, body: string): void {
    const properties = { type: "topicMessage", topic, JMSMessageID: `ID:${body}` };
    this.#publish(topic, { properties, body });
  }

  #publish(topic: string, data: Record<string, unknown>): void {
    this.#kept.set(topic, [...(this.#kept.get(topic) ?? []), data]);
    for (const client of this.#clients.values()) {
      if (client.topics.has(topic)) this.#deliver(client, data);
    }
  }

  #deliver(client: PeerClient, data: Record<string, unknown>): void {
    const { log, home } = client;
    log.push({ ...data, seq: log.length + 1 });
    if (home === undefined) return;
    home.queue.push({ channel: home.channel, data: log.at(-1) });
    home.flush?.();
  }

  async #http(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    if (this.#broken.has(body) || this.#isUnaware(body)) {
      response.destroy();
      return;
    }
    // Handshakes are equal, and so are the messages that look for the bridge.
    if (/"clientId":(?!"none")/.test(body)) this.#bodies.add(body);
    response.on("close", () => this.#bodies.delete(body));
    if (this.dead) return;
    if (this.proxyStatus !== undefined) {
      response.writeHead(this.proxyStatus).end("Proxy");
      return;
    }
    if (this.refusal !== undefined) {
      response.writeHead(this.refusal[0], { "X-Bridge-Id": "peer-1" }).end(this.refusal[1]);
      return;
    }
    const user = this.#authenticate(request);
    if (user === undefined) {
      response.writeHead(401, { "WWW-Authenticate": "Basic", "X-Bridge-Id": "peer-1" }).end();
      return;
    }
    const messages = JSON.parse(body) as BayeuxMessage[];
    // One of no session looks whether the bridge is there.
    if (messages[0]?.clientId !== "none") this.#see("http", request, messages);
    const replies: BayeuxMessage[] = [];
    let held: PeerSession | undefined;
    for (const message of messages) {
      replies.push(this.#handle(message, user));
      if (message.channel === "/meta/connect" && message.advice?.timeout !== 0) {
        held = this.sessions.get(message.clientId ?? "");
      }
    }
    const session = held ?? this.sessions.get(messages[0]?.clientId ?? "");
    if (held !== undefined && held.queue.length === 0) {
      const waiting = held;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, this.hold);
        const end = () => {
          clearTimeout(timer);
          resolve();
        };
        waiting.flush = end;
        response.on("close", end);
      });
      waiting.flush = undefined;
      if (!this.sessions.has(waiting.clientId)) replies.splice(0, 1, unknown(messages[0]!));
    }
    if (response.destroyed) return;
    const polls = messages.some(({ channel }) => channel === "/meta/connect");
    const delivered = (polls && session?.queue.splice(0)) || [];
    await this.heldBack;
    if (messages.some(({ channel: to }) => to === "/anzo/bridge") && this.publishDelay > 0) {
      await new Promise((waited) => setTimeout(waited, this.publishDelay));
    }
    await this.#alive();
    if (this.swallowing) {
      response.destroy();
      return;
    }
    response.writeHead(200, {
      "Content-Type": "application/json",
      "X-Bridge-Id": "peer-1",
      "Set-Cookie": "BAYEUX_BROWSER=b1; Path=/; HttpOnly",
    });
    response.end(JSON.stringify([...delivered, ...replies]));
  }

  /** Whether a poll is one of a client that has not noticed that its connections were cut. */
  #isUnaware(body: string): boolean {
    const [{ channel, clientId = "", advice }] = JSON.parse(body) as [BayeuxMessage];
    if (channel !== "/meta/connect" || !this.#unaware.has(clientId)) return false;
    if (advice?.timeout === 0) this.#unaware.delete(clientId);
    return this.#unaware.has(clientId);
  }

  /** Whether every session has something on which it can be told. */
  get listening(): boolean {
    return [...this.sessions.values()].every(({ flush }) => flush !== undefined);
  }

  /** Ends every session, as the bridge does for a reason. */
  end(reason: string): void {
    for (const session of [...this.sessions.values()]) {
      session.queue.push(
        { channel: session.channel, data: { type: "sessionEnded", reason } },
        { channel: "/meta/disconnect", successful: true },
      );
      session.flush?.();
      this.sessions.delete(session.clientId);
      this.#clients.delete(session.client.token);
    }
  }

  #authenticate(request: IncomingMessage): string | undefined {
    const [scheme, token = ""] = (request.headers.authorization ?? "").split(" ");
    return scheme === "Bearer" ? this.tokens.get(token) : authenticate(request);
  }

  #upgraded(ws: WebSocket, request: IncomingMessage, upgradedBy: string): void {
    this.#sockets.add(ws);
    ws.on("close", () => this.#sockets.delete(ws));
    let user = upgradedBy;
    ws.on("message", (frame: Buffer) => {
      if (this.dead || this.webSocket === "mute") return;
      const messages = JSON.parse(frame.toString()) as BayeuxMessage[];
      this.#see("websocket", request, messages);
      const replies: BayeuxMessage[] = [];
      for (const message of messages) {
        const token = message.ext?.token as string | undefined;
        const bearer = token === undefined ? user : this.tokens.get(token);
        if (bearer === undefined) {
          const { id, channel } = message;
          const advice = { reconnect: "none" };
          replies.push({ id, channel, successful: false, error: "401::invalid_token", advice });
          continue;
        }
        user = bearer;
        const reply = this.#handle(message, user);
        const session = this.sessions.get(message.clientId ?? "");
        if (session !== undefined) {
          session.flush = () => {
            // What a socket that is gone can't take waits for the next request.
            if (ws.readyState !== WebSocket.OPEN) return;
            if (!this.sessions.has(session.clientId)) ws.close();
            else if (session.queue.length > 0) {
              const json = JSON.stringify(session.queue.splice(0));
              if (!this.swallowing && !this.dead) ws.send(json);
            }
          };
          // A held connect is answered when the socket closes, that is never.
          const holds = message.channel === "/meta/connect" && message.advice?.timeout !== 0;
          if (holds && reply.successful === true) continue;
        }
        replies.push(reply);
      }
      const sends = messages.some(({ channel }) => channel === "/anzo/bridge");
      const answer = () => replies.length > 0 && ws.send(JSON.stringify(replies));
      if (sends && this.publishDelay > 0) setTimeout(answer, this.publishDelay);
      else answer();
      for (const message of messages) this.sessions.get(message.clientId ?? "")?.flush?.();
    });
  }

  /** Never, where it is dead by now. */
  async #alive(): Promise<void> {
    if (this.dead) await new Promise(() => undefined);
  }

  #see(
    transport: "http" | "websocket",
    { url = "", headers }: IncomingMessage,
    messages: BayeuxMessage[],
  ) {
    this.requests.push({ transport, url, headers, messages });
  }

  #handle(message: BayeuxMessage, user: string): BayeuxMessage {
    const { id, channel, clientId = "" } = message;
    this.#unaware.delete(clientId);
    if (channel === "/meta/handshake") return this.#handshake(message, user);
    const session = this.sessions.get(clientId);
    if (session === undefined || session.user !== user) return unknown(message);
    const ok = { id, channel, clientId, successful: true };
    switch (channel) {
      case "/meta/connect":
        return {
          ...ok,
          advice: { reconnect: "retry", interval: this.interval, timeout: this.hold },
        };
      case "/meta/disconnect":
        this.sessions.delete(clientId);
        this.#clients.delete(session.client.token);
        session.flush?.();
        return ok;
      case "/meta/subscribe":
        return message.subscription === session.channel
          ? { ...ok, subscription: message.subscription }
          : { ...ok, successful: false, error: "403::subscribe denied" };
      case "/anzo/control":
        this.#control(session, message.data ?? {});
        return ok;
      case "/anzo/bridge":
        return this.#send(session, message.data ?? {}, ok);
      default:
        return { ...ok, successful: false, error: "403::publish denied" };
    }
  }

  #handshake({ id, channel }: BayeuxMessage, user: string): BayeuxMessage {
    if (user === "") {
      const advice = { reconnect: "none" };
      return { id, channel, successful: false, error: "403::Handshake denied", advice };
    }
    if (this.busy !== undefined) {
      const advice = { reconnect: "handshake", interval: this.busy };
      return { id, channel, successful: false, error: "503::busy", advice };
    }
    const clientId = `c${++this.#ids}x`;
    const userChannel = `/anzo/user/${user === "zoë" ? "zo~C3~AB" : user}/${clientId}`;
    this.sessions.set(clientId, {
      clientId,
      user,
      channel: userChannel,
      queue: [],
      client: { token: `rt-${clientId}`, user, topics: new Set(), log: [], home: undefined },
      flush: undefined,
    });
    return {
      id,
      channel,
      clientId,
      successful: true,
      version: "1.0",
      supportedConnectionTypes: ["websocket", "long-polling"],
      advice: { reconnect: "retry", interval: 0, timeout: this.hold },
      ext: { bridge: { bridgeId: "peer-1", userChannel, user, protocolVersions: ["1.1"] } },
    };
  }

  #control(session: PeerSession, data: Record<string, unknown>): void {
    const { type, correlationId } = data;
    switch (type) {
      case "connect":
        this.#connect(session, data);
        return;
      case "topicSubscribe":
      case "topicUnsubscribe":
        this.#subscribe(session.client, data);
        return;
      default:
        this.#deliver(session.client, { correlationId, status: "disconnected" });
    }
  }

  #connect(session: PeerSession, { correlationId, resume }: Record<string, unknown>): void {
    const { token = "", seq = 0 } = (resume ?? {}) as { token?: string; seq?: number };
    const known = this.#clients.get(token);
    const resumed = known?.user === session.user;
    if (resumed) {
      session.client = known;
      session.queue.splice(0);
      session.queue.push(
        ...known.log.slice(seq).map((missed) => ({ channel: session.channel, data: missed })),
      );
    }
    session.client.home = session;
    this.#clients.set(session.client.token, session.client);
    this.#deliver(session.client, {
      correlationId,
      status: "connected",
      userRoles: "trader\nuser",
      isSysadmin: false,
      bridgeId: "peer-1",
      limits: { messageBytes: 65_536, sendTimeout: this.sendTimeout },
      resumeToken: session.client.token,
      ...(resume === undefined ? {} : { resumed }),
    });
  }

  #subscribe(client: PeerClient, data: Record<string, unknown>): void {
    const { type, correlationId, topics = [], resumeFrom = {} } = data;
    const failed = (topics as string[]).filter((topic) => topic.startsWith("secret"));
    const recoveredTopics: string[] = [];
    for (const topic of (topics as string[]).filter((name) => !failed.includes(name))) {
      if (type === "topicUnsubscribe") {
        client.topics.delete(topic);
        continue;
      }
      client.topics.add(topic);
      const seen = (resumeFrom as Record<string, string>)[topic];
      if (seen === undefined) continue;
      const kept = this.#kept.get(topic) ?? [];
      const last = kept.findIndex(
        ({ properties }) => (properties as Record<string, unknown>).JMSMessageID === seen,
      );
      if (last < 0) {
        const gap = { type: "gap", topics: [{ topic, lost: null }], reason: "notRecoverable" };
        this.#deliver(client, gap);
      } else {
        recoveredTopics.push(topic);
        for (const missed of kept.slice(last + 1)) this.#deliver(client, missed);
      }
    }
    const status = failed.length > 0 ? "failed" : "success";
    const topicErrors = failed.map(() => "not authorized");
    const answer = { correlationId, status, failedTopics: failed, topicErrors };
    this.#deliver(client, { ...answer, ...(recoveredTopics.length > 0 && { recoveredTopics }) });
  }

  #send(session: PeerSession, data: Record<string, unknown>, ok: BayeuxMessage): BayeuxMessage {
    if (this.publishError !== undefined) {
      const ext = { bridge: { temporary: this.publishTemporary } };
      return { ...ok, successful: false, error: this.publishError, ext };
    }
    const destination = String(data.destination);
    const properties = data.properties as Record<string, unknown>;
    if (destination === "services/echo") {
      const body = typeof data.body === "string" ? data.body : JSON.stringify(data.body);
      const { JMSCorrelationID } = properties;
      this.#deliver(session.client, { properties: { JMSCorrelationID }, body });
    }
    const said = { ...properties, type: "topicMessage", topic: destination };
    const JMSMessageID = `ID:${++this.#ids}`;
    this.#publish(destination, { properties: { ...said, JMSMessageID }, body: data.body });
    return ok;
  }
}

const unknown = ({ id, channel }: BayeuxMessage): BayeuxMessage => ({
  id,
  channel,
  successful: false,
  error: "402::Unknown client",
  advice: { reconnect: "handshake", interval: 0 },
});

function authenticate({ headers }: IncomingMessage): string | undefined {
  const [, encoded = ""] = (headers.authorization ?? "").split(" ");
  const [user = "", ...password] = Buffer.from(encoded, "base64").toString("utf8").split(":");
  return USERS[user] === password.join(":") ? user : undefined;
}
