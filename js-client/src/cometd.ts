// The only file that imports CometD. A `Link` controls its client and its two transports.
import {
  CometD,
  LongPollingTransport,
  WebSocketTransport,
  type Advice,
  type Envelope,
  type FailureInfo,
  type ListenerHandle,
  type Message,
  type Packet,
} from "cometd";
import type { Exchanges } from "./exchanges.js";
import { HttpExchange } from "./http.js";
import type { Settings } from "./options.js";
import type { Sockets } from "./sockets.js";
import type { Timers } from "./timers.js";

export type { FailureInfo, ListenerHandle, Message };

/** The connection that owns a CometD client. */
export interface Link {
  readonly settings: Settings;
  readonly timers: Timers;
  readonly exchanges: Exchanges;
  readonly handshaking: boolean;
  /** Deadline for a reply, in milliseconds. */
  readonly replyTime: number;
  /** Returns the `ext` fields of a message on a meta channel. */
  extFor(channel: string): object;
  isBlocked(transport: string): boolean;
  webSocketUrl(url: string): string;
  /** Called with each received message. */
  heard(message: Message): void;
  /** Called when messages are being written to the network. */
  written(messages: readonly Message[]): void;
  /** Decides what follows a failed handshake or connect, in place of CometD. */
  afterFailure(bayeux: Bayeux, message: Message, info: FailureInfo): FailureInfo;
}

/** CometD with our timers, our logger and our decisions after failures. */
export class Bayeux extends CometD {
  /** The attempt that a timer will start. */
  #next: { readonly id: number; run(): void } | undefined;
  #deciding = false;

  /** @param sockets `undefined` if the platform has no WebSockets */
  constructor(
    private readonly link: Link,
    sockets: Sockets | undefined,
  ) {
    super("longspan");
    const { settings } = link;
    this.unregisterTransports();
    for (const name of settings.transports) {
      if (name === "long-polling") this.registerTransport(name, new FetchLongPolling(link));
      else if (sockets !== undefined) this.registerTransport(name, new OwnWebSocket(link, sockets));
    }
    this.configure({
      url: settings.url,
      connectTimeout: settings.webSocketTimeout,
      // The bridge limits messages; CometD's default of 8 kB is too small.
      maxSendBayeuxMessageSize: Number.MAX_SAFE_INTEGER,
    });
    const report = (error: unknown) => settings.logger.error("unexpected", error);
    this.onListenerException = report;
    this.onCallbackException = report;
    this.registerExtension("bridge", {
      outgoing: (message: Message) => {
        const ext = link.extFor(message.channel);
        if (Object.keys(ext).length > 0) message.ext = { ...message.ext, ...ext };
        return message;
      },
    });
  }

  override getURL(): string | null {
    const url = super.getURL();
    // The base class's constructor calls this before link is set.
    const link = this.link as Link | undefined;
    return url !== null && this.getTransport()?.type === "websocket" && link !== undefined
      ? link.webSocketUrl(url)
      : url;
  }

  override onTransportFailure(
    message: Message,
    info: FailureInfo,
    handle: (info: FailureInfo) => void,
  ): void {
    const decided = this.link.afterFailure(this, message, info);
    this.#deciding = true;
    handle.call(this, decided);
    this.#deciding = false;
  }

  /**
   * Starts the pending attempt now.
   *
   * @returns whether there was one
   */
  hurry(): boolean {
    const next = this.#next;
    this.#next = undefined;
    if (next === undefined || !this.link.timers.clear(next.id)) return false;
    next.run();
    return true;
  }

  override receive(message: Message): void {
    this.link.heard(message);
    super.receive(message);
  }

  override setTimeout(run: () => void, ms: number): number {
    const id = this.link.timers.set(run, ms);
    // After a failure CometD only sets the timer of the next attempt.
    if (this.#deciding) this.#next = { id, run };
    return id;
  }

  override clearTimeout(id: number): void {
    this.link.timers.clear(id);
  }

  override _debug(...args: unknown[]): void {
    (this.link as Link | undefined)?.settings.logger.debug(...args);
  }

  override _info(...args: unknown[]): void {
    this.link.settings.logger.info(...args);
  }

  override _warn(...args: unknown[]): void {
    this.link.settings.logger.warn(...args);
  }
}

/** Whether the messages request an immediate answer, which the bridge does not hold. */
const probe = (messages: readonly Message[]): boolean => messages[0]?.advice?.timeout === 0;

/**
 * Returns the advice from which a transport computes the deadline of a connect: the time the bridge
 * may hold it. The bridge does not hold a probe, so its timeout is 0.
 */
const adviceOf = (advice: Advice, probes: boolean): Advice =>
  probes ? { ...advice, timeout: 0 } : advice;

class OwnWebSocket extends WebSocketTransport {
  #probes = false;

  constructor(
    private readonly link: Link,
    private readonly sockets: Sockets,
  ) {
    super();
  }

  override get configuration(): object {
    return {
      ...super.configuration,
      // The second argument of `new window.WebSocket`: see window.ts.
      protocol: this.sockets,
      // A proxy that accepts the upgrade but passes no messages counts as blocking, too.
      maxNetworkDelay:
        this.link.handshaking || this.#probes
          ? this.link.settings.webSocketTimeout
          : this.link.replyTime,
    };
  }

  override get advice(): Advice {
    return adviceOf(super.advice, this.#probes);
  }

  override accept(version: string, crossDomain: boolean, url: string): boolean {
    return !this.link.isBlocked("websocket") && super.accept(version, crossDomain, url);
  }

  /** Called when the socket is open, just before the messages are written. */
  override convertToJSON(messages: Message[]): string {
    const json = super.convertToJSON(messages);
    this.#probes = probe(messages);
    this.link.written(messages);
    return json;
  }
}

class FetchLongPolling extends LongPollingTransport {
  #messages: readonly Message[] = [];
  #probes = false;

  constructor(private readonly link: Link) {
    super();
  }

  override transportSend(envelope: Envelope, request: object): boolean {
    this.#messages = envelope.messages;
    return super.transportSend(envelope, request);
  }

  override convertToJSON(messages: Message[]): string {
    const json = super.convertToJSON(messages);
    this.#probes = probe(messages);
    this.link.written(messages);
    return json;
  }

  override get configuration(): object {
    return { ...super.configuration, maxNetworkDelay: this.link.replyTime };
  }

  override get advice(): Advice {
    return adviceOf(super.advice, this.#probes);
  }

  override xhrSend(packet: Packet): object {
    return this.link.exchanges.post(packet, this.#messages);
  }

  override abortXHR(xhr: unknown): boolean {
    if (!(xhr instanceof HttpExchange)) return false;
    xhr.abort();
    return true;
  }
}
