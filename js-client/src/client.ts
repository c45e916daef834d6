import { connectByBayeux } from "./bayeux-connection.js";
import { resolveClientOptions } from "./client-options.js";
import type { Presence } from "./codec.js";
import type { ConnectionFactory } from "./connection.js";
import type { QueueHandler, QueueOptions, QueueSubscription } from "./consumers.js";
import { asArray, CoreClient } from "./core-client.js";
import type { AnyDestinations, BodyOf, NameFor } from "./destinations.js";
import { Events } from "./events.js";
import { fullCodec } from "./full-codec.js";
import { FullSession } from "./full-session.js";
import type { SubscribeOptions, UnsubscribeOptions } from "./full-subscriptions.js";
import type { BridgeMessage } from "./message.js";
import type { ClientOptions } from "./options.js";
import { requestParts } from "./parts.js";
import { askPresence } from "./presence.js";
import type { QueueMessage } from "./queue-message.js";
import type { OpenStore } from "./reload-store.js";
import type { RequestOptions } from "./requests.js";
import { encodeSend, type SendBody, type SendOptions } from "./sends.js";
import type { ClientEvents } from "./status.js";
import type { MessageStream } from "./stream.js";
import type { TopicSubscription } from "./topic-subscription.js";
import { Tokens } from "./tokens.js";
import type { MessageListener } from "./topics.js";
import { wireEvents } from "./wire-events.js";

const connectWithTokens: ConnectionFactory = (settings) =>
  connectByBayeux(settings, (...args) => new Tokens(settings, ...args));

/**
 * A client of the bridge with everything: besides what `CoreClient` has, answers in several parts,
 * queues, durable subscriptions, presence, bearer tokens, the reload of a page, and the move to
 * another bridge while one drains.
 *
 * @typeParam D what each destination takes and gives; without it any name and body is accepted
 */
export class LongspanClient<D extends object = AnyDestinations> extends CoreClient<D> {
  /** @internal */
  declare protected readonly session: FullSession;

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
    connections: ConnectionFactory = connectWithTokens,
    openStore?: OpenStore,
  ) {
    const settings = resolveClientOptions(options);
    const events = new Events<ClientEvents>(settings.logger);
    const wire = wireEvents(events);
    super(
      options,
      new FullSession({ ...settings, further: fullCodec, wire }, connections, events, openStore),
    );
    // The panel of the inspector, if the page has one.
    (globalThis as { longspanInspector?: (client: object) => void }).longspanInspector?.(this);
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
    const parts = requestParts(this.session.requests, destination, body as SendBody, options);
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
  override topicSubscribe<N extends NameFor<"message", D>>(
    topics: N | readonly N[],
    listener: MessageListener<BodyOf<"message", D, N>>,
    options: SubscribeOptions = {},
  ): Promise<TopicSubscription> {
    return this.session.subscriptions.subscribe(
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
  override topicUnsubscribe(
    topics: NameFor<"message", D> | readonly NameFor<"message", D>[],
    options: UnsubscribeOptions = {},
  ): Promise<void> {
    return this.session.subscriptions.unsubscribe(asArray(topics), options);
  }

  /**
   * Asks who is present on a topic (protocol section 18). To be told of changes, subscribe with
   * `presence`.
   *
   * @throws NotSentError, RefusedError, TimedOutError, ConnectionLostError or CancelledError
   */
  presence(topic: NameFor<"message", D>): Promise<Presence> {
    return askPresence(this.session, topic);
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
    return this.session.consumers.subscribe(queue, handler as QueueHandler, options);
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
    const stream = this.session.consumers.stream(queue, options);
    return stream as MessageStream<QueueMessage<BodyOf<"work", D, N>>>;
  }

  /**
   * Adds a listener for unsolicited messages: neither answers to requests nor topic messages.
   *
   * @returns a function that removes the listener
   */
  addMessageListener(listener: MessageListener): () => void {
    const { messageListeners } = this.session;
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
    return this.session.publish(encodeSend({ replyTo }, body, { correlationId, ...options }));
  }
}

/** The methods of a client, whichever class it has. */
export type Client<D extends object = AnyDestinations> = Pick<
  LongspanClient<D>,
  keyof LongspanClient<D>
>;
