// The one file that imports CometD: its client and its two transports, each told by a `Link` what to do.
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

/** The connection that a CometD client works for. */
export interface Link {
  readonly settings: Settings;
  readonly timers: Timers;
  readonly exchanges: Exchanges;
  readonly handshaking: boolean;
  /** Milliseconds that a reply may take. */
  readonly replyTime: number;
  /** What a message on a meta channel says beside Bayeux. */
  extFor(channel: string): object;
  isBlocked(transport: string): boolean;
  webSocketUrl(url: string): string;
  /** Something has come from the bridge. */
  heard(message: Message): void;
  /** The messages are being written to the network. */
  written(messages: readonly Message[]): void;
  /** What follows a failed handshake or connect, in place of CometD's own decision. */
  afterFailure(bayeux: Bayeux, message: Message, info: FailureInfo): FailureInfo;
}

/** CometD with our timers, our log and our decision on what follows a failure. */
export class Bayeux extends CometD {
  /** The attempt that is waited for. */
  #next: { readonly id: number; run(): void } | undefined;
  #deciding = false;

  /** @param sockets `undefined` where there are no WebSockets */
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
      // The bridge limits messages; CometD's own 8 kB would only be in the way.
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
    // Undefined while the base class is constructed.
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

  /** Begins the attempt that is waited for now. @returns whether there is one */
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
    // What CometD decides after a failure is when it tries again.
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

/** Whether they ask for an answer at once, which the bridge does not hold back. */
const probe = (messages: readonly Message[]): boolean => messages[0]?.advice?.timeout === 0;

/** Transports wait as long for the reply to a connect as the bridge may hold it, and a network delay. */
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
      // A proxy that lets the upgrade through, and then nothing, blocks as well as one that refuses it.
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
