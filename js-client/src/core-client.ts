import { connectByBayeux } from "./bayeux-connection.js";
import type { ConnectInfo } from "./codec.js";
import type { ConnectionFactory } from "./connection.js";
import type { AnyDestinations, BodyOf, NameFor } from "./destinations.js";
import { asyncDispose } from "./dispose.js";
import { Events } from "./events.js";
import type { BridgeMessage } from "./message.js";
import { resolveOptions, type CoreOptions, type TransportName } from "./options.js";
import type { RequestOptions } from "./requests.js";
import { encodeSend, type SendBody, type SendOptions } from "./sends.js";
import { CoreSession, type Session } from "./session.js";
import type { ClientEvents, Status } from "./status.js";
import type { CoreSubscribeOptions, TopicSubscription } from "./topic-subscription.js";
import type { MessageListener } from "./topics.js";

/**
 * A client of the bridge (protocol 1.2, also 1.1) that connects, sends requests, and subscribes to
 * topics. After `connect()` it stays connected: it resumes its session, or re-creates its
 * subscriptions in a new one. So each topic message arrives once and in order, or a `gap` event names
 * the topic.
 *
 * Nothing is queued while the client is not connected: calls then fail with a `NotSentError`.
 * Listeners are called one after the other; an exception in a listener is logged.
 *
 * `LongspanClient` has more; a page that does not need it loads less with this class. Events of what
 * only `LongspanClient` has do not occur here.
 *
 * @typeParam D what each destination takes and gives; without it any name and body is accepted
 */
export class CoreClient<D extends object = AnyDestinations> {
  /** Never set. It only tells the compiler which destinations this client has. */
  declare readonly destinations?: D;
  /** @internal */
  protected readonly session: Session;

  /**
   * Creates a client; it does not connect.
   *
   * @throws TypeError or RangeError with the option, its value and what is allowed
   */
  constructor(options?: CoreOptions);
  /** @internal */
  // eslint-disable-next-line @typescript-eslint/unified-signatures -- kept out of the declarations
  constructor(options: CoreOptions, session?: Session);
  constructor(options: CoreOptions = {}, session: Session = coreSession(options)) {
    this.session = session;
  }

  /** The current state of the client. */
  get status(): Status {
    return this.session.status;
  }

  /**
   * The transport in use, or last used; `undefined` before the first connection and after the end.
   */
  get transport(): TransportName | undefined {
    return this.session.transport;
  }

  /** The bridge's last answer to `connect`; `undefined` before it and after the end. */
  get info(): ConnectInfo | undefined {
    return this.session.info;
  }

  /**
   * Connects, and stays connected until `disconnect()`. Network failures are retried until
   * `connectTimeout`. Further calls return the same promise.
   *
   * @throws AuthenticationError, RefusedError; ConnectionLostError after `connectTimeout`;
   *   CancelledError by `disconnect()`; TypeError if the platform has none of the transports, or
   *   without `url` outside a page
   */
  connect(): Promise<ConnectInfo> {
    return this.session.connect();
  }

  /**
   * Reconnects now instead of after the back-off. If the client is connected, it checks the
   * connection. If it is `disconnected`, nothing happens. In a browser the events `online`,
   * `pageshow`, `visibilitychange` and `resume` have the same effect.
   */
  reconnect(): void {
    this.session.reconnect();
  }

  /**
   * Disconnects. Calls in flight fail with a `CancelledError`; no timer or socket remains. Resolves
   * within `closeTimeout`. Afterwards `connect()` may be called again.
   */
  disconnect(): Promise<void> {
    return this.session.disconnect();
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
    return this.session.publish(encodeSend({ destination }, body as SendBody, options));
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
    const answer = this.session.requests.request(destination, body as SendBody, options);
    return answer as Promise<BridgeMessage<BodyOf<"answer", D, N>>>;
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
    { selector }: CoreSubscribeOptions = {},
  ): Promise<TopicSubscription> {
    const { subscriptions } = this.session;
    return subscriptions.subscribe(asArray(topics), listener as MessageListener, { selector });
  }

  /**
   * Unsubscribes all listeners of this client from the topics.
   *
   * @throws RefusedError
   */
  topicUnsubscribe(
    topics: NameFor<"message", D> | readonly NameFor<"message", D>[],
  ): Promise<void> {
    return this.session.subscriptions.unsubscribe(asArray(topics));
  }

  /**
   * Sends all messages of `run` in one HTTP request or WebSocket frame. Messages that `run` sends
   * after it has returned are not included.
   */
  batch(run: () => void): void {
    this.session.batch(run);
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
    return this.session.events.on(event, listener);
  }
}

/** Creates the session of a `CoreClient`. */
export function coreSession(
  options: CoreOptions,
  connections: ConnectionFactory = connectByBayeux,
): Session {
  const settings = resolveOptions(options);
  return new CoreSession(settings, connections, new Events(settings.logger));
}

export const asArray = (topics: string | readonly string[]): readonly string[] =>
  typeof topics === "string" ? [topics] : topics;
