import type { QueueHandler, QueueOptions, QueueSubscription } from "../consumers.js";
import { asyncDispose } from "../dispose.js";
import {
  LongspanError,
  NotSentError,
  RefusedError,
  TopicSubscribeError,
  type TopicFailure,
} from "../errors.js";
import { callSafely, type Events } from "../events.js";
import type { Logger } from "../logger.js";
import { QueueMessage } from "../queue-message.js";
import type { SubscribeOptions } from "../full-subscriptions.js";
import type { TopicSubscription } from "../topic-subscription.js";
import type { ClientEvents } from "../status.js";
import type { MessageListener } from "../topics.js";
import type { HubCalls } from "./hub-calls.js";
import { messageOf, type FromHub } from "./wire.js";

type Arrived = Extract<FromHub, { is: "message" }>;

interface Subscribed {
  readonly kind: "topics";
  readonly topics: Set<string>;
  readonly listener: MessageListener;
  readonly options: SubscribeOptions;
}

interface Consuming {
  readonly kind: "queue";
  readonly queue: string;
  readonly handler: QueueHandler;
  readonly options: QueueOptions;
  readonly ended: (error: Error) => void;
}

/** What one tab listens to at the hub, by the call with which it began. */
export class Listeners {
  readonly #all = new Map<number, Subscribed | Consuming>();
  /** Those of a hub that is gone. */
  readonly #lost = new Map<number, Subscribed | Consuming>();
  /** Those that miss messages until they begin again. */
  readonly #missing = new WeakSet<Subscribed | Consuming>();

  constructor(
    private readonly calls: HubCalls,
    private readonly logger: Logger,
    private readonly events: Events<ClientEvents>,
  ) {}

  async subscribe(
    names: readonly string[],
    listener: MessageListener,
    options: SubscribeOptions,
  ): Promise<TopicSubscription> {
    const subscribed: Subscribed = {
      kind: "topics",
      topics: new Set(names),
      listener,
      options,
    };
    const id = this.calls.nextId();
    this.#all.set(id, subscribed);
    let failed: readonly TopicFailure[];
    try {
      failed = await this.calls.as(id, "subscribe", names, options);
    } catch (error) {
      this.#all.delete(id);
      throw error;
    }
    const { topics } = subscribed;
    for (const { topic } of failed) topics.delete(topic);
    const unsubscribe = () => this.#end(subscribed, () => topics.clear());
    return {
      failed,
      get topics() {
        return [...topics];
      },
      unsubscribe,
      [asyncDispose]: unsubscribe,
    };
  }

  async consume(
    queue: string,
    handler: QueueHandler,
    options: QueueOptions,
    ended: (error: Error) => void = () => undefined,
  ): Promise<QueueSubscription> {
    const consuming: Consuming = { kind: "queue", queue, handler, options, ended };
    const id = this.calls.nextId();
    this.#all.set(id, consuming);
    try {
      await this.calls.as(id, "consume", queue, options);
    } catch (error) {
      this.#all.delete(id);
      throw error;
    }
    const unsubscribe = () => this.#end(consuming);
    return { queue, unsubscribe, [asyncDispose]: unsubscribe };
  }

  /** Ends the topics for all listeners of this tab. */
  async unsubscribe(names: readonly string[]): Promise<void> {
    const ended = [...this.#all].map(async ([id, each]) => {
      if (each.kind !== "topics" || !names.some((name) => each.topics.delete(name))) return;
      for (const name of names) each.topics.delete(name);
      if (each.topics.size === 0) await this.#end(each);
      else await this.#tell(id, [...each.topics]);
    });
    await Promise.all(ended);
  }

  received({ id, message, task }: Arrived): void {
    const found = this.#all.get(id);
    if (found?.kind === "topics") {
      const { listener } = found;
      const it = messageOf(message);
      if (task === undefined) callSafely(listener, it, this.logger);
      else void this.calls.answer(task, () => listener(it));
    } else if (task !== undefined)
      void this.calls.answer(task, () => this.#process(found, message));
  }

  /** @returns those of the topics that this tab had */
  revoked(names: readonly string[]): readonly string[] {
    const mine = new Set<string>();
    for (const each of this.#all.values()) {
      if (each.kind !== "topics") continue;
      for (const name of names) if (each.topics.delete(name)) mine.add(name);
    }
    return [...mine];
  }

  /** @returns those of the queues that this tab had */
  queuesRevoked(queues: readonly string[], reason: string): readonly string[] {
    const mine: string[] = [];
    for (const [id, each] of this.#all) {
      if (each.kind !== "queue" || !queues.includes(each.queue)) continue;
      mine.push(each.queue);
      this.#all.delete(id);
      each.ended(new RefusedError(reason, `The bridge has ended ${each.queue}`));
    }
    return mine;
  }

  /** Begins everything again at a new hub. */
  again(): void {
    for (const [id, each] of [...this.#lost]) {
      this.#lost.delete(id);
      if (this.#all.get(id) === each) void this.#again(id, each);
    }
  }

  /**
   * The hub is gone; nothing is subscribed there any more.
   *
   * @param resumed whether the next hub resumes its sessions, so that no message is missed
   */
  lost(resumed: boolean): void {
    for (const [id, each] of this.#all) {
      this.#lost.set(id, each);
      if (!resumed) this.#missing.add(each);
    }
  }

  clear(error: LongspanError): void {
    for (const each of this.#all.values()) {
      if (each.kind === "queue") each.ended(error);
      else each.topics.clear();
    }
    this.#all.clear();
    this.#lost.clear();
  }

  async #again(id: number, each: Subscribed | Consuming): Promise<void> {
    try {
      if (each.kind === "queue") await this.calls.as(id, "consume", each.queue, each.options);
      else {
        const failed = await this.calls.as(id, "subscribe", [...each.topics], each.options);
        for (const { topic, error: reason } of failed) {
          if (each.topics.delete(topic)) this.events.emit("revoked", { topics: [topic], reason });
        }
        if (this.#missing.delete(each)) this.#tellGap(each);
      }
    } catch (error) {
      if (!(error instanceof RefusedError || error instanceof TopicSubscribeError)) return;
      this.#all.delete(id);
      if (each.kind === "queue") each.ended(error);
      else this.events.emit("revoked", { topics: [...each.topics], reason: error.message });
    }
  }

  #tellGap({ topics, options }: Subscribed): void {
    // The broker has what a durable subscription misses.
    if (options.durable !== undefined || topics.size === 0) return;
    const each = [...topics].map((topic) => ({ topic, lost: null }));
    this.events.emit("gap", { topics: each, reason: "sessionLost" });
  }

  async #process(found: Consuming | undefined, it: Arrived["message"]): Promise<void> {
    if (!found) throw new NotSentError("The queue is not consumed any more");
    let settled: Promise<boolean> | undefined;
    const message = new QueueMessage(messageOf(it), {
      settle: (fate) =>
        (settled ??= this.calls.call("settle", Number(it.delivery), fate).catch(() => false)),
    });
    try {
      await found.handler(message);
    } catch (error) {
      this.logger.warn("a message is released, because its handler failed", error);
      throw error;
    }
  }

  async #end(each: Subscribed | Consuming, then?: () => void): Promise<void> {
    for (const [id, other] of this.#all) {
      if (other !== each) continue;
      this.#all.delete(id);
      then?.();
      await this.#tell(id, []);
    }
  }

  async #tell(id: number, rest: readonly string[]): Promise<void> {
    try {
      await this.calls.call("end", id, rest);
    } catch (error) {
      if (error instanceof RefusedError) throw error;
    }
  }
}
