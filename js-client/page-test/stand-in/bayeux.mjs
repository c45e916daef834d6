// A Bayeux server with just enough of the bridge behind it to develop the page without Java. Not a model of the bridge:
// the page's tests run against the real one.
import { WebSocketServer } from "ws";

const HOLD = 20_000;

/** @typedef {{ clientId: string, user: string, channel: string, queue: object[], topics: Set<string>, seq: number, connected: boolean, flush?: () => void }} BayeuxSession */

export class StandInBayeux {
  /** @type {Map<string, BayeuxSession>} */
  sessions = new Map();
  #upgrades = new WebSocketServer({ noServer: true });
  #ids = 0;

  /**
   * @param {(session: BayeuxSession, data: any) => string | undefined} forward takes what is sent to JMS; returns an error
   * @param {Record<string, string[]>} roles of each user
   * @param {(topic: string) => {properties: object, body: string}[]} snapshot the parts of a topic's state; maybe none
   */
  constructor(forward, roles, snapshot) {
    this.forward = forward;
    this.roles = roles;
    this.snapshot = snapshot;
  }

  /** To one client. */
  deliver(session, data) {
    session.queue.push({ channel: session.channel, data: { ...data, seq: ++session.seq } });
    session.flush?.();
  }

  /** To whoever is subscribed. */
  publish(topic, properties, body) {
    const all = {
      ...properties,
      type: "topicMessage",
      topic,
      JMSMessageID: `ID:stand-in-${Date.now()}`,
    };
    for (const session of this.sessions.values()) {
      if (session.topics.has(topic)) this.deliver(session, { properties: all, body });
    }
  }

  async http(request, response, user) {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    const messages = JSON.parse(body);
    const replies = messages.map((message) => this.#handle(message, user));
    const connect = messages.find((m) => m.channel === "/meta/connect" && m.advice?.timeout !== 0);
    const session = this.sessions.get(messages[0]?.clientId ?? "");
    if (connect && session && session.queue.length === 0) {
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, HOLD);
        session.flush = () => {
          clearTimeout(timer);
          resolve();
        };
        response.on("close", session.flush);
      });
      session.flush = undefined;
    }
    if (response.destroyed) return;
    response.writeHead(200, { "Content-Type": "application/json", "X-Bridge-Id": "stand-in" });
    response.end(JSON.stringify([...(session?.queue.splice(0) ?? []), ...replies]));
  }

  upgrade(request, socket, head, user) {
    this.#upgrades.handleUpgrade(request, socket, head, (ws) => {
      ws.on("message", (frame) => {
        const messages = JSON.parse(frame.toString());
        const replies = [];
        for (const message of messages) {
          const reply = this.#handle(message, user);
          const session = this.sessions.get(message.clientId ?? "");
          if (session !== undefined) {
            session.flush = () => {
              if (session.queue.length > 0) ws.send(JSON.stringify(session.queue.splice(0)));
            };
            if (message.channel === "/meta/connect" && message.advice?.timeout !== 0) {
              if (reply.successful) {
                setTimeout(() => ws.send(JSON.stringify([reply])), HOLD);
                continue;
              }
            }
          }
          replies.push(reply);
        }
        if (replies.length > 0) ws.send(JSON.stringify(replies));
        for (const { clientId } of messages) this.sessions.get(clientId ?? "")?.flush?.();
      });
    });
  }

  #handle(message, user) {
    const { id, channel, clientId = "" } = message;
    if (channel === "/meta/handshake") return this.#handshake(message, user);
    const session = this.sessions.get(clientId);
    if (session === undefined || session.user !== user) {
      const advice = { reconnect: "handshake", interval: 0 };
      return { id, channel, successful: false, error: "402::Unknown client", advice };
    }
    const ok = { id, channel, clientId, successful: true };
    switch (channel) {
      case "/meta/connect":
        return { ...ok, advice: { reconnect: "retry", interval: 0, timeout: HOLD } };
      case "/meta/disconnect":
        this.sessions.delete(clientId);
        session.flush?.();
        return ok;
      case "/meta/subscribe":
        return { ...ok, subscription: message.subscription };
      case "/anzo/control":
        this.#control(session, message.data);
        return ok;
      default: {
        const error = this.forward(session, message.data);
        return error === undefined ? ok : { ...ok, successful: false, error };
      }
    }
  }

  #handshake({ id, channel }, user) {
    const clientId = `${++this.#ids}si${Math.random().toString(36).slice(2, 10)}`;
    const userChannel = `/anzo/user/${user}/${clientId}`;
    const session = { clientId, user, channel: userChannel, queue: [], topics: new Set(), seq: 0 };
    this.sessions.set(clientId, session);
    const bridge = { bridgeId: "stand-in", userChannel, user, protocolVersions: ["1.1"] };
    const advice = { reconnect: "retry", interval: 0, timeout: HOLD };
    const supportedConnectionTypes = ["websocket", "long-polling"];
    const ok = { id, channel, clientId, successful: true, version: "1.0" };
    return { ...ok, supportedConnectionTypes, advice, ext: { bridge } };
  }

  /** Whoever is subscribed, each once. */
  #users(topic) {
    const sessions = [...this.sessions.values()].filter(({ topics }) => topics.has(topic));
    return [...new Set(sessions.map(({ user }) => user))];
  }

  #announce(topic, before, by) {
    const now = this.#users(topic);
    const joined = now.filter((user) => !before.includes(user));
    const left = before.filter((user) => !now.includes(user));
    if (joined.length + left.length === 0) return;
    for (const session of this.sessions.values()) {
      if (session === by || !session.topics.has(topic)) continue;
      this.deliver(session, { type: "presence", topic, joined, left });
    }
  }

  #control(session, { type, correlationId, topics = [] }) {
    if (type === "connect") {
      this.deliver(session, {
        correlationId,
        status: "connected",
        userRoles: this.roles[session.user].join("\n"),
        isSysadmin: false,
        bridgeId: "stand-in",
        limits: { messageBytes: 262_144 },
      });
      return;
    }
    if (type === "presence") {
      const present = topics.map((topic) => {
        const users = this.#users(topic);
        return { topic, clients: users.length, users };
      });
      this.deliver(session, { correlationId, status: "success", topics: present });
      return;
    }
    for (const topic of topics) {
      const before = this.#users(topic);
      if (type === "topicSubscribe") {
        session.topics.add(topic);
        for (const { properties, body } of this.snapshot(topic)) {
          this.deliver(session, { properties: { ...properties, type: "snapshot", topic }, body });
        }
      } else session.topics.delete(topic);
      this.#announce(topic, before, session);
    }
    const status = type === "disconnect" ? "disconnected" : "success";
    this.deliver(session, { correlationId, status, failedTopics: [], topicErrors: [] });
  }
}
