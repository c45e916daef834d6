import type { Advice, Message, TransportFailure } from "./bayeux-message.js";
import type { TransportName } from "./options.js";
import type { Sockets } from "./sockets.js";
import {
  LongPollingTransport,
  WebSocketTransport,
  type Conditions,
  type Transport,
  type TransportListener,
} from "./transports.js";

/** What follows a failed handshake or connect. */
export type Next =
  | { readonly kind: "none" }
  | {
      readonly kind: "handshake" | "retry";
      /** Milliseconds, beside the interval of the server's advice. */
      readonly delay: number;
      /** The next transport; `undefined`: the current one. */
      readonly transport: string | undefined;
    };

/** The connection that owns a Bayeux client and decides for it. */
export interface Owner extends Conditions {
  /** Returns the `ext` fields of a message on a meta channel. */
  extFor(channel: string): object;
  isBlocked(transport: string): boolean;
  /** Called with each received message, before it is handled. */
  heard(message: Message): void;
  /** Called with the reply to a handshake or connect, or with its failure. */
  handshaken(reply: Message): void;
  connected(reply: Message): void;
  /** The server has ended the session. */
  disconnected(): void;
  /** Called with a message that has `data`. */
  published(message: Message): void;
  /** Decides what follows a failed handshake or connect. */
  afterFailure(reply: Message, proposal: "none" | "handshake" | "retry"): Next;
  /** The server knows none of the transports. */
  noTransport(): void;
}

/** Called with the reply to a message, or with the failure of the transport. */
type Replied = (reply: Message) => void;

const NO_ADVICE: Advice = { timeout: 60_000, interval: 0, maxInterval: 0 };

/**
 * The part of Bayeux 1.0 that the bridge uses: handshake, the loop of connects, disconnect, and
 * messages with their replies. What follows a failure is decided by its owner.
 */
export class Bayeux implements TransportListener {
  advice = NO_ADVICE;
  readonly #transports: readonly Transport[];
  #transport: Transport | undefined;
  #state: "disconnected" | "handshaking" | "active" | "disconnecting" = "disconnected";
  #clientId: string | undefined;
  /** Whether the last connect was successful; else the next one asks for an immediate answer. */
  #connected = false;
  #ids = 0;
  /** Id of the handshake or connect in flight; replies to earlier ones are ignored. */
  #awaited: string | undefined;
  /** Functions for the replies to other messages of this session, by id. */
  readonly #replies = new Map<string, Replied>();
  /** Messages of a batch, or of the time before there is a session. */
  readonly #queue: (readonly [Message, Replied])[] = [];
  #batches = 0;
  /** Timer of the next handshake or connect. */
  #timer = 0;
  /** The next attempt after a failure. */
  #attempt: (() => void) | undefined;

  /** @param sockets `undefined` if the platform has no WebSockets */
  constructor(
    private readonly owner: Owner,
    sockets: Sockets | undefined,
  ) {
    this.#transports = owner.settings.transports.flatMap((name): Transport[] => {
      if (name === "long-polling") return [new LongPollingTransport(owner, this)];
      return !sockets ? [] : [new WebSocketTransport(owner, this, sockets)];
    });
  }

  get transportNames(): readonly TransportName[] {
    return this.#transports.map(({ name }) => name);
  }

  /** The transport in use. */
  get transport(): TransportName | undefined {
    return this.#transport?.name;
  }

  get isDisconnected(): boolean {
    return this.#state === "disconnected" || this.#state === "disconnecting";
  }

  handshake(): void {
    const supported = this.#transports.filter(({ name }) => !this.owner.isBlocked(name));
    this.#state = "handshaking";
    this.#clientId = undefined;
    this.advice = NO_ADVICE;
    this.#transport ??= supported[0] ?? this.#transports[0];
    const { timeout, interval } = NO_ADVICE;
    this.#send([
      {
        id: (this.#awaited = this.#nextId()),
        version: "1.0",
        minimumVersion: "1.0",
        channel: "/meta/handshake",
        supportedConnectionTypes: supported.map(({ name }) => name),
        advice: { timeout, interval },
      },
    ]);
  }

  publish(channel: string, data: unknown, replied: Replied): void {
    this.#enqueue({ id: this.#nextId(), channel, data }, replied);
  }

  subscribe(subscription: string, replied: Replied): void {
    this.#enqueue({ id: this.#nextId(), channel: "/meta/subscribe", subscription }, replied);
  }

  /** Sends all messages of `run` together. */
  batch(run: () => void): void {
    this.#batches++;
    try {
      run();
    } finally {
      this.#batches--;
      this.#flush();
    }
  }

  /** @param replied called when the server has ended the session, or cannot be reached */
  disconnect(replied: () => void): void {
    const id = this.#nextId();
    this.#state = "disconnecting";
    this.#timeOff();
    this.#replies.set(id, replied);
    this.#send([{ id, channel: "/meta/disconnect" }]);
  }

  /** Fails everything in flight. */
  abort(): void {
    for (const transport of this.#transports) transport.abort();
  }

  /** Discards everything in flight. `all`: also an open connection. */
  reset(all: boolean): void {
    for (const transport of this.#transports) transport.reset(all);
  }

  /**
   * Starts the attempt now that waits after a failure.
   *
   * @returns whether there was one
   */
  hurry(): boolean {
    const attempt = this.#attempt;
    if (!attempt || !this.owner.timers.clear(this.#timer)) return false;
    attempt();
    return true;
  }

  received(messages: readonly Message[]): void {
    for (const message of messages) {
      this.owner.settings.wire?.("received", message);
      this.owner.heard(message);
      if (message.advice) this.advice = { ...NO_ADVICE, ...message.advice };
      this.#handle(message);
    }
  }

  failed(messages: readonly Message[], failure: TransportFailure): void {
    for (const { id, channel } of messages) {
      this.#handle({ id, channel, successful: false, failure });
    }
  }

  #handle(message: Message): void {
    // An exception must not keep the other messages from being handled.
    try {
      const { id, channel, data } = message;
      if (channel === "/meta/handshake" || channel === "/meta/connect") {
        if (id !== this.#awaited || this.isDisconnected) return;
        if (channel === "/meta/connect") this.#afterConnect(message);
        else this.#afterHandshake(message);
      } else if (data !== undefined) this.owner.published(message);
      else {
        const replied = this.#replies.get(id ?? "");
        this.#replies.delete(id ?? "");
        if (channel === "/meta/disconnect") this.#stop(false);
        replied?.(message);
        if (channel === "/meta/disconnect") this.owner.disconnected();
      }
    } catch (error) {
      this.owner.settings.logger.error("unexpected", error);
    }
  }

  #afterHandshake(reply: Message): void {
    if (reply.successful !== true) {
      this.owner.handshaken(reply);
      this.#afterFailure(reply, "handshake");
      return;
    }
    const { supportedConnectionTypes = [], clientId } = reply;
    const transport = this.#transports.find(
      ({ name }) => supportedConnectionTypes.includes(name) && !this.owner.isBlocked(name),
    );
    if (!transport) {
      this.#stop(true);
      this.owner.noTransport();
      return;
    }
    this.#transport = transport;
    this.#clientId = clientId;
    this.#state = "active";
    this.#replies.clear();
    this.#flush();
    this.owner.handshaken(reply);
    this.#continue();
  }

  #afterConnect(reply: Message): void {
    this.#connected = reply.successful === true;
    this.owner.connected(reply);
    if (this.#connected) this.#continue();
    else this.#afterFailure(reply, "retry");
  }

  /** Schedules the next connect, unless the server or a listener has ended the session. */
  #continue(): void {
    if (this.isDisconnected) return;
    if (this.advice.reconnect === "none") this.#stop(false);
    else this.#later(() => this.#connect(), 0);
  }

  #afterFailure(reply: Message, otherwise: "handshake" | "retry"): void {
    if (this.isDisconnected) return;
    // Without a reply the advice is an old one.
    const proposal = !reply.failure ? this.advice.reconnect : undefined;
    const next = this.owner.afterFailure(reply, proposal ?? otherwise);
    if (next.kind === "none") {
      this.#stop(true);
      return;
    }
    this.#transport =
      this.#transports.find(({ name }) => name === next.transport) ?? this.#transport;
    if (next.kind === "handshake") this.#state = "handshaking";
    const attempt = () => {
      this.#attempt = undefined;
      if (next.kind === "handshake") this.handshake();
      else this.#connect();
    };
    this.#later(attempt, next.delay);
    this.#attempt = attempt;
  }

  #connect(): void {
    const { name: connectionType } = this.#transport ?? {};
    const advice = this.#connected ? {} : { advice: { timeout: 0 } };
    const id = (this.#awaited = this.#nextId());
    this.#send([{ id, channel: "/meta/connect", connectionType, ...advice }]);
  }

  #later(run: () => void, delay: number): void {
    this.#timeOff();
    this.#timer = this.owner.timers.set(run, this.advice.interval + delay);
  }

  #timeOff(): void {
    this.#attempt = undefined;
    this.owner.timers.clear(this.#timer);
  }

  #stop(abort: boolean): void {
    this.#timeOff();
    const transport = this.#transport;
    this.#transport = undefined;
    this.#state = "disconnected";
    this.#connected = false;
    this.#awaited = undefined;
    if (abort) transport?.abort();
    for (const [{ channel }, replied] of this.#queue.splice(0)) {
      replied({ channel, failure: { reason: "Disconnected" } });
    }
  }

  #nextId = (): string => String(++this.#ids);

  #enqueue(message: Message, replied: Replied): void {
    this.#queue.push([message, replied]);
    this.#flush();
  }

  #flush(): void {
    if (this.#batches > 0 || this.#state !== "active" || this.#queue.length === 0) return;
    const queued = this.#queue.splice(0);
    for (const [{ id = "" }, replied] of queued) this.#replies.set(id, replied);
    this.#send(queued.map(([message]) => message));
  }

  #send(messages: readonly Message[]): void {
    for (const message of messages) {
      if (this.#clientId !== undefined) message.clientId = this.#clientId;
      const ext = this.owner.extFor(message.channel);
      if (Object.keys(ext).length > 0) message.ext = ext;
      this.owner.settings.wire?.("sent", message);
    }
    const type = /^\/meta\/(handshake|connect|disconnect)$/.exec(messages[0]?.channel ?? "")?.[1];
    this.#transport?.send(messages, type ?? "");
  }
}
