import { Backoff } from "./backoff.js";
import type { AnswerOk, ConnectInfo, Limits, Notice } from "./codec.js";
import type { ConnectionFactory, Receipt } from "./connection.js";
import { Consumers } from "./consumers.js";
import { Deliveries } from "./deliveries.js";
import { deferred, type Deferred } from "./deferred.js";
import { CancelledError, ConnectionLostError, NotSentError, type LongspanError } from "./errors.js";
import { callSafely, type Events } from "./events.js";
import { deliver, type Receivers } from "./inbox.js";
import type { BridgeMessage } from "./message.js";
import { BridgeLink, type BridgeLinkListener, type ResumePoint } from "./bridge-link.js";
import { BridgeMigration } from "./migration.js";
import type { Settings, TransportName } from "./options.js";
import type { ControlCommand, SessionPort } from "./session-port.js";
import { Publishes } from "./publishes.js";
import { ReloadStore, type Kept, type OpenStore, type SessionStore } from "./reload-store.js";
import { Requests } from "./requests.js";
import { checkSize, type SendData } from "./sends.js";
import { Seen } from "./seen.js";
import { Signals } from "./signals.js";
import type { ClientEvents, Status } from "./status.js";
import { Subscriptions } from "./subscriptions.js";
import { Timers } from "./timers.js";
import type { MessageListener } from "./topics.js";

/**
 * Milliseconds after a reload in which the page must subscribe to its old topics again; the others
 * are unsubscribed.
 */
const TAKE_UP_WITHIN = 10_000;

/**
 * Connects the client's wish (`#wanted`) with the actual state (`#status`): connects, keeps the
 * connection, and distributes what arrives.
 */
export class Session implements SessionPort {
  readonly requests: Requests;
  readonly subscriptions: Subscriptions;
  readonly consumers: Consumers;
  readonly #deliveries: Deliveries;
  readonly messageListeners = new Set<MessageListener>();
  /** Unsolicited messages so far, because two bridges may deliver the same one during a move. */
  readonly #seen = new Seen();
  readonly #publishes = new Publishes();
  readonly #receivers: Receivers;
  readonly #linkListener: BridgeLinkListener;
  readonly #moves: Backoff;
  readonly #store: SessionStore | undefined;
  #timers: Timers;
  #link: BridgeLink | undefined;
  /** The move to another bridge, while this one drains. */
  #migration: BridgeMigration | undefined;
  /** Links that were left, until all messages in flight on them have a receipt. */
  readonly #left = new Set<BridgeLink>();
  #status: Status = "disconnected";
  #transport: TransportName | undefined;
  readonly #signals = new Signals(
    () => this.reconnect(),
    () => this.#link?.drop(),
  );
  #info: ConnectInfo | undefined;
  #draining = false;
  #wanted: Deferred<ConnectInfo> | undefined;
  /** State of the page before a reload, until the bridge has answered. */
  #kept: Kept | undefined;

  constructor(
    private readonly settings: Settings,
    private readonly connections: ConnectionFactory,
    private readonly events: Events<ClientEvents>,
    openStore?: OpenStore,
  ) {
    const { initial, max } = settings.reconnect;
    const backoff = () => new Backoff(initial, max, settings.random);
    this.#moves = backoff();
    this.#timers = new Timers(settings.clock);
    const { keepSession } = settings;
    const open = keepSession === undefined ? openStore : ReloadStore.opener(keepSession);
    this.#store = open?.(
      () => this.#snapshot(),
      () => this.#beginAnew(),
      settings.logger,
    );
    this.requests = new Requests(this, settings.requestTimeout, () => this.#migration?.tryNow());
    const { logger } = settings;
    this.#deliveries = new Deliveries(this, logger, () => this.#migration?.tryNow());
    this.consumers = new Consumers(this, this.#deliveries, logger, backoff(), (event) =>
      this.events.emit("queuesRevoked", event),
    );
    this.subscriptions = new Subscriptions(this, this.#deliveries, logger, backoff(), {
      revoked: (event) => this.events.emit("revoked", event),
      gap: (event) => this.events.emit("gap", event),
      presence: (event) => this.events.emit("presence", event),
      idle: () => this.#migration?.tryNow(),
    });
    this.#receivers = {
      outcome: (outcome) => this.requests.settle(outcome),
      part: (message) => this.requests.accept(message),
      topic: (message) => this.subscriptions.dispatch(message),
      queue: (message, delivery) => this.consumers.dispatch(message, delivery),
      isOwn: (correlationId) => this.#link?.ids.made(correlationId) === true,
      unasked: (message) => {
        if (!this.#seen.add(message.messageId)) return;
        for (const listener of [...this.messageListeners]) {
          callSafely(listener, message, settings.logger);
        }
      },
      notice: (notice) => this.#notice(notice),
    };
    this.#linkListener = {
      connected: (info, resumed) => this.#connected(info, resumed),
      interrupted: () => {
        this.#stopMoving();
        this.#setStatus(this.#info === undefined ? "connecting" : "reconnecting");
      },
      received: (incoming) => deliver(incoming, this.#receivers, settings.logger),
      overrun: () => {
        this.requests.failAll(() => new ConnectionLostError("Messages of the bridge were lost"));
        this.subscriptions.presences.missed(this.subscriptions.topics);
        this.#tellGap(this.subscriptions.topics);
      },
      failed: (error) => this.#giveUp(error),
    };
  }

  get status(): Status {
    return this.#status;
  }

  get info(): ConnectInfo | undefined {
    return this.#info;
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
    if (this.#wanted !== undefined) return this.#wanted.promise;
    const wanted = (this.#wanted = deferred<ConnectInfo>());
    this.#timers = new Timers(this.settings.clock);
    this.#moves.reset();
    const { connectTimeout } = this.settings;
    if (connectTimeout > 0) {
      this.#timers.set(() => {
        if (this.#info !== undefined) return;
        const problem = this.#link?.problem;
        const [why, cause] = problem instanceof Error ? [problem.message, problem] : [problem];
        const message = `No connection in ${connectTimeout} ms${why ? ` (${why})` : ""}`;
        this.#giveUp(new ConnectionLostError(message, undefined, { cause }));
      }, connectTimeout);
    }
    this.#setStatus("connecting");
    this.#kept = this.#store?.take();
    if (this.#kept !== undefined) this.subscriptions.keep(this.#kept.topics);
    this.#store?.begin();
    this.#signals.begin();
    this.#link = this.#newLink(this.#linkListener, this.#kept?.point);
    this.#link.open();
    return wanted.promise;
  }

  reconnect(): void {
    this.#link?.wake();
  }

  async disconnect(): Promise<void> {
    if (this.#wanted === undefined) return;
    const link = this.#link;
    const goodbye = this.connected;
    const left = [...this.#left];
    this.#end(new CancelledError("The client was disconnected"), undefined);
    await Promise.all([link?.close(goodbye), ...left.map((each) => each.close())]);
  }

  nextId(): string {
    return this.#link?.ids.next() ?? "";
  }

  send(data: SendData, receipt: (receipt: Receipt) => void): void {
    const link = this.#ready();
    checkSize(data, this.limits);
    link.send(data, receipt);
  }

  publish(data: SendData): Promise<void> {
    return this.#publishes.publish((receipt) => this.send(data, receipt));
  }

  async control(command: ControlCommand): Promise<AnswerOk> {
    return this.#ready().control(command);
  }

  batch(run: () => void): void {
    if (this.#link === undefined) run();
    else this.#link.batch(run);
  }

  private get limits(): Limits {
    return this.#info?.limits ?? {};
  }

  #ready(): BridgeLink {
    if (this.#link === undefined || !this.connected) {
      throw new NotSentError(`The client is ${this.#status}`);
    }
    return this.#link;
  }

  #newLink(listener: BridgeLinkListener, point?: ResumePoint): BridgeLink {
    return new BridgeLink(this.settings, this.connections, this.#timers, listener, point);
  }

  #connected(info: ConnectInfo, resumed: boolean): void {
    this.#info = info;
    if (this.#kept !== undefined) this.#takeUp(this.#kept, resumed);
    if (!resumed) {
      this.#draining = false;
      this.#failOpen(() => new ConnectionLostError("The session was lost"));
    }
    // Before listeners are called, which may subscribe to more topics.
    const lost = resumed ? [] : this.#reset();
    this.#setStatus("connected");
    this.#noteTransport();
    this.#wanted?.resolve(info);
    this.#tellGap(lost);
    this.#deliveries.send();
    this.#recreate();
    if (this.#draining) this.#startMoving();
  }

  /**
   * Marks everything as missing in a new session.
   *
   * @returns topics whose missed messages cannot be requested
   */
  #reset(): readonly string[] {
    this.#deliveries.lost();
    this.consumers.reset();
    return this.subscriptions.reset();
  }

  #recreate(): void {
    this.subscriptions.recreate();
    this.consumers.recreate();
  }

  /** Keeps the topics of the page before a reload for a limited time, until listeners subscribe. */
  #takeUp({ point, acks }: Kept, resumed: boolean): void {
    this.#kept = undefined;
    // Before the page subscribes again, which releases what is not acknowledged.
    if (resumed && acks[0] !== undefined) {
      this.#link?.control({ type: "ack", deliveries: acks }).catch(() => undefined);
    }
    this.consumers.inherited = true;
    if (this.#link?.user === point.user) {
      this.#timers.set(() => this.subscriptions.endKept(), TAKE_UP_WITHIN);
    } else this.subscriptions.endKept();
  }

  #snapshot(): Kept | undefined {
    const point = this.#link?.point;
    const acks = this.#deliveries.unconfirmed;
    return point && { point, topics: this.subscriptions.snapshot(), acks };
  }

  #notice({ name, event }: Notice): void {
    switch (name) {
      case "revoked":
        this.subscriptions.end(event);
        return;
      case "queuesRevoked":
        this.consumers.end(event);
        return;
      case "presence":
        this.subscriptions.presences.notice(event);
        return;
      case "gap":
        this.subscriptions.presences.missed(event.topics.map(({ topic }) => topic));
        break;
      case "presenceEnded":
        this.subscriptions.endPresence(event.topics);
    }
    this.events.emit(name, event);
    if (name !== "bridgeStatus" || event.status !== "draining") return;
    this.#draining = true;
    if (this.connected) this.#startMoving();
  }

  #startMoving(): void {
    this.#migration ??= new BridgeMigration({
      timers: this.#timers,
      backoff: this.#moves,
      left: this.#info?.bridgeId,
      newLink: (listener) => this.#newLink(listener),
      isIdle: () =>
        this.connected &&
        this.requests.size === 0 &&
        this.#deliveries.size === 0 &&
        this.subscriptions.idle,
      moved: (...args) => this.#moved(...args),
    });
  }

  #stopMoving(): void {
    this.#migration?.stop();
    this.#migration = undefined;
  }

  #moved(link: BridgeLink, info: ConnectInfo, pushes: readonly BridgeMessage[]): void {
    const left = this.#link;
    this.#migration = undefined;
    this.#draining = false;
    this.#link = link;
    this.#info = info;
    link.listener = this.#linkListener;
    if (left !== undefined) {
      left.listener = this.#lateListener(left);
      this.#leave(left);
    }
    for (const push of pushes) this.#receivers.unasked(push);
    this.#noteTransport();
    this.#tellGap(this.#reset());
    this.#recreate();
  }

  /**
   * Starts a new session, because another page has resumed this one. The topics continue in the new
   * session.
   */
  #beginAnew(): void {
    const left = this.#link;
    if (left === undefined) return;
    this.#stopMoving();
    this.#kept = undefined;
    this.#draining = false;
    this.#setStatus(this.#info === undefined ? "connecting" : "reconnecting");
    this.requests.failAll(() => new ConnectionLostError("Another page has taken the session"));
    this.#link = this.#newLink(this.#linkListener);
    left.leave();
    this.#leave(left);
    this.#link.open();
  }

  /**
   * Listener of a link that was left: only unsolicited messages still count, until the link is
   * closed.
   */
  #lateListener(link: BridgeLink): BridgeLinkListener {
    const ignore = () => undefined;
    const receivers: Receivers = {
      ...this.#receivers,
      outcome: () => false,
      part: () => false,
      topic: ignore,
      queue: ignore,
      isOwn: (correlationId) => link.ids.made(correlationId),
      notice: ignore,
    };
    return {
      connected: ignore,
      interrupted: ignore,
      received: (incoming) => deliver(incoming, receivers, this.settings.logger),
      overrun: ignore,
      failed: ignore,
    };
  }

  #leave(link: BridgeLink): void {
    link.failControls(() => new ConnectionLostError("The client has moved to another bridge"));
    this.#left.add(link);
    void this.#publishes.settled().then(() => {
      this.#left.delete(link);
      return link.close(true);
    });
  }

  #giveUp(error: Error): void {
    const link = this.#link;
    this.#end(new ConnectionLostError("The client gave up", undefined, { cause: error }), error);
    void link?.close();
  }

  /** Ends everything in flight; afterwards the client is as new. */
  #end(forOpen: LongspanError, error: Error | undefined): void {
    const wanted = this.#wanted;
    if (wanted === undefined) return;
    this.#wanted = undefined;
    this.#stopMoving();
    this.#link?.leave();
    this.#info = undefined;
    this.#kept = undefined;
    this.#draining = false;
    const previous = this.#status;
    this.#status = "disconnected";
    this.#transport = undefined;
    this.#failOpen(() => forOpen);
    this.#publishes.failAll(() => forOpen);
    this.#link = undefined;
    this.#deliveries.lost();
    this.consumers.clear();
    this.subscriptions.clear();
    this.#store?.end();
    this.#signals.end();
    this.#timers.close();
    // Has no effect if it has connected before.
    wanted.reject(error ?? forOpen);
    this.events.emit("status", { status: "disconnected", previous, error });
  }

  #failOpen(error: () => LongspanError): void {
    this.requests.failAll(error);
    this.#link?.failControls(error);
  }

  #tellGap(topics: readonly string[]): void {
    if (topics.length === 0) return;
    const each = topics.map((topic) => ({ topic, lost: null }));
    this.events.emit("gap", { topics: each, reason: "sessionLost" });
  }

  #noteTransport(): void {
    const previous = this.#transport;
    const transport = this.#link?.transport;
    if (transport === undefined || transport === previous) return;
    this.#transport = transport;
    this.events.emit("transport", { transport, previous });
  }

  #setStatus(status: Status): void {
    const previous = this.#status;
    if (status === previous || this.#wanted === undefined) return;
    this.#status = status;
    this.events.emit("status", { status, previous });
  }
}
