import type { Backoff } from "./backoff.js";
import type { QueuesRevoked } from "./codec.js";
import type { Deliveries } from "./deliveries.js";
import { CancelledError, NotSentError, RefusedError } from "./errors.js";
import { asyncDispose } from "./dispose.js";
import type { JsonValue } from "./json.js";
import type { Logger } from "./logger.js";
import type { BridgeMessage } from "./message.js";
import { QueueMessage } from "./queue-message.js";
import type { SessionPort } from "./session-port.js";
import { Stream } from "./stream.js";

export interface QueueOptions {
  /** Maximum number of messages at this client that are not acknowledged, 1 to 100. Default: 1. */
  prefetch?: number;
  /** A JMS selector; only matching messages are delivered. */
  selector?: string;
}

/**
 * Processes a message of a queue. When its promise resolves, or it returns, the message is
 * acknowledged; when it rejects or throws, the message is released. Up to `prefetch` messages are
 * processed at the same time.
 */
export type QueueHandler<B = JsonValue> = (message: QueueMessage<B>) => unknown;

/** The consumption of a queue. */
export interface QueueSubscription {
  readonly queue: string;
  /**
   * Ends it. Messages that are not acknowledged go back to the queue, also those that are being
   * processed. Idempotent.
   *
   * @throws RefusedError
   */
  unsubscribe(): Promise<void>;
  /** As `unsubscribe()`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}

interface Consumer {
  readonly queue: string;
  readonly options: QueueOptions;
  readonly handler: QueueHandler;
  /** Called when the bridge has ended the consumption, or the client was disconnected. */
  readonly ended: (error: Error) => void;
  /** Whether the bridge has confirmed it; then it is begun again in a new session. */
  established: boolean;
  /** Identifies the command that has begun it in this session. */
  begun: object | undefined;
}

/** The queues that this client consumes. */
export class Consumers {
  readonly #consumers = new Map<string, Consumer>();
  /** Whether the session was another page's, which may have consumed queues. */
  inherited = false;

  constructor(
    private readonly session: SessionPort,
    private readonly deliveries: Deliveries,
    private readonly logger: Logger,
    private readonly backoff: Backoff,
    private readonly revoked: (event: QueuesRevoked) => void,
  ) {}

  async subscribe(
    queue: string,
    handler: QueueHandler,
    options: QueueOptions,
    ended: (error: Error) => void = () => undefined,
  ): Promise<QueueSubscription> {
    if (this.#consumers.has(queue)) throw new TypeError(`queue: ${queue} is already consumed`);
    if (!this.session.connected) throw new NotSentError("The client is not connected");
    const { prefetch, selector } = options;
    const consumer: Consumer = {
      queue,
      options: { prefetch, selector },
      handler,
      ended,
      established: false,
      begun: undefined,
    };
    this.#consumers.set(queue, consumer);
    // Releases what the page before a reload has not acknowledged.
    if (this.inherited) void this.#leave(queue).catch(() => undefined);
    try {
      await this.#ask(consumer);
    } catch (error) {
      this.#drop(consumer);
      throw error;
    }
    const unsubscribe = () => this.#unsubscribe(consumer);
    return { queue, unsubscribe, [asyncDispose]: unsubscribe };
  }

  stream(queue: string, options: QueueOptions): QueueStream {
    return QueueStream.of((handler, ended) => this.subscribe(queue, handler, options, ended));
  }

  dispatch(message: BridgeMessage, delivery: string): void {
    const consumer = this.#consumers.get(message.queue ?? "");
    if (consumer) void this.#process(consumer, message, delivery);
    // It is released by that. It may have been on its way, or be for the page before a reload.
    else void this.#leave(message.queue ?? "").catch(() => undefined);
  }

  /** Called when the bridge has ended the consumption. */
  end(event: QueuesRevoked): void {
    for (const queue of event.queues) {
      const consumer = this.#consumers.get(queue);
      if (!consumer) continue;
      this.#drop(consumer);
      consumer.ended(new RefusedError(event.reason, `The bridge has ended ${queue}`));
    }
    this.revoked(event);
  }

  /** Marks all consumers as missing in a new session. */
  reset(): void {
    this.inherited = false;
    for (const consumer of this.#consumers.values()) consumer.begun = undefined;
  }

  /** Begins those again that the session lacks. */
  recreate(): void {
    for (const consumer of this.#consumers.values()) {
      if (consumer.established && !consumer.begun) void this.#askAgain(consumer);
    }
  }

  clear(): void {
    for (const consumer of [...this.#consumers.values()]) {
      this.#drop(consumer);
      consumer.ended(new CancelledError("The client was disconnected"));
    }
  }

  async #process({ handler }: Consumer, message: BridgeMessage, handle: string): Promise<void> {
    const delivery = this.deliveries.add(handle);
    try {
      await handler(new QueueMessage(message, delivery));
      await delivery.settle({ type: "ack" });
    } catch (error) {
      this.logger.warn("a message is released, because its handler failed", error);
      await delivery.settle({ type: "release" });
    }
  }

  async #ask(consumer: Consumer): Promise<void> {
    const { queue, options } = consumer;
    const begun = (consumer.begun = {});
    try {
      await this.session.control({ type: "queueSubscribe", queue, ...options });
      consumer.established = true;
    } catch (error) {
      if (consumer.begun === begun) consumer.begun = undefined;
      throw error;
    }
  }

  async #askAgain(consumer: Consumer): Promise<void> {
    try {
      await this.#ask(consumer);
      this.backoff.reset();
    } catch (error) {
      if (consumer.begun || this.#consumers.get(consumer.queue) !== consumer) return;
      if (error instanceof RefusedError && !error.temporary) {
        this.end({ queues: [consumer.queue], reason: error.bridgeCode });
      } else if (this.session.connected) {
        this.session.timers.set(() => this.recreate(), this.backoff.next());
      }
    }
  }

  async #unsubscribe(consumer: Consumer): Promise<void> {
    if (!this.#drop(consumer)) return;
    await this.#leave(consumer.queue);
  }

  /** @returns false if it has ended before */
  #drop(consumer: Consumer): boolean {
    if (this.#consumers.get(consumer.queue) !== consumer) return false;
    return this.#consumers.delete(consumer.queue);
  }

  async #leave(queue: string): Promise<void> {
    try {
      await this.session.control({ type: "queueUnsubscribe", queue });
    } catch (error) {
      // Without a connection the session ends, and its consumers with it.
      if (error instanceof RefusedError) throw error;
    }
  }
}

/** Messages of a queue. Each is acknowledged when the next one is asked for. */
export class QueueStream extends Stream<QueueMessage> {
  static of(
    subscribe: (handler: QueueHandler, ended: (error: Error) => void) => Promise<QueueSubscription>,
  ): QueueStream {
    const stream = new QueueStream(
      () =>
        void subscribing.then(
          (subscription) => subscription.unsubscribe(),
          () => undefined,
        ),
    );
    const fail = (error: unknown) => stream.fail(error as Error);
    const subscribing = subscribe((message) => stream.take(message), fail);
    subscribing.catch(fail);
    return stream;
  }

  /** What ends the processing of each message that is not acknowledged. */
  readonly #open = new Map<QueueMessage, () => void>();
  /** Messages that the reader has. */
  readonly #read: QueueMessage[] = [];

  /** @returns a promise that resolves when the reader has processed the message, or has left */
  take(message: QueueMessage): Promise<void> {
    return new Promise((resolve) => {
      this.#open.set(message, resolve);
      this.push(message);
    });
  }

  override async next(): Promise<IteratorResult<QueueMessage, undefined>> {
    for (const message of this.#read.splice(0)) this.#end(message);
    const result = await super.next();
    if (result.done !== true) this.#read.push(result.value);
    return result;
  }

  override return(): Promise<IteratorResult<QueueMessage, undefined>> {
    for (const message of [...this.#open.keys()]) {
      void message.release();
      this.#end(message);
    }
    return super.return();
  }

  #end(message: QueueMessage): void {
    this.#open.get(message)?.();
    this.#open.delete(message);
  }
}
