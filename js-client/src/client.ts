import type { Message } from "./bayeux-message.js";
import type { ConnectInfo, Presence } from "./codec.js";
import { connectByBayeux } from "./bayeux-connection.js";
import type { AnyDestinations, BodyOf, NameFor } from "./destinations.js";
import { asyncDispose } from "./dispose.js";
import type { ConnectionFactory } from "./connection.js";
import { Events } from "./events.js";
import type { BridgeMessage } from "./message.js";
import type { QueueHandler, QueueOptions, QueueSubscription } from "./consumers.js";
import type { QueueMessage } from "./queue-message.js";
import {
  resolveOptions,
  type ClientOptions,
  type Settings,
  type TransportName,
} from "./options.js";
import { askPresence } from "./presence.js";
import type { OpenStore } from "./reload-store.js";
import type { RequestOptions } from "./requests.js";
import { encodeSend, type SendBody, type SendOptions } from "./sends.js";
import { Session } from "./session.js";
import type { MessageStream } from "./stream.js";
import type { ClientEvents, Status, WireEvent } from "./status.js";
import type { SubscribeOptions, TopicSubscription, UnsubscribeOptions } from "./subscriptions.js";
import type { MessageListener } from "./topics.js";

/**
 * A client of the bridge (protocol 1.2, also 1.1). After `connect()` it stays connected: it resumes its
 * session, or re-creates its subscriptions in a new one. So each topic message arrives once and in
 * order, or a `gap` event names the topic.
 *
 * Nothing is queued while the client is not connected: calls then fail with a `NotSentError`.
 * Listeners are called one after the other; an exception in a listener is logged.
 *
 * @typeParam D what each destination takes and gives; without it any name and body is accepted
 */
export class LongspanClient<D extends object = AnyDestinations> {
  /** Never set. It only tells the compiler which destinations this client has. */
  declare readonly destinations?: D;
  readonly #events: Events<ClientEvents>;
  readonly #session: Session;

  /**
   * Creates a client; it does not connect.
   *
   * @throws TypeError or RangeError with the option, its value and what is allowed
   */
  constructor(options?: ClientOptions);
  /** @internal */
  // eslint-disable-next-line @typescript-eslint/unified-signatures -- kept out of the declarations
  constructor(options: ClientOptions, connections?: ConnectionFactory, openStore?: OpenStore);
  constructor(
    options: ClientOptions = {},
    connections: ConnectionFactory = connectByBayeux,
    openStore?: OpenStore,
  ) {
    const resolved = resolveOptions(options);
    this.#events = new Events(resolved.logger);
    const settings: Settings = { ...resolved, wire: (...args) => this.#wire(...args) };
    this.#session = new Session(settings, connections, this.#events, openStore);
    // The panel of the inspector, if the page has one.
    (globalThis as { longspanInspector?: (client: object) => void }).longspanInspector?.(this);
  }

  /** The current state of the client. */
  get status(): Status {
    return this.#session.status;
  }

  /**
   * The transport in use, or last used; `undefined` before the first connection and after the end.
   */
  get transport(): TransportName | undefined {
    return this.#session.transport;
  }

  /** The bridge's last answer to `connect`; `undefined` before it and after the end. */
  get info(): ConnectInfo | undefined {
    return this.#session.info;
  }

  /**
   * Connects, and stays connected until `disconnect()`. Network failures are retried until
   * `connectTimeout`. Further calls return the same promise.
   *
   * @throws AuthenticationError, RefusedError; ConnectionLostError after `connectTimeout`;
   *   CancelledError by `disconnect()`; TypeError if the platform has none of the transports
   */
  connect(): Promise<ConnectInfo> {
    return this.#session.connect();
  }

  /**
   * Reconnects now instead of after the back-off. If the client is connected, it checks the
   * connection. If it is `disconnected`, nothing happens. In a browser the events `online`,
   * `pageshow`, `visibilitychange` and `resume` have the same effect.
   */
  reconnect(): void {
    this.#session.reconnect();
  }

  /**
   * Disconnects. Calls in flight fail with a `CancelledError`; no timer or socket remains. Resolves
   * within `closeTimeout`. Afterwards `connect()` may be called again.
   */
  disconnect(): Promise<void> {
    return this.#session.disconnect();
  }

  /**
   * Sends a message to a queue or topic (protocol section 3). Resolves when the broker has accepted
   * it.
   *
   * @throws NotSentError, RefusedError, CancelledError; ConnectionLostError if it may have been
   *   sent
   */
  publish<N extends NameFor<"send", D>>(
    destination: N,
    body: BodyOf<"send", D, N>,
    options: SendOptions = {},
  ): Promise<void> {
    return this.#session.publish(encodeSend({ destination }, body as SendBody, options));
  }

  /**
   * Sends a request to a service and resolves with the answer; with the first part if the answer
   * has several (protocol section 4).
   *
   * @throws exactly one of NotSentError, RefusedError, TimedOutError, ConnectionLostError,
   *   CancelledError; RangeError for an invalid `timeout`
   */
  request<N extends NameFor<"send", D>>(
    destination: N,
    body: BodyOf<"send", D, N>,
    options: RequestOptions = {},
  ): Promise<BridgeMessage<BodyOf<"answer", D, N>>> {
    const answer = this.#session.requests.request(destination, body as SendBody, options);
    return answer as Promise<BridgeMessage<BodyOf<"answer", D, N>>>;
  }

  /**
   * Sends a request at once and returns the parts of its answer in order (protocol section 4).
   * Leaving the loop, `return()` and the signal cancel the request at the service. Errors are as
   * for `request()`; the timeout applies to each part.
   */
  requestStream<N extends NameFor<"send", D>>(
    destination: N,
    body: BodyOf<"send", D, N>,
    options: RequestOptions = {},
  ): MessageStream<BridgeMessage<BodyOf<"answer", D, N>>> {
    const parts = this.#session.requests.stream(destination, body as SendBody, options);
    return parts as MessageStream<BridgeMessage<BodyOf<"answer", D, N>>>;
  }

  /**
   * Subscribes to topics or wildcard patterns (protocol section 2). Listeners of the same topic and
   * selector share one subscription. If only some topics are refused, the others are subscribed;
   * see `failed` of the result.
   *
   * @throws TopicSubscribeError if all topics were refused; NotSentError, RefusedError,
   *   TimedOutError, ConnectionLostError or CancelledError; TypeError without a topic
   */
  topicSubscribe<N extends NameFor<"message", D>>(
    topics: N | readonly N[],
    listener: MessageListener<BodyOf<"message", D, N>>,
    options: SubscribeOptions = {},
  ): Promise<TopicSubscription> {
    return this.#session.subscriptions.subscribe(
      asArray(topics),
      listener as MessageListener,
      options,
    );
  }

  /**
   * Unsubscribes all listeners of this client from the topics. With `forget` it also deletes the
   * durable subscriptions (protocol section 16).
   *
   * @throws RefusedError; with `forget` as `topicSubscribe()`, and TypeError without a name
   */
  topicUnsubscribe(
    topics: NameFor<"message", D> | readonly NameFor<"message", D>[],
    options: UnsubscribeOptions = {},
  ): Promise<void> {
    return this.#session.subscriptions.unsubscribe(asArray(topics), options);
  }

  /**
   * Asks who is present on a topic (protocol section 18). To be told of changes, subscribe with
   * `presence`.
   *
   * @throws NotSentError, RefusedError, TimedOutError, ConnectionLostError or CancelledError
   */
  presence(topic: NameFor<"message", D>): Promise<Presence> {
    return askPresence(this.#session, topic);
  }

  /**
   * Consumes a queue (protocol section 15). A message is acknowledged when the promise of `handler`
   * resolves, and released when it rejects; see `QueueMessage` for more. A client consumes a queue
   * once. The consumption goes on in a new session.
   *
   * @throws NotSentError, RefusedError, TimedOutError, ConnectionLostError or CancelledError;
   *   TypeError if this client consumes the queue already
   */
  queueSubscribe<N extends NameFor<"work", D>>(
    queue: N,
    handler: QueueHandler<BodyOf<"work", D, N>>,
    options: QueueOptions = {},
  ): Promise<QueueSubscription> {
    return this.#session.consumers.subscribe(queue, handler as QueueHandler, options);
  }

  /**
   * Consumes a queue as an async iterator. A message is acknowledged when the next one is asked
   * for. Leaving the loop ends the consumption and releases what is not acknowledged. Errors are as
   * for `queueSubscribe()`; a `RefusedError` also ends the loop if the right was taken away.
   */
  queueStream<N extends NameFor<"work", D>>(
    queue: N,
    options: QueueOptions = {},
  ): MessageStream<QueueMessage<BodyOf<"work", D, N>>> {
    const stream = this.#session.consumers.stream(queue, options);
    return stream as MessageStream<QueueMessage<BodyOf<"work", D, N>>>;
  }

  /**
   * Adds a listener for unsolicited messages: neither answers to requests nor topic messages.
   *
   * @returns a function that removes the listener
   */
  addMessageListener(listener: MessageListener): () => void {
    const { messageListeners } = this.#session;
    // A new function, so that the same listener can be added twice.
    const entry: MessageListener = (message) => listener(message);
    messageListeners.add(entry);
    return () => void messageListeners.delete(entry);
  }

  /**
   * Answers a message that has a `replyTo`, once (protocol section 4). The answer has the message's
   * correlation id, or its message id if it has none.
   *
   * @throws as `publish()`; TypeError if the message has no `replyTo`
   */
  reply(message: BridgeMessage, body: SendBody, options: SendOptions = {}): Promise<void> {
    const { replyTo } = message;
    if (replyTo === undefined) {
      return Promise.reject(new TypeError("The message wants no answer: it has no replyTo"));
    }
    const correlationId = message.correlationId ?? message.messageId;
    return this.#session.publish(encodeSend({ replyTo }, body, { correlationId, ...options }));
  }

  /**
   * Sends all messages of `run` in one HTTP request or WebSocket frame. Messages that `run` sends
   * after it has returned are not included.
   */
  batch(run: () => void): void {
    this.#session.batch(run);
  }

  /** As `disconnect()`, for `await using`. */
  [asyncDispose](): Promise<void> {
    return this.disconnect();
  }

  /**
   * Adds an event listener.
   *
   * @returns a function that removes the listener
   */
  on<K extends keyof ClientEvents>(
    event: K,
    listener: (event: ClientEvents[K]) => void,
  ): () => void {
    return this.#events.on(event, listener);
  }

  #wire(direction: WireEvent["direction"], message: Message): void {
    if (this.#events.count("wire") === 0) return;
    const { token, ...ext } = (message.ext ?? {}) as { token?: unknown };
    const shown = token === undefined ? message : { ...message, ext };
    this.#events.emit("wire", { direction, message: shown as WireEvent["message"] });
  }
}

/** The methods of a client, whichever class it has. */
export type Client<D extends object = AnyDestinations> = Pick<
  LongspanClient<D>,
  keyof LongspanClient<D>
>;

export const asArray = (topics: string | readonly string[]): readonly string[] =>
  typeof topics === "string" ? [topics] : topics;
