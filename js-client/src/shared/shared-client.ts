import { Backoff } from "../backoff.js";
import type { Client } from "../client.js";
import { asArray } from "../core-client.js";
import type { ConnectInfo, Presence } from "../codec.js";
import {
  QueueStream,
  type QueueHandler,
  type QueueOptions,
  type QueueSubscription,
} from "../consumers.js";
import { deferred, type Deferred } from "../deferred.js";
import type { AnyDestinations, BodyOf, NameFor } from "../destinations.js";
import { asyncDispose } from "../dispose.js";
import { CancelledError, ConnectionLostError, NotSentError } from "../errors.js";
import { callSafely, Events } from "../events.js";
import type { BridgeMessage } from "../message.js";
import { resolveClientOptions } from "../client-options.js";
import type { ClientOptions, Settings, TransportName } from "../options.js";
import { PartStream } from "../parts.js";
import type { QueueMessage } from "../queue-message.js";
import type { RequestOptions } from "../requests.js";
import type { SendBody, SendOptions } from "../sends.js";
import { Signals } from "../signals.js";
import type { ClientEvents, Status, StatusEvent } from "../status.js";
import type { MessageStream } from "../stream.js";
import type { SubscribeOptions, UnsubscribeOptions } from "../full-subscriptions.js";
import type { TopicSubscription } from "../topic-subscription.js";
import type { MessageListener } from "../topics.js";
import { HubCalls } from "./hub-calls.js";
import { openHub, type HubLink } from "./hub-link.js";
import { identityOf, type Identity } from "./identity.js";
import { Listeners } from "./listeners.js";
import {
  cloned,
  errorOf,
  messageOf,
  type FromHub,
  type HubOptions,
  type HubState,
} from "./wire.js";

/** Options of a client that shares its connection. */
export interface SharedOptions extends Omit<
  ClientOptions,
  "user" | "password" | "keepSession" | "webSocket" | "fetch" | "clock" | "random"
> {
  /** All tabs of this origin and user have one connection. It cannot be switched off here. */
  shared?: true;
  /**
   * Address of `longspan.worker.js`, on the origin of the page. Default: beside the file of this
   * client. Where it cannot be loaded, and where the browser has no `SharedWorker`, one tab leads.
   * `false`: one tab leads in any case.
   */
  worker?: string | URL | false;
}

const NOTHING: HubState = { status: "disconnected", transport: undefined, info: undefined };

/**
 * A client whose connection is shared by all tabs of the same user. Each tab has its own
 * subscriptions, requests and listeners; when it is closed, or dies, only these end. `disconnect()`
 * ends what this tab has; the connection ends with the last tab, and when the user signs out.
 *
 * Its methods are those of the other `LongspanClient`; see there.
 */
export class LongspanClient<D extends object = AnyDestinations> implements Client<D> {
  /** Never set. It only tells the compiler which destinations this client has. */
  declare readonly destinations?: D;
  readonly #settings: Settings;
  readonly #options: HubOptions;
  readonly #worker: SharedOptions["worker"];
  readonly #events: Events<ClientEvents>;
  readonly #messageListeners = new Set<MessageListener>();
  readonly #calls: HubCalls;
  readonly #listeners: Listeners;
  readonly #signals: Signals;
  #state = NOTHING;
  #wanted: Deferred<ConnectInfo> | undefined;
  #link: HubLink | undefined;
  /** Identifies the latest call to join a session; answers to older ones are ignored. */
  #joining: object | undefined;
  /** Whether this client was connected since `connect()`. */
  #wasConnected = false;
  /** Aborts what `connect()` has begun. */
  #abort = new AbortController();

  /** @throws TypeError or RangeError with the option, its value and what is allowed */
  constructor({ shared, worker, ...options }: SharedOptions = {}) {
    const { user, keepSession } = options as ClientOptions;
    if ((shared as boolean | undefined) === false) {
      throw new TypeError('shared: only true; for a connection of its own import "longspan"');
    }
    if (user !== undefined || keepSession !== undefined) {
      throw new TypeError(
        "user, keepSession: not with a shared connection; use a cookie or a token",
      );
    }
    this.#settings = resolveClientOptions(options);
    this.#options = { ...options, url: this.#settings.url };
    // Functions stay in this tab.
    delete (this.#options as ClientOptions).token;
    delete (this.#options as ClientOptions).logger;
    this.#worker = worker;
    this.#events = new Events(this.#settings.logger);
    this.#calls = new HubCalls((message) => this.#link?.post(message));
    this.#listeners = new Listeners(this.#calls, this.#settings.logger, this.#events);
    this.#signals = new Signals(
      () => this.reconnect(),
      () => undefined,
    );
  }

  get status(): Status {
    return this.#state.status;
  }

  get transport(): TransportName | undefined {
    return this.#state.transport;
  }

  get info(): ConnectInfo | undefined {
    return this.#state.info;
  }

  connect(): Promise<ConnectInfo> {
    if (this.#wanted) return this.#wanted.promise;
    const wanted = (this.#wanted = deferred<ConnectInfo>());
    wanted.promise.catch(() => undefined);
    this.#abort = new AbortController();
    this.#changed({ ...NOTHING, status: "connecting" });
    this.#signals.begin();
    addEventListener("pagehide", this.#leave);
    void this.#connect(wanted);
    return wanted.promise;
  }

  reconnect(): void {
    if (this.#link) void this.#calls.call("reconnect").catch(() => undefined);
  }

  disconnect(): Promise<void> {
    if (this.#wanted) this.#end(new CancelledError("The client was disconnected"));
    return Promise.resolve();
  }

  async publish<N extends NameFor<"send", D>>(
    destination: N,
    body: BodyOf<"send", D, N>,
    options: SendOptions = {},
  ): Promise<void> {
    this.#check();
    await this.#calls.call("publish", destination, json(body), options);
  }

  async request<N extends NameFor<"send", D>>(
    destination: N,
    body: BodyOf<"send", D, N>,
    { signal, ...options }: RequestOptions = {},
  ): Promise<BridgeMessage<BodyOf<"answer", D, N>>> {
    this.#check();
    const answer = this.#calls.abortable(signal, "request", destination, json(body), options);
    return messageOf(await answer) as BridgeMessage<BodyOf<"answer", D, N>>;
  }

  requestStream<N extends NameFor<"send", D>>(
    destination: N,
    body: BodyOf<"send", D, N>,
    { signal, ...options }: RequestOptions = {},
  ): MessageStream<BridgeMessage<BodyOf<"answer", D, N>>> {
    const left = new AbortController();
    const parts = new PartStream(() => left.abort());
    signal?.addEventListener("abort", () => left.abort(signal.reason), { signal: left.signal });
    if (signal?.aborted === true) left.abort(signal.reason);
    const part = (message: BridgeMessage) => {
      const outcome = parts.part(message);
      if (outcome instanceof Error) parts.fail(outcome);
    };
    const run = async () => {
      this.#check();
      await this.#calls.parts(part, left.signal, "stream", destination, json(body), options);
      parts.end();
    };
    run().catch((error: unknown) => parts.fail(error as Error));
    return parts as MessageStream<BridgeMessage<BodyOf<"answer", D, N>>>;
  }

  async topicSubscribe<N extends NameFor<"message", D>>(
    topics: N | readonly N[],
    listener: MessageListener<BodyOf<"message", D, N>>,
    options: SubscribeOptions = {},
  ): Promise<TopicSubscription> {
    this.#check();
    return this.#listeners.subscribe(asArray(topics), listener as MessageListener, options);
  }

  async topicUnsubscribe(
    topics: NameFor<"message", D> | readonly NameFor<"message", D>[],
    options: UnsubscribeOptions = {},
  ): Promise<void> {
    const names = asArray(topics);
    await this.#listeners.unsubscribe(names);
    if (options.forget !== true) return;
    this.#check();
    await this.#calls.call("forget", names, options);
  }

  async presence(topic: NameFor<"message", D>): Promise<Presence> {
    this.#check();
    return this.#calls.call("presence", topic);
  }

  async queueSubscribe<N extends NameFor<"work", D>>(
    queue: N,
    handler: QueueHandler<BodyOf<"work", D, N>>,
    options: QueueOptions = {},
  ): Promise<QueueSubscription> {
    this.#check();
    return this.#listeners.consume(queue, handler as QueueHandler, options);
  }

  queueStream<N extends NameFor<"work", D>>(
    queue: N,
    options: QueueOptions = {},
  ): MessageStream<QueueMessage<BodyOf<"work", D, N>>> {
    const stream = QueueStream.of(async (handler, ended) => {
      this.#check();
      return this.#listeners.consume(queue, handler, options, ended);
    });
    return stream as MessageStream<QueueMessage<BodyOf<"work", D, N>>>;
  }

  addMessageListener(listener: MessageListener): () => void {
    const entry: MessageListener = (message) => listener(message);
    this.#messageListeners.add(entry);
    return () => void this.#messageListeners.delete(entry);
  }

  async reply(message: BridgeMessage, body: SendBody, options: SendOptions = {}): Promise<void> {
    this.#check();
    await this.#calls.call("reply", cloned(message), json(body), options);
  }

  batch(run: () => void): void {
    this.#calls.batch(run);
  }

  on<K extends keyof ClientEvents>(
    event: K,
    listener: (event: ClientEvents[K]) => void,
  ): () => void {
    return this.#events.on(event, listener);
  }

  [asyncDispose](): Promise<void> {
    return this.disconnect();
  }

  async #connect(wanted: Deferred<ConnectInfo>): Promise<void> {
    const { signal } = this.#abort;
    const late = setTimeout(
      () => {
        const { connectTimeout } = this.#settings;
        this.#end(new ConnectionLostError(`No connection in ${connectTimeout} ms`));
      },
      this.#settings.connectTimeout || 2 ** 31 - 1,
    );
    wanted.promise.then(
      () => clearTimeout(late),
      () => clearTimeout(late),
    );
    try {
      const { initial, max } = this.#settings.reconnect;
      const backoff = new Backoff(initial, max, Math.random);
      const identity = await identityOf(this.#settings, backoff, signal);
      const link = await openHub(this.#worker, {
        received: (message) => this.#received(message),
        lost: () => this.#hubLost(true),
        found: () => this.#join(identity),
        died: () => this.#hubDied(),
      });
      if (signal.aborted) link.close();
      else {
        this.#link = link;
        this.#join(identity);
      }
    } catch (error) {
      if (!signal.aborted) this.#end(error as Error);
    }
  }

  /** Joins the session of the user at the hub, with what this tab has subscribed to before. */
  #join(identity: Identity): void {
    const { token } = this.#settings;
    const options = this.#options;
    const joining = (this.#joining = {});
    this.#link?.post({ is: "open", ...identity, options, hasToken: token !== undefined });
    this.#calls.call("connect").then(
      (info) => {
        if (this.#joining !== joining) return;
        this.#wasConnected = true;
        this.#wanted?.resolve(info);
        this.#listeners.again();
      },
      (error: unknown) => {
        // Otherwise the hub has gone, and another one follows.
        if (this.#joining === joining) this.#end(error as Error);
      },
    );
  }

  /** @param resumed whether the next hub resumes the session */
  #hubLost(resumed: boolean): void {
    this.#joining = undefined;
    this.#changed({ ...this.#state, status: "connecting" });
    this.#calls.failAll(new ConnectionLostError("The connection of the tabs has ended"));
    this.#listeners.lost(resumed);
  }

  /** The worker has died. Another one is started, or a tab leads, and this tab joins again. */
  #hubDied(): void {
    this.#link = undefined;
    this.#hubLost(false);
    if (this.#wanted) void this.#connect(this.#wanted);
  }

  #received(message: FromHub): void {
    switch (message.is) {
      case "state":
        // The event of this change follows, unless the hub is new.
        this.#changed(message.state);
        return;
      case "event":
        this.#happened(message.name as keyof ClientEvents, message.event, message.error);
        return;
      case "unasked":
        for (const listener of [...this.#messageListeners]) {
          callSafely(listener, messageOf(message.message), this.#settings.logger);
        }
        return;
      case "message":
        this.#listeners.received(message);
        return;
      case "token":
        void this.#calls.answer(message.task, async () => {
          const { token } = this.#settings;
          return typeof token === "function" ? token() : token;
        });
        return;
      default:
        this.#calls.received(message);
    }
  }

  #happened(
    name: keyof ClientEvents,
    event: object,
    error: Parameters<typeof errorOf>[0] | undefined,
  ): void {
    if (name === "status") {
      if ((event as StatusEvent).status === "disconnected") {
        this.#end(!error ? new CancelledError("The session has ended") : errorOf(error));
      }
    } else if (name === "revoked") {
      const revoked = event as ClientEvents["revoked"];
      const topics = this.#listeners.revoked(revoked.topics);
      if (topics.length > 0) this.#events.emit(name, { ...revoked, topics });
    } else if (name === "queuesRevoked") {
      const revoked = event as ClientEvents["queuesRevoked"];
      const queues = this.#listeners.queuesRevoked(revoked.queues, revoked.reason);
      if (queues.length > 0) this.#events.emit(name, { ...revoked, queues });
    } else this.#events.emit(name, event as never);
  }

  /** Emits the event of a changed status. */
  #changed(state: HubState, error?: Error): void {
    if (state.status === "disconnected" && this.#wanted) return;
    const previous = this.#state.status;
    const again = state.status === "connecting" && this.#wasConnected;
    const status = again ? "reconnecting" : state.status;
    this.#state = { ...state, status };
    if (status !== previous) this.#events.emit("status", { status, previous, error });
  }

  #end(error: Error): void {
    const wanted = this.#wanted;
    if (!wanted) return;
    this.#wanted = undefined;
    this.#joining = undefined;
    this.#wasConnected = false;
    this.#abort.abort();
    this.#link?.close();
    this.#link = undefined;
    this.#signals.end();
    removeEventListener("pagehide", this.#leave);
    const cancelled = error instanceof CancelledError;
    const forOpen = cancelled
      ? error
      : new ConnectionLostError("The client gave up", undefined, { cause: error });
    this.#calls.failAll(forOpen);
    this.#listeners.clear(forOpen);
    wanted.reject(error);
    this.#changed(NOTHING, cancelled ? undefined : error);
  }

  /** A page in the back-forward cache has no connection; it joins again when it is shown. */
  readonly #leave = ({ persisted }: PageTransitionEvent): void => {
    if (!persisted) {
      this.#link?.close();
      return;
    }
    const link = this.#link;
    if (!link) return;
    link.close();
    this.#link = undefined;
    this.#hubLost(false);
    const wanted = this.#wanted;
    const back = () => {
      if (wanted && this.#wanted === wanted) void this.#connect(wanted);
    };
    addEventListener("pageshow", back, { once: true });
  };

  #check(): void {
    if (this.status !== "connected") throw new NotSentError(`The client is ${this.status}`);
  }
}

/** Returns the body as it can be cloned: bytes, or what its JSON text has. */
const json = (body: unknown): unknown =>
  typeof body === "object" && !(body instanceof Uint8Array) && !(body instanceof ArrayBuffer)
    ? JSON.parse(JSON.stringify(body))
    : body;
