import { Backoff } from "./backoff.js";
import type { AnswerOk, ConnectInfo, Incoming, Limits, Notice } from "./codec.js";
import type { ConnectionFactory, Receipt } from "./connection.js";
import { deferred, type Deferred } from "./deferred.js";
import { CancelledError, ConnectionLostError, NotSentError, type LongspanError } from "./errors.js";
import type { Events } from "./events.js";
import type { BridgeMessage } from "./message.js";
import { BridgeLink, type BridgeLinkListener, type ResumePoint } from "./bridge-link.js";
import type { Settings, TransportName } from "./options.js";
import type { ControlCommand, SessionPort } from "./session-port.js";
import { Publishes } from "./publishes.js";
import { Requests } from "./requests.js";
import { checkSize, type SendData } from "./sends.js";
import { Signals } from "./signals.js";
import type { ClientEvents, Status } from "./status.js";
import { Subscriptions } from "./subscriptions.js";
import { Timers } from "./timers.js";

/**
 * Connects the client's wish (`#wanted`) with the actual state (`#status`): connects, keeps the
 * connection, and distributes what arrives.
 */
export abstract class Session implements SessionPort {
  abstract readonly subscriptions: Subscriptions;
  readonly requests: Requests;
  protected readonly publishes = new Publishes();
  protected readonly linkListener: BridgeLinkListener;
  protected link: BridgeLink | undefined;
  protected connectInfo: ConnectInfo | undefined;
  #timers: Timers;
  #status: Status = "disconnected";
  #transport: TransportName | undefined;
  readonly #signals = new Signals(
    () => this.reconnect(),
    () => this.link?.drop(),
  );
  #wanted: Deferred<ConnectInfo> | undefined;

  constructor(
    protected readonly settings: Settings,
    private readonly connections: ConnectionFactory,
    readonly events: Events<ClientEvents>,
  ) {
    this.#timers = new Timers(settings.clock);
    this.requests = new Requests(this, settings.requestTimeout, () => this.idle?.());
    this.linkListener = {
      connected: (info, resumed) => this.onConnected(info, resumed),
      interrupted: () => this.onInterrupted(),
      received: (incoming) => this.#received(incoming),
      overrun: () => this.onOverrun(),
      failed: (error) => this.#giveUp(error),
    };
  }

  get status(): Status {
    return this.#status;
  }

  get info(): ConnectInfo | undefined {
    return this.connectInfo;
  }

  get transport(): TransportName | undefined {
    return this.#transport;
  }

  get connected(): boolean {
    return this.#status === "connected";
  }

  get timers(): Timers {
    return this.#timers;
  }

  connect(): Promise<ConnectInfo> {
    if (this.settings.url === "") {
      return Promise.reject(new TypeError("url: required outside a page"));
    }
    if (this.#wanted) return this.#wanted.promise;
    const wanted = (this.#wanted = deferred<ConnectInfo>());
    this.#timers = new Timers(this.settings.clock);
    const { connectTimeout } = this.settings;
    if (connectTimeout > 0) {
      this.#timers.set(() => {
        if (this.connectInfo) return;
        const problem = this.link?.problem;
        const [why, cause] = problem instanceof Error ? [problem.message, problem] : [problem];
        const message = `No connection in ${connectTimeout} ms${why ? ` (${why})` : ""}`;
        this.#giveUp(new ConnectionLostError(message, undefined, { cause }));
      }, connectTimeout);
    }
    this.#setStatus("connecting");
    const point = this.begin?.();
    this.#signals.begin();
    this.link = this.newLink(this.linkListener, point);
    this.link.open();
    return wanted.promise;
  }

  reconnect(): void {
    this.link?.wake();
  }

  async disconnect(): Promise<void> {
    if (!this.#wanted) return;
    const { link, connected } = this;
    this.#end(new CancelledError("The client was disconnected"), undefined);
    await link?.close(connected);
  }

  nextId(): string {
    return this.link?.ids.next() ?? "";
  }

  send(data: SendData, receipt: (receipt: Receipt) => void): void {
    const link = this.#ready();
    checkSize(data, this.#limits);
    link.send(data, receipt);
  }

  publish(data: SendData): Promise<void> {
    return this.publishes.publish((receipt) => this.send(data, receipt));
  }

  async control(command: ControlCommand): Promise<AnswerOk> {
    return this.#ready().control(command);
  }

  batch(run: () => void): void {
    if (!this.link) run();
    else this.link.batch(run);
  }

  protected newBackoff(): Backoff {
    const { reconnect, random } = this.settings;
    return new Backoff(reconnect.initial, reconnect.max, random);
  }

  protected newLink(listener: BridgeLinkListener, point?: ResumePoint): BridgeLink {
    return new BridgeLink(this.settings, this.connections, this.#timers, listener, point);
  }

  /**
   * Called when the client begins to connect.
   *
   * @returns the point from which it resumes a session
   */
  protected begin?(): ResumePoint | undefined;

  /** Called when no request is in flight any more. */
  protected idle?(): void;

  protected onConnected(info: ConnectInfo, resumed: boolean): void {
    this.connectInfo = info;
    if (!resumed) {
      this.#failOpen(() => new ConnectionLostError("The session was lost"));
      // Before listeners are called, which may subscribe to more topics.
      this.reset();
    }
    this.#setStatus("connected");
    this.noteTransport();
    this.#wanted?.resolve(info);
    this.recreate();
  }

  protected onInterrupted(): void {
    this.#setStatus(!this.connectInfo ? "connecting" : "reconnecting");
  }

  protected onOverrun(): void {
    this.requests.failAll(() => new ConnectionLostError("Messages were lost"));
    this.subscriptions.tellGap();
  }

  protected onMessage(message: BridgeMessage): void {
    const { topic, correlationId = "" } = message;
    if (topic !== undefined) this.subscriptions.dispatch(message);
    else if (this.requests.accept(message)) return;
    else if (this.link?.ids.made(correlationId)) {
      this.settings.logger.debug("nobody waits for this message", message);
    } else this.onUnasked?.(message);
  }

  /** Called with an unsolicited message. */
  protected onUnasked?(message: BridgeMessage): void;

  protected onNotice({ name, event }: Notice): void {
    if (name === "revoked") this.subscriptions.end(event);
    else if (name === "gap" || name === "bridgeStatus") this.events.emit(name, event);
  }

  /** Marks everything as missing in a new session. */
  protected reset(): void {
    this.subscriptions.reset();
  }

  /** Begins again what the session lacks. */
  protected recreate(): void {
    this.subscriptions.recreate();
  }

  /** Forgets everything, when the client has ended. */
  protected clear(): void {
    this.subscriptions.clear();
  }

  protected noteTransport(): void {
    const previous = this.#transport;
    const transport = this.link?.transport;
    if (transport === undefined || transport === previous) return;
    this.#transport = transport;
    this.events.emit("transport", { transport, previous });
  }

  #received(incoming: Incoming): void {
    const { logger } = this.settings;
    const { kind } = incoming;
    if (kind === "message") this.onMessage(incoming.message);
    else if (kind === "notice") this.onNotice(incoming);
    else if (kind === "unknown") logger.warn("unknown data", incoming.data);
    else if (kind === "answer" || !this.requests.settle(incoming)) {
      logger.debug("nobody waits for this message", incoming);
    }
  }

  get #limits(): Limits {
    return this.connectInfo?.limits ?? {};
  }

  #ready(): BridgeLink {
    if (!this.link || !this.connected) {
      throw new NotSentError(`The client is ${this.#status}`);
    }
    return this.link;
  }

  #giveUp(error: Error): void {
    const { link } = this;
    this.#end(new ConnectionLostError("The client gave up", undefined, { cause: error }), error);
    void link?.close();
  }

  /** Ends everything in flight; afterwards the client is as new. */
  #end(forOpen: LongspanError, error: Error | undefined): void {
    const wanted = this.#wanted;
    if (!wanted) return;
    this.#wanted = undefined;
    this.link?.leave();
    this.connectInfo = undefined;
    const previous = this.#status;
    this.#status = "disconnected";
    this.#transport = undefined;
    this.#failOpen(() => forOpen);
    this.publishes.failAll(() => forOpen);
    this.link = undefined;
    this.clear();
    this.#signals.end();
    this.#timers.close();
    // Has no effect if it has connected before.
    wanted.reject(error ?? forOpen);
    this.events.emit("status", { status: "disconnected", previous, error });
  }

  #failOpen(error: () => LongspanError): void {
    this.requests.failAll(error);
    this.link?.failControls(error);
  }

  #setStatus(status: Status): void {
    const previous = this.#status;
    if (status === previous || !this.#wanted) return;
    this.#status = status;
    this.events.emit("status", { status, previous });
  }
}

/** The session of `longspan/core`. */
export class CoreSession extends Session {
  readonly subscriptions = new Subscriptions(
    this,
    this.settings.logger,
    this.newBackoff(),
    this.events,
  );
}
