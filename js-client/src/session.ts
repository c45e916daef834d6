import { Backoff } from "./backoff.js";
import {
  decode,
  type AnswerOk,
  type BridgeStatus,
  type ConnectInfo,
  type Limits,
} from "./codec.js";
import type { Connection, ConnectionFactory, Receipt, SessionInfo } from "./connection.js";
import { Controls } from "./controls.js";
import { CorrelationIds } from "./correlation.js";
import { deferred, type Deferred } from "./deferred.js";
import {
  CancelledError,
  ConnectionLostError,
  NotSentError,
  RefusedError,
  TimedOutError,
  type LongspanError,
} from "./errors.js";
import { callSafely, type Events } from "./events.js";
import { deliver, type Receivers } from "./inbox.js";
import type { Settings } from "./options.js";
import type { ControlCommand, Outbox } from "./outbox.js";
import { Publishes } from "./publishes.js";
import { Requests } from "./requests.js";
import { checkSize, type SendData } from "./sends.js";
import type { ClientEvents, Status } from "./status.js";
import { isTemporary, Subscriptions, type MessageListener } from "./subscriptions.js";
import { Timers } from "./timers.js";

const PROTOCOL_VERSION = "1.1";

/** What the user wants (`#wanted`) and what there is (`#status`): connects, keeps it so, and gives out what arrives. */
export class Session implements Outbox {
  readonly requests: Requests;
  readonly subscriptions: Subscriptions;
  readonly messageListeners = new Set<MessageListener>();
  readonly #controls: Controls;
  readonly #publishes = new Publishes();
  readonly #receivers: Receivers;
  readonly #ids = new CorrelationIds();
  readonly #backoff: Backoff;
  readonly #moves: Backoff;
  #timers: Timers;
  #connection: Connection | undefined;
  #status: Status = "disconnected";
  #info: ConnectInfo | undefined;
  #root = "";
  /** Counts the Bayeux sessions: what began in one must not touch the next. */
  #generation = 0;
  #hasSession = false;
  #draining = false;
  #wanted: Deferred<ConnectInfo> | undefined;
  #lastError: Error | undefined;

  constructor(
    private readonly settings: Settings,
    private readonly connections: ConnectionFactory,
    private readonly events: Events<ClientEvents>,
  ) {
    const backoff = () =>
      new Backoff(settings.reconnect.initial, settings.reconnect.max, settings.random);
    this.#backoff = backoff();
    this.#moves = backoff();
    this.#timers = new Timers(settings.clock);
    this.#controls = new Controls(settings.controlTimeout);
    this.requests = new Requests(this, settings.requestTimeout, () => this.#moveIfIdle());
    this.subscriptions = new Subscriptions(this, settings.logger, backoff(), (event) =>
      this.events.emit("revoked", event),
    );
    this.#receivers = {
      answer: (answer) => this.#controls.settle(answer),
      outcome: (outcome) => this.requests.settle(outcome),
      part: (message) => this.requests.accept(message),
      topic: (message) => this.subscriptions.dispatch(message),
      isOwn: (correlationId) => this.#ids.made(correlationId),
      unasked: (message) => {
        for (const listener of [...this.messageListeners]) {
          callSafely(listener, message, settings.logger);
        }
      },
      revoked: (event) => this.subscriptions.end(event),
      gap: (event) => this.events.emit("gap", event),
      bridgeStatus: (event) => this.#bridgeStatus(event),
    };
  }

  get status(): Status {
    return this.#status;
  }

  get info(): ConnectInfo | undefined {
    return this.#info;
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
    this.#backoff.reset();
    this.#moves.reset();
    this.#lastError = undefined;
    const { connectTimeout } = this.settings;
    if (connectTimeout > 0) {
      this.#timers.set(() => {
        if (this.#info !== undefined) return;
        const cause = this.#lastError;
        const why = cause?.message ?? this.#connection?.problem;
        const message = `No connection in ${connectTimeout} ms${why ? ` (${why})` : ""}`;
        this.#giveUp(new ConnectionLostError(message, undefined, { cause }));
      }, connectTimeout);
    }
    this.#setStatus("connecting");
    this.#open();
    return wanted.promise;
  }

  async disconnect(): Promise<void> {
    if (this.#wanted === undefined) return;
    const connection = this.#connection;
    if (this.connected) {
      const data = { type: "disconnect", correlationId: this.#ids.next() };
      connection?.publish(`${this.#root}/control`, data, () => undefined);
    }
    this.#end(new CancelledError("The client was disconnected"), undefined);
    await connection?.close();
  }

  nextId(): string {
    return this.#ids.next();
  }

  send(data: SendData, receipt: (receipt: Receipt) => void): void {
    const connection = this.#ready();
    checkSize(data, this.limits);
    connection.publish(`${this.#root}/bridge`, data, receipt);
  }

  publish(data: SendData): Promise<void> {
    return this.#publishes.publish((receipt) => this.send(data, receipt));
  }

  async control(command: ControlCommand): Promise<AnswerOk> {
    const connection = command.type === "connect" ? this.#connection : this.#ready();
    if (connection === undefined) throw new NotSentError("The client is not connected");
    const correlationId = this.#ids.next();
    return this.#controls.ask(command.type, correlationId, this.#timers, (receipt) =>
      connection.publish(`${this.#root}/control`, { ...command, correlationId }, receipt),
    );
  }

  batch(run: () => void): void {
    if (this.#connection === undefined) run();
    else this.#connection.batch(run);
  }

  private get limits(): Limits {
    return this.#info?.limits ?? {};
  }

  #ready(): Connection {
    if (this.#connection === undefined || !this.connected) {
      throw new NotSentError(`The client is ${this.#status}`);
    }
    return this.#connection;
  }

  #open(): void {
    const connection = (this.#connection = this.connections(this.settings));
    // A connection that was left may still have something to say.
    const ifCurrent =
      <A extends unknown[]>(run: (...args: A) => void) =>
      (...args: A) => {
        if (this.#connection === connection) run(...args);
      };
    connection.open({
      opened: ifCurrent((session: SessionInfo) => this.#opened(session)),
      interrupted: ifCurrent(() => this.#setStatus(this.#afterLoss())),
      restored: ifCurrent(() => this.#restored()),
      received: ifCurrent((data: unknown) =>
        deliver(decode(data), this.#receivers, this.settings.logger),
      ),
      failed: ifCurrent((error: Error) => this.#giveUp(error)),
    });
  }

  #opened(session: SessionInfo): void {
    this.#setStatus(this.#afterLoss());
    this.#failOpen(() => new ConnectionLostError("The session was lost"));
    this.subscriptions.reset();
    this.#root = session.root;
    this.#ids.begin(session.clientId);
    this.#hasSession = false;
    this.#draining = false;
    this.#hello(++this.#generation);
  }

  /** The first command of a session; repeated while the bridge has no broker. */
  #hello(generation: number): void {
    this.control({ type: "connect", protocolVersion: PROTOCOL_VERSION }).then(
      (info) => {
        if (generation === this.#generation) this.#connected(info);
      },
      (error: unknown) => {
        if (generation !== this.#generation || this.#wanted === undefined) return;
        this.#lastError = error as LongspanError;
        const again =
          error instanceof TimedOutError || (error instanceof RefusedError && isTemporary(error));
        if (again) {
          this.#timers.set(() => {
            if (generation === this.#generation && !this.#hasSession) this.#hello(generation);
          }, this.#backoff.next());
        } else if (error instanceof RefusedError) {
          this.#giveUp(error);
        }
        // Otherwise the network is gone: `restored` or a new session goes on.
      },
    );
  }

  #connected(info: ConnectInfo): void {
    const isFirst = this.#info === undefined;
    const { userRoles, isSysadmin, userUri, bridgeId, limits, resumeToken, resumed } = info;
    this.#info = { userRoles, isSysadmin, userUri, bridgeId, limits, resumeToken, resumed };
    this.#hasSession = true;
    this.#backoff.reset();
    this.#setStatus("connected");
    this.#wanted?.resolve(this.#info);
    const topics = this.subscriptions.topics.map((topic) => ({ topic, lost: null }));
    if (!isFirst && topics.length > 0) this.events.emit("gap", { topics, reason: "sessionLost" });
    this.subscriptions.recreate();
  }

  #restored(): void {
    if (!this.#hasSession) {
      this.#hello(++this.#generation);
      return;
    }
    this.#setStatus("connected");
    this.subscriptions.recreate();
    this.#moveIfIdle();
  }

  #bridgeStatus(event: BridgeStatus): void {
    this.events.emit("bridgeStatus", event);
    if (event.status !== "draining" || this.#draining) return;
    this.#draining = true;
    this.#moveIfIdle();
  }

  /** A bridge that is being stopped wants its clients elsewhere: goes as soon as no request is open. */
  #moveIfIdle(): void {
    if (!this.#draining || !this.connected || this.requests.size > 0) return;
    const generation = this.#generation;
    // Not all clients at once; and ever more slowly if the way leads back to the same bridge.
    this.#timers.set(() => {
      if (generation !== this.#generation || !this.connected || this.requests.size > 0) return;
      const left = this.#connection;
      this.#setStatus("reconnecting");
      this.#open();
      void left?.close();
    }, this.#moves.next());
  }

  #afterLoss(): Status {
    return this.#info === undefined ? "connecting" : "reconnecting";
  }

  #giveUp(error: Error): void {
    const connection = this.#connection;
    this.#end(new ConnectionLostError("The client gave up", undefined, { cause: error }), error);
    void connection?.close();
  }

  /** Ends all that is open. From here on the client is as if new. */
  #end(forOpen: LongspanError, error: Error | undefined): void {
    const wanted = this.#wanted;
    if (wanted === undefined) return;
    this.#wanted = undefined;
    this.#connection = undefined;
    this.#generation++;
    this.#info = undefined;
    this.#hasSession = false;
    this.#draining = false;
    const previous = this.#status;
    this.#status = "disconnected";
    this.#failOpen(() => forOpen);
    this.subscriptions.clear();
    this.#timers.close();
    // No effect once it has connected.
    wanted.reject(error ?? forOpen);
    this.events.emit("status", { status: "disconnected", previous, error });
  }

  #failOpen(error: () => LongspanError): void {
    this.requests.failAll(error);
    this.#controls.failAll(error);
    this.#publishes.failAll(error);
  }

  #setStatus(status: Status): void {
    const previous = this.#status;
    if (status === previous || this.#wanted === undefined) return;
    this.#status = status;
    this.events.emit("status", { status, previous });
  }
}
