import { readSession } from "./bayeux.js";
import { decodeBayeuxError } from "./codec.js";
import { Bayeux, type Next, type Owner } from "./bayeux-client.js";
import type { Message } from "./bayeux-message.js";
import type { Connection, ConnectionListener, Receipt, SessionInfo } from "./connection.js";
import { AuthenticationError, RefusedError } from "./errors.js";
import { Exchanges, OF_NO_SESSION } from "./exchanges.js";
import type { Settings, TransportName } from "./options.js";
import { Receipts } from "./receipts.js";
import { ended, Recovery, refusal } from "./recovery.js";
import { Scout } from "./scout.js";
import { isObject, stringOf } from "./json.js";
import { findWebSocket, Sockets } from "./sockets.js";
import { Timers } from "./timers.js";
import type { Tokens } from "./tokens.js";
import { Upgrade } from "./upgrade.js";

const WEB_SOCKET = "websocket";
const LONG_POLLING = "long-polling";

/** Milliseconds within which several browser events about the network count as one. */
const TOGETHER = 100;

/** Creates the bearer token of a connection; `lead` is as in `Tokens`. */
export type MakeTokens = (timers: Timers, lead: () => number) => Tokens;

/** @param makeTokens `undefined`: no bearer tokens */
export const connectByBayeux = (settings: Settings, makeTokens?: MakeTokens): Connection =>
  new BayeuxConnection(settings, makeTokens);

/**
 * `Connection` over Bayeux: creates sessions, keeps them alive, and reports the outcome of each
 * publish.
 */
class BayeuxConnection implements Connection, Owner {
  readonly timers: Timers;
  readonly exchanges: Exchanges;
  problem: string | undefined;
  #replyTime = 0;
  readonly #receipts = new Receipts();
  readonly #tokens: Tokens | undefined;
  readonly #scout: Scout;
  readonly #upgrade: Upgrade;
  #recovery: Recovery | undefined;
  #sockets: Sockets | undefined;
  #bayeux: Bayeux | undefined;
  #listener: ConnectionListener | undefined;
  #closing: Promise<void> | undefined;
  /** Reason of the bridge for terminating the session. */
  #ended: string | undefined;
  /** True while a new token is fetched. A handshake follows, so no other attempt may start. */
  #renewing = false;
  #state: "handshaking" | "up" | "interrupted" = "handshaking";
  #session: SessionInfo | undefined;
  /** Whether the user channel is subscribed, or is being subscribed. */
  #subscribed = false;
  /** Number of received messages. */
  #heard = 0;
  #checking = false;
  /** Time at which an attempt was last started early. */
  #woken = 0;
  /** Whether that attempt was aborted in favour of a new one. */
  #abandoned = false;
  /**
   * Change of transport in a working session: `to` the preferred one, or `back` after a failure.
   */
  #switching: "to" | "back" | undefined;

  constructor(
    readonly settings: Settings,
    makeTokens: MakeTokens | undefined,
  ) {
    this.timers = new Timers(settings.clock);
    this.exchanges = new Exchanges(settings);
    // A held connect has to return before the next one can carry a new token.
    this.#tokens = makeTokens?.(this.timers, () => {
      const { timeout = 30_000 } = this.#bayeux?.advice ?? {};
      return timeout + settings.networkTimeout;
    });
    this.exchanges.token = () => this.#tokens?.current;
    this.#scout = new Scout(
      settings,
      this.timers,
      () =>
        this.exchanges.look((status, text) => {
          // A browser hides why an upgrade was rejected. With a newer token the next attempt may
          // succeed.
          if (!this.#tokens?.mayHelp && this.#state !== "up") this.#stop(refusal(status, text));
        }),
      () => this.#tryNow(),
    );
    this.#upgrade = new Upgrade(
      this.timers,
      settings.random,
      () => this.#lookForWebSocket(),
      () => this.#changeBack(),
    );
  }

  get transport(): TransportName | undefined {
    return this.#bayeux?.transport;
  }

  get replyTime(): number {
    return Math.max(this.settings.networkTimeout, this.#replyTime);
  }

  set replyTime(ms: number) {
    this.#replyTime = ms;
  }

  extFor(channel: string): object {
    const connects = channel === "/meta/connect";
    if (!connects && channel !== "/meta/handshake") return {};
    const token = this.#tokens?.current;
    return {
      // A browser's WebSocket has no headers; a new socket of a session starts with a connect.
      ...(token === undefined ? {} : { token }),
      // The bridge also uses this to recognise a poll that the browser silently repeats.
      ...(connects ? { bridge: { seq: this.#listener?.acknowledged() ?? 0 } } : {}),
    };
  }

  get handshaking(): boolean {
    return this.#state === "handshaking";
  }

  open(listener: ConnectionListener): void {
    this.#listener = listener;
    this.#start().catch((error: unknown) =>
      this.#fail(error instanceof Error ? error : new Error(String(error))),
    );
  }

  async #start(): Promise<void> {
    const { settings } = this;
    const opener = settings.transports.includes(WEB_SOCKET)
      ? await findWebSocket(settings)
      : undefined;
    await this.#tokens?.renew();
    if (this.#closing) return;
    if (opener) {
      this.#sockets = new Sockets(
        opener,
        () => this.exchanges.headers(),
        // The socket is only being opened.
        () => this.timers.set(() => this.#renewed(), 0),
      );
    }
    const bayeux = (this.#bayeux = new Bayeux(this, this.#sockets));
    const transports = bayeux.transportNames;
    if (transports.length === 0) {
      throw new TypeError("transports: no WebSocket here; add the package ws");
    }
    this.#recovery = new Recovery(settings, transports);
    bayeux.handshake();
  }

  publish(channel: string, data: unknown, receipt: (receipt: Receipt) => void): void {
    const bayeux = this.#bayeux;
    if (!bayeux || bayeux.isDisconnected) {
      receipt({ kind: "notSent", message: "The client is not connected" });
      return;
    }
    const replied = this.#receipts.expect((outcome) => {
      receipt(outcome);
      this.#changeBack();
    });
    bayeux.publish(channel, data, replied);
  }

  batch(run: () => void): void {
    if (!this.#bayeux) run();
    else this.#bayeux.batch(run);
  }

  wake(): void {
    if (this.#closing || !this.#bayeux || this.#renewing) return;
    this.#recovery?.hurry();
    if (this.#state === "up") this.#check();
    else if (this.settings.clock.now() - this.#woken >= TOGETHER) {
      // A network that is just back may still fail this attempt. The next check then starts another.
      this.#scout.sees = false;
      this.#tryNow();
    }
  }

  drop(): void {
    if (this.#state === "up") this.#abandon();
  }

  /** Checks a connection that seems to work. Without any message in time it is aborted. */
  #check(): void {
    if (this.#checking) return;
    this.#checking = true;
    const heard = this.#heard;
    const { networkTimeout, webSocketTimeout } = this.settings;
    this.timers.set(
      () => {
        this.#checking = false;
        if (this.#heard === heard && this.#state === "up") this.#retry();
      },
      Math.min(networkTimeout, webSocketTimeout),
    );
    this.#listener?.renewed();
  }

  /** Starts the next attempt now, in place of one in progress. */
  #tryNow(): void {
    this.#woken = this.settings.clock.now();
    if (this.#bayeux?.hurry() === false && this.#state !== "up") this.#retry();
  }

  #retry(): void {
    this.#abandoned = true;
    this.#abandon();
  }

  /** Aborts everything in flight, which fails. */
  #abandon(): void {
    this.#sockets?.close();
    this.#bayeux?.abort();
  }

  heard({ channel, data }: Message): void {
    // Over long polling, the reply to a publish says nothing about the poll.
    const polled = data !== undefined || channel === "/meta/connect";
    if (polled || this.transport === WEB_SOCKET) this.#heard++;
  }

  #lookForWebSocket(): Promise<boolean> {
    const { settings } = this;
    const url = this.webSocketUrl(settings.url).replace(/^http/, "ws");
    const ext = this.extFor(OF_NO_SESSION.channel);
    return (
      this.#sockets?.look(url, { ...OF_NO_SESSION, ext }, this.timers, settings.webSocketTimeout) ??
      Promise.resolve(false)
    );
  }

  /** Moves the session to the WebSocket, once it works and nothing but the poll is in flight. */
  #changeBack(): void {
    if (this.#closing || this.#state !== "up") return;
    if (!this.#upgrade.ready || !this.#receipts.idle) return;
    this.#upgrade.done();
    this.#switching = "to";
    this.exchanges.abort();
  }

  close(): Promise<void> {
    this.#closing ??= new Promise<void>((resolve) => {
      const done = () => {
        this.#dispose();
        resolve();
      };
      const bayeux = this.#bayeux;
      if (!bayeux || bayeux.isDisconnected || this.#state !== "up") {
        done();
        return;
      }
      this.timers.set(done, this.settings.closeTimeout);
      bayeux.disconnect(done);
    });
    return this.#closing;
  }

  #dispose(): void {
    this.#scout.end();
    this.timers.close();
    this.#sockets?.close();
    this.exchanges.close();
    this.#receipts.clear();
  }

  #fail(error: Error): void {
    if (this.#closing) return;
    this.#closing = Promise.resolve();
    this.#dispose();
    this.#listener?.failed(error);
  }

  /** Stops with an error, unless a new token may solve it. */
  #stop(error: Error): void {
    if (this.#closing || this.#renewing) return;
    const tokens = this.#tokens;
    if (!(error instanceof AuthenticationError && tokens?.mayHelp)) {
      this.#fail(error);
      return;
    }
    this.#renewing = true;
    this.#state = "handshaking";
    this.#listener?.interrupted();
    tokens.renew().then(
      () => {
        this.#renewing = false;
        if (this.#closing) return;
        this.#bayeux?.reset(true);
        this.#bayeux?.handshake();
      },
      (failure: unknown) => this.#fail(failure as Error),
    );
  }

  handshaken(reply: Message): void {
    if (this.#closing || reply.successful !== true) return;
    const session = readSession(reply, this.settings.channelRoot);
    if (!session) {
      this.#fail(new RefusedError("unsupportedVersion", "Not a Longspan bridge"));
      return;
    }
    this.exchanges.bridgeId = session.bridgeId;
    this.#state = "up";
    this.#scout.end();
    this.#switching = undefined;
    this.#ended = undefined;
    this.#tokens?.accepted();
    this.#recovery?.begun();
    this.#receipts.sessionLost();
    const bayeux = this.#bayeux;
    bayeux?.batch(() => {
      this.#session = session;
      this.#subscribe(bayeux, session);
      this.#listener?.opened(session);
    });
  }

  #subscribe(bayeux: Bayeux, session: SessionInfo): void {
    this.#subscribed = true;
    bayeux.subscribe(session.userChannel, (answer) => {
      if (answer.successful === true || this.#session !== session) return;
      if (answer.failure) {
        // The bridge may have received the request.
        this.#subscribed = false;
        return;
      }
      const { code, message } = decodeBayeuxError(answer.error);
      // 402: the session is gone; the next session subscribes again.
      if (code !== "402") this.#fail(new RefusedError(code, message));
    });
  }

  published({ channel, data }: Message): void {
    if (channel !== this.#session?.userChannel) return;
    if (isObject(data) && data.type === "sessionEnded") this.#ended = stringOf(data.reason);
    else this.#listener?.received(data);
  }

  disconnected(): void {
    this.#stop(ended(this.#ended));
  }

  noTransport(): void {
    this.#fail(new RefusedError("transport", "No common transport"));
  }

  connected(reply: Message): void {
    if (this.#closing || this.handshaking) return;
    if (reply.successful === true) {
      // The Bayeux client would stop without an event.
      if (reply.advice?.reconnect === "none") {
        this.#stop(ended(this.#ended));
        return;
      }
      this.#tokens?.accepted();
      this.#recovery?.works();
      if (!this.#subscribed && this.#bayeux && this.#session) {
        this.#subscribe(this.#bayeux, this.#session);
      }
      if (this.#state === "interrupted") {
        this.#state = "up";
        this.#scout.end();
        this.#listener?.restored();
      } else if (this.#switching === "back") this.#listener?.renewed();
      if (this.#leavesPoll) return;
      this.#switching = undefined;
      if (this.transport === WEB_SOCKET) this.#upgrade.done();
      else if (this.#recovery?.preferred === WEB_SOCKET) this.#upgrade.begin();
    } else if (this.#state === "up" && !(this.#switching === "to" && reply.failure)) {
      this.#state = "interrupted";
      this.#listener?.interrupted();
    }
  }

  #renewed(): void {
    if (!this.#closing && this.#state === "up") this.#listener?.renewed();
  }

  afterFailure(reply: Message, proposal: "none" | "handshake" | "retry"): Next {
    const none: Next = { kind: "none" };
    const bayeux = this.#bayeux;
    if (this.#closing || this.#renewing) return none;
    if (!bayeux || !this.#recovery) return none;
    const { failure, error, channel } = reply;
    const { code, message: text } = decodeBayeuxError(error);
    const transport = this.transport ?? "";
    if (this.#switching === "to" && failure) {
      const next = transport === WEB_SOCKET ? LONG_POLLING : WEB_SOCKET;
      if (next === LONG_POLLING) this.#switching = "back";
      return { kind: "retry", delay: 0, transport: next };
    }
    this.#switching = undefined;
    const abandoned = this.#abandoned;
    this.#abandoned = false;
    this.#scout.begin();
    // It must not report what this answer shows: the bridge may have advised to wait.
    if (!failure) this.#scout.sees = true;
    const { timeout, interval, maxInterval } = bayeux.advice;
    const hidden = transport === WEB_SOCKET ? this.#sockets?.refusal : failure?.httpCode;
    this.problem = `${transport}: ${failure?.reason || text}`;
    const isHandshake = channel === "/meta/handshake";
    const decision = this.#recovery.after({
      isHandshake,
      transport,
      abandoned,
      unreachable: this.#scout.sees !== true,
      answered: !failure,
      status: (!failure ? Number(code) : hidden) || 0,
      code,
      text: failure?.reason || text,
      advice: proposal,
      sessionTime: maxInterval > 0 ? timeout + interval + maxInterval : 0,
    });
    if (decision.kind === "stop") {
      this.#stop(decision.error);
      return none;
    }
    if (decision.kind === "handshake") {
      bayeux.reset(isHandshake);
      this.#state = "handshaking";
      this.exchanges.bridgeId = undefined;
      this.#listener?.interrupted();
    }
    return decision;
  }

  get #leavesPoll(): boolean {
    return this.#switching === "to" && this.transport !== WEB_SOCKET;
  }

  isBlocked(transport: string): boolean {
    return this.#recovery?.isBlocked(transport) === true;
  }

  /**
   * Adds the bridge id to a URL. A browser's WebSocket cannot send the header that load balancers
   * use.
   */
  webSocketUrl(url: string): string {
    const { bridgeId } = this.exchanges;
    return bridgeId === undefined ? url : `${url}?bridgeId=${encodeURIComponent(bridgeId)}`;
  }

  written(messages: readonly Message[]): void {
    this.#receipts.written(messages);
    // If there are pauses between polls, there may have been no poll to abort.
    if (messages[0]?.channel === "/meta/connect" && this.#leavesPoll) {
      this.timers.set(() => {
        if (this.#receipts.idle) this.exchanges.abort();
      }, 0);
    }
  }
}
