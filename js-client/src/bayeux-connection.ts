import { readSession } from "./bayeux.js";
import { decodeBayeuxError } from "./codec.js";
import {
  Bayeux,
  type FailureInfo,
  type Link,
  type ListenerHandle,
  type Message,
} from "./cometd.js";
import type { Connection, ConnectionListener, Receipt, SessionInfo } from "./connection.js";
import { AuthenticationError, RefusedError } from "./errors.js";
import { Exchanges } from "./exchanges.js";
import type { Settings } from "./options.js";
import { Receipts } from "./receipts.js";
import { ended, Recovery } from "./recovery.js";
import { isObject, stringOf } from "./json.js";
import { findWebSocket, Sockets } from "./sockets.js";
import { Timers } from "./timers.js";
import { Tokens } from "./tokens.js";

export const connectByBayeux = (settings: Settings): Connection => new BayeuxConnection(settings);

/** The connection to a bridge, over CometD: its sessions, and what becomes of each message. */
class BayeuxConnection implements Connection, Link {
  readonly timers: Timers;
  readonly exchanges: Exchanges;
  problem: string | undefined;
  readonly #receipts = new Receipts();
  readonly #tokens: Tokens;
  #recovery: Recovery | undefined;
  #sockets: Sockets | undefined;
  #bayeux: Bayeux | undefined;
  #listener: ConnectionListener | undefined;
  #closing: Promise<void> | undefined;
  /** Why the bridge has ended the session. */
  #ended: string | undefined;
  /** A new token is being got, with which a handshake follows: nothing else may begin one. */
  #renewing = false;
  #state: "handshaking" | "up" | "interrupted" = "handshaking";
  #session: SessionInfo | undefined;
  /** Whether its user channel is subscribed, or being subscribed. */
  #subscribed = false;
  #hearing: ListenerHandle | undefined;

  constructor(readonly settings: Settings) {
    this.timers = new Timers(settings.clock);
    this.exchanges = new Exchanges(settings);
    // A held connect has to return before the next one can carry a new token.
    this.#tokens = new Tokens(settings, this.timers, () => {
      const { timeout = 30_000 } = this.#bayeux?.getAdvice() ?? {};
      return timeout + settings.networkTimeout;
    });
    this.exchanges.token = () => this.#tokens.current;
  }

  extFor(channel: string): object {
    const connects = channel === "/meta/connect";
    if (!connects && channel !== "/meta/handshake") return {};
    const token = this.#tokens.current;
    return {
      // A WebSocket of a page carries no header; a new socket of the session begins with a connect.
      ...(token === undefined ? {} : { token }),
      // By this the bridge also knows a poll that the browser sends a second time without telling.
      ...(connects ? { bridge: { seq: this.#listener?.taken() ?? 0 } } : {}),
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
    const opener = settings.transports.includes("websocket")
      ? await findWebSocket(settings)
      : undefined;
    await this.#tokens.renew();
    if (this.#closing !== undefined) return;
    if (opener !== undefined) {
      this.#sockets = new Sockets(
        opener,
        () => this.exchanges.headers(),
        // CometD is in the middle of sending what the socket is opened for.
        () => this.timers.set(() => this.#renewed(), 0),
      );
    }
    const bayeux = (this.#bayeux = new Bayeux(this, this.#sockets));
    const transports = bayeux.getTransportTypes();
    if (transports.length === 0) {
      throw new TypeError("transports: this platform has no WebSocket; add the package ws");
    }
    this.#recovery = new Recovery(settings, transports);
    bayeux.addListener("/meta/handshake", (reply) => this.#handshaken(reply));
    bayeux.addListener("/meta/connect", (reply) => this.#connected(reply));
    bayeux.addListener("/meta/disconnect", () => this.#stop(ended(this.#ended)));
    bayeux.handshake();
  }

  publish(channel: string, data: unknown, receipt: (receipt: Receipt) => void): void {
    const bayeux = this.#bayeux;
    if (bayeux === undefined || bayeux.isDisconnected()) {
      receipt({ kind: "notSent", message: "There is no connection" });
      return;
    }
    const replied = this.#receipts.expect(receipt);
    bayeux.publish(channel, data, replied);
  }

  batch(run: () => void): void {
    if (this.#bayeux === undefined) run();
    else this.#bayeux.batch(run);
  }

  close(): Promise<void> {
    this.#closing ??= new Promise<void>((resolve) => {
      const done = () => {
        this.#dispose();
        resolve();
      };
      const bayeux = this.#bayeux;
      if (bayeux === undefined || bayeux.isDisconnected() || this.#state !== "up") {
        done();
        return;
      }
      this.timers.set(done, this.settings.closeTimeout);
      bayeux.disconnect(done);
    });
    return this.#closing;
  }

  #dispose(): void {
    this.timers.close();
    this.#sockets?.close();
    this.exchanges.close();
    this.#receipts.clear();
  }

  #fail(error: Error): void {
    if (this.#closing !== undefined) return;
    this.#closing = Promise.resolve();
    this.#dispose();
    this.#listener?.failed(error);
  }

  /** Gives up, unless it was for a token that a newer one can take the place of. */
  #stop(error: Error): void {
    if (this.#closing !== undefined || this.#renewing) return;
    if (!(error instanceof AuthenticationError && this.#tokens.mayHelp)) {
      this.#fail(error);
      return;
    }
    this.#renewing = true;
    this.#state = "handshaking";
    this.#listener?.interrupted();
    this.#tokens.renew().then(
      () => {
        this.#renewing = false;
        if (this.#closing !== undefined) return;
        this.#bayeux?.getTransportRegistry().reset(true);
        this.#bayeux?.handshake();
      },
      (failure: unknown) => this.#fail(failure as Error),
    );
  }

  #handshaken(reply: Message): void {
    if (this.#closing !== undefined || reply.successful !== true) return;
    const session = readSession(reply, this.settings.channelRoot);
    if (session === undefined) {
      this.#fail(new RefusedError("unsupportedVersion", "The server is not a Longspan bridge"));
      return;
    }
    this.exchanges.bridgeId = session.bridgeId;
    this.#state = "up";
    this.#ended = undefined;
    this.#tokens.accepted();
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
    const { userChannel } = session;
    this.#subscribed = true;
    if (this.#hearing !== undefined) bayeux.removeListener(this.#hearing);
    // CometD drops a subscription whose asking fails, though the bridge may have heard it; a listener stays.
    const unheard = () => undefined;
    bayeux.subscribe(userChannel, unheard, (answer) => {
      if (answer.successful === true || this.#session !== session) return;
      if (answer.failure !== undefined) {
        this.#subscribed = false;
        return;
      }
      const { code, message } = decodeBayeuxError(answer.error);
      // 402: the session is gone already, and the next one does it again.
      if (code !== "402") this.#fail(new RefusedError(code, message));
    });
    this.#hearing = bayeux.addListener(userChannel, ({ data }) => {
      if (this.#closing !== undefined) return;
      if (isObject(data) && data.type === "sessionEnded") this.#ended = stringOf(data.reason);
      else this.#listener?.received(data);
    });
  }

  #connected(reply: Message): void {
    if (this.#closing !== undefined || this.handshaking) return;
    if (reply.successful === true) {
      // CometD would end in silence.
      if (reply.advice?.reconnect === "none") {
        this.#stop(ended(this.#ended));
        return;
      }
      this.#tokens.accepted();
      this.#recovery?.works();
      if (!this.#subscribed && this.#bayeux !== undefined && this.#session !== undefined) {
        this.#subscribe(this.#bayeux, this.#session);
      }
      if (this.#state === "interrupted") {
        this.#state = "up";
        this.#listener?.restored();
      }
    } else if (this.#state === "up") {
      this.#state = "interrupted";
      this.#listener?.interrupted();
    }
  }

  #renewed(): void {
    if (this.#closing === undefined && this.#state === "up") this.#listener?.renewed();
  }

  /** Says what follows a failed handshake or connect, in place of CometD. */
  afterFailure(bayeux: Bayeux, message: Message, info: FailureInfo): FailureInfo {
    const none: FailureInfo = { ...info, action: "none" };
    if (this.#closing !== undefined || this.#renewing || this.#recovery === undefined) return none;
    if (info.cause === "negotiation") {
      this.#fail(new RefusedError("transport", "No transport that both sides know"));
      return none;
    }
    const { failure, error, channel } = message;
    const { code, message: text } = decodeBayeuxError(error);
    const transport = bayeux.getTransport()?.type ?? "";
    const { timeout = 0, interval = 0, maxInterval = 0 } = bayeux.getAdvice();
    const hidden = transport === "websocket" ? this.#sockets?.refusal : failure?.httpCode;
    this.problem = `${transport}: ${failure?.reason || text}`;
    const decision = this.#recovery.after({
      isHandshake: channel === "/meta/handshake",
      transport,
      answered: info.cause === "unsuccessful",
      status: (failure === undefined ? Number(code) : hidden) || 0,
      code,
      text,
      advice: info.action,
      sessionTime: maxInterval > 0 ? timeout + interval + maxInterval : 0,
    });
    if (decision.kind === "stop") {
      this.#stop(decision.error);
      return none;
    }
    if (decision.kind === "handshake") {
      bayeux.getTransportRegistry().reset(channel === "/meta/handshake");
      this.#state = "handshaking";
      this.exchanges.bridgeId = undefined;
      this.#listener?.interrupted();
    }
    const next = decision.transport;
    return {
      ...info,
      action: decision.kind,
      delay: decision.delay,
      transport: next === undefined ? null : bayeux.findTransport(next),
    };
  }

  isBlocked(transport: string): boolean {
    return this.#recovery?.isBlocked(transport) === true;
  }

  /** A browser's WebSocket can't carry the header by which a load balancer finds the bridge. */
  webSocketUrl(url: string): string {
    const { bridgeId } = this.exchanges;
    return bridgeId === undefined ? url : `${url}?bridgeId=${encodeURIComponent(bridgeId)}`;
  }

  written(messages: readonly Message[]): void {
    this.#receipts.written(messages);
  }
}
