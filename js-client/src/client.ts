import type { ConnectInfo } from "./codec.js";
import { connectByBayeux } from "./bayeux-connection.js";
import type { ConnectionFactory } from "./connection.js";
import { Events } from "./events.js";
import type { BridgeMessage } from "./message.js";
import { resolveOptions, type ClientOptions, type TransportName } from "./options.js";
import type { RequestOptions } from "./requests.js";
import { encodeSend, type SendBody, type SendOptions } from "./sends.js";
import { Session } from "./session.js";
import type { ClientEvents, Status } from "./status.js";
import type { SubscribeOptions, TopicSubscription } from "./subscriptions.js";
import type { MessageListener } from "./topics.js";

/**
 * A client of the bridge. It connects once `connect()` is called, and keeps itself connected: it resumes its session, or
 * lets its topics go on in a new one, so that each message comes once and in order, or a `gap` is told. While it is not connected nothing is queued: whatever is to be sent fails
 * with a `NotSentError`.
 */
export class LongspanClient {
  readonly #events: Events<ClientEvents>;
  readonly #session: Session;

  constructor(options?: ClientOptions);
  /** @internal */
  // eslint-disable-next-line @typescript-eslint/unified-signatures -- kept out of the declarations
  constructor(options: ClientOptions, connections: ConnectionFactory);
  constructor(options: ClientOptions = {}, connections: ConnectionFactory = connectByBayeux) {
    const settings = resolveOptions(options);
    this.#events = new Events(settings.logger);
    this.#session = new Session(settings, connections, this.#events);
  }

  get status(): Status {
    return this.#session.status;
  }

  /** The transport that is used, or was used last; `undefined` before the first, and after the end. */
  get transport(): TransportName | undefined {
    return this.#session.transport;
  }

  /** What the bridge said when it last took this client; `undefined` before, and after the end. */
  get info(): ConnectInfo | undefined {
    return this.#session.info;
  }

  /**
   * Connects, and stays connected until `disconnect()`. A network that fails is tried again until `connectTimeout`.
   * @throws AuthenticationError, RefusedError, ConnectionLostError (not reached in time), CancelledError (disconnected)
   */
  connect(): Promise<ConnectInfo> {
    return this.#session.connect();
  }

  /**
   * Tries now what the client would try later: where it reconnects, at once and not after the back-off; where it is
   * connected, it makes sure that the connection works. A browser's `online`, `pageshow`, `visibilitychange` and
   * `resume` do the same. Where the client is `disconnected`, nothing happens.
   */
  reconnect(): void {
    this.#session.reconnect();
  }

  /** Ends the session. Open requests end with `CancelledError`; no timer is left. Afterwards `connect()` works again. */
  disconnect(): Promise<void> {
    return this.#session.disconnect();
  }

  /**
   * Sends a message to a queue or topic. Resolves when the broker has taken it.
   * @throws NotSentError, RefusedError, ConnectionLostError (it may have been sent)
   */
  publish(destination: string, body: SendBody, options: SendOptions = {}): Promise<void> {
    return this.#session.publish(encodeSend({ destination }, body, options));
  }

  /**
   * Sends a request to a service; resolves with the answer (of an answer in several parts, with the first).
   * @throws NotSentError, RefusedError, TimedOutError, ConnectionLostError, CancelledError: exactly one of them
   */
  request(
    destination: string,
    body: SendBody,
    options: RequestOptions = {},
  ): Promise<BridgeMessage> {
    return this.#session.requests.request(destination, body, options);
  }

  /**
   * Sends a request at once and gives the parts of its answer in order. Leaving the loop, `return()` and the signal
   * tell the service to stop. The errors are those of `request()`; the timeout holds for each part.
   */
  requestStream(
    destination: string,
    body: SendBody,
    options: RequestOptions = {},
  ): AsyncIterableIterator<BridgeMessage, undefined> {
    return this.#session.requests.stream(destination, body, options);
  }

  /**
   * Subscribes to topics or wildcard patterns. Listeners of the same topic and selector share one subscription of the
   * bridge. Where some topics are refused the others are subscribed: see `failed` of the result.
   * @throws TopicSubscribeError if all were refused; NotSentError, RefusedError, TimedOutError, ConnectionLostError
   */
  topicSubscribe(
    topics: string | readonly string[],
    listener: MessageListener,
    options: SubscribeOptions = {},
  ): Promise<TopicSubscription> {
    return this.#session.subscriptions.subscribe(asArray(topics), listener, options);
  }

  /** Ends the topics for every listener of this client. */
  topicUnsubscribe(topics: string | readonly string[]): Promise<void> {
    return this.#session.subscriptions.unsubscribe(asArray(topics));
  }

  /**
   * Is called with each message that is neither an answer to a request nor of a topic.
   * @returns a function that ends it
   */
  addMessageListener(listener: MessageListener): () => void {
    const { messageListeners } = this.#session;
    // A function of its own, so that the same listener can be added twice.
    const entry: MessageListener = (message) => listener(message);
    messageListeners.add(entry);
    return () => void messageListeners.delete(entry);
  }

  /**
   * Answers a message that has a `replyTo`, once. The answer carries its correlation id, or its message id if it has
   * none. @throws as `publish()`; TypeError if the message wants no answer
   */
  reply(message: BridgeMessage, body: SendBody, options: SendOptions = {}): Promise<void> {
    const { replyTo } = message;
    if (replyTo === undefined) {
      return Promise.reject(new TypeError("The message wants no answer: it has no replyTo"));
    }
    const correlationId = message.correlationId ?? message.messageId;
    return this.#session.publish(encodeSend({ replyTo }, body, { correlationId, ...options }));
  }

  /** What `run` sends travels in one HTTP request or WebSocket frame. Only what it does before it returns counts. */
  batch(run: () => void): void {
    this.#session.batch(run);
  }

  /** @returns a function that ends it */
  on<K extends keyof ClientEvents>(
    event: K,
    listener: (event: ClientEvents[K]) => void,
  ): () => void {
    return this.#events.on(event, listener);
  }
}

const asArray = (topics: string | readonly string[]): readonly string[] =>
  typeof topics === "string" ? [topics] : topics;
