import type { Backoff } from "./backoff.js";
import type { TopicsRevoked } from "./codec.js";
import {
  LongspanError,
  NotSentError,
  RefusedError,
  TopicSubscribeError,
  type TopicFailure,
} from "./errors.js";
import { callSafely } from "./events.js";
import type { Logger } from "./logger.js";
import type { BridgeMessage } from "./message.js";
import type { Outbox } from "./outbox.js";

export type MessageListener = (message: BridgeMessage) => void;

export interface SubscribeOptions {
  /** A JMS selector: only messages that it matches are delivered. */
  selector?: string;
}

/** One listener's subscription to one or more topics. */
export interface TopicSubscription {
  /** The topics that it still receives: those asked for, without the failed, the revoked and the unsubscribed. */
  readonly topics: readonly string[];
  /** The topics that could not be subscribed, and why. */
  readonly failed: readonly TopicFailure[];
  /** Ends it. The bridge is told where no other listener of this client wants the topic. Idempotent. */
  unsubscribe(): Promise<void>;
}

/** A topic that the bridge delivers, or is to deliver, to this client. */
interface Entry {
  readonly topic: string;
  readonly selector: string | undefined;
  readonly handles: Set<Handle>;
  state: "wanted" | "asked" | "active";
  /** The answer to the first asking: the topics that failed. */
  ready: Promise<ReadonlyMap<string, string>>;
}

interface Handle extends TopicSubscription {
  readonly listener: MessageListener;
  readonly entries: Set<Entry>;
}

const CHUNK = 500;

/**
 * The topics of this client. Listeners of the same topic and selector share one subscription of the bridge. An entry is
 * in the map before the bridge is asked, so that a message which overtakes the answer finds it; an answer that is late
 * touches only the entry it was asked for.
 */
export class Subscriptions {
  readonly #entries = new Map<string, Entry>();

  constructor(
    private readonly outbox: Outbox,
    private readonly logger: Logger,
    private readonly backoff: Backoff,
    private readonly revoked: (event: TopicsRevoked) => void,
  ) {}

  get topics(): readonly string[] {
    return [...this.#entries.keys()];
  }

  async subscribe(
    topics: readonly string[],
    listener: MessageListener,
    { selector }: SubscribeOptions,
  ): Promise<TopicSubscription> {
    if (topics.length === 0) throw new TypeError("topics: at least one is required");
    if (!this.outbox.connected) throw new NotSentError("The client is not connected");
    const failed: TopicFailure[] = [];
    const handle = this.#handle(listener, failed);
    const fresh: Entry[] = [];
    for (const topic of new Set(topics)) {
      let entry = this.#entries.get(topic);
      if (entry !== undefined && entry.selector !== selector) {
        failed.push({ topic, error: "already subscribed with another selector" });
        continue;
      }
      if (entry === undefined) {
        entry = { topic, selector, handles: new Set(), state: "wanted", ready: NOTHING_FAILED };
        this.#entries.set(topic, entry);
        fresh.push(entry);
      }
      entry.handles.add(handle);
      handle.entries.add(entry);
    }
    const asked = [...handle.entries];
    if (fresh.length > 0) {
      const ready = this.#ask(fresh, selector).catch((error: unknown) => {
        for (const entry of fresh) this.#drop(entry);
        throw error;
      });
      for (const entry of fresh) entry.ready = ready;
    }
    const errors = await this.#outcome(asked, failed);
    if (failed.length + errors.length > 0 && asked.every((entry) => !handle.entries.has(entry))) {
      throw errors[0] ?? new TopicSubscribeError(failed);
    }
    return handle;
  }

  /** Ends the topics for every listener of this client. */
  async unsubscribe(topics: readonly string[]): Promise<void> {
    const ended = topics.flatMap((topic) => this.#entries.get(topic) ?? []);
    for (const entry of ended) this.#drop(entry);
    await this.#tell(ended);
  }

  dispatch(message: BridgeMessage): void {
    const entry = this.#entries.get(message.subscription ?? "");
    if (entry === undefined) this.logger.debug("a message of a topic that is not subscribed");
    for (const { listener } of [...(entry?.handles ?? [])]) {
      callSafely(listener, message, this.logger);
    }
  }

  /** The bridge has ended them. */
  end(event: TopicsRevoked): void {
    for (const topic of event.topics) {
      const entry = this.#entries.get(topic);
      if (entry !== undefined) this.#drop(entry);
    }
    this.revoked(event);
  }

  /** A new session has none of them. */
  reset(): void {
    for (const entry of this.#entries.values()) entry.state = "wanted";
  }

  clear(): void {
    for (const entry of [...this.#entries.values()]) this.#drop(entry);
  }

  /** Asks for those that the session lacks. */
  recreate(): void {
    if (!this.outbox.connected) return;
    const bySelector = new Map<string | undefined, Entry[]>();
    for (const entry of this.#entries.values()) {
      if (entry.state !== "wanted") continue;
      bySelector.set(entry.selector, [...(bySelector.get(entry.selector) ?? []), entry]);
    }
    for (const [selector, entries] of bySelector) {
      for (let i = 0; i < entries.length; i += CHUNK) {
        void this.#askAgain(entries.slice(i, i + CHUNK), selector);
      }
    }
  }

  async #askAgain(entries: readonly Entry[], selector: string | undefined): Promise<void> {
    try {
      const failures = await this.#ask(entries, selector);
      this.backoff.reset();
      for (const [topic, reason] of failures) this.revoked({ topics: [topic], reason });
    } catch (error) {
      if (error instanceof RefusedError && !isTemporary(error)) {
        const topics = entries.map(({ topic }) => topic);
        this.end({ topics, reason: error.bridgeCode });
        return;
      }
      // A new session may have asked again meanwhile.
      for (const entry of entries) if (entry.state === "asked") entry.state = "wanted";
      this.outbox.timers.set(() => this.recreate(), this.backoff.next());
    }
  }

  /** @returns the topics that failed, whose entries are gone */
  async #ask(
    entries: readonly Entry[],
    selector: string | undefined,
  ): Promise<ReadonlyMap<string, string>> {
    for (const entry of entries) entry.state = "asked";
    const topics = entries.map(({ topic }) => topic);
    const answer = await this.outbox.control({
      type: "topicSubscribe",
      topics,
      ...(selector === undefined ? {} : { selector }),
    });
    const failures = new Map(
      answer.failedTopics.map((topic, i) => [topic, answer.topicErrors[i] ?? "refused"]),
    );
    for (const entry of entries) {
      if (failures.has(entry.topic)) this.#drop(entry);
      else entry.state = "active";
    }
    return failures;
  }

  /** Waits for the entries' answers; adds what failed to `failed`, returns the errors of whole commands. */
  async #outcome(entries: readonly Entry[], failed: TopicFailure[]): Promise<LongspanError[]> {
    const errors: LongspanError[] = [];
    for (const { topic, ready } of entries) {
      try {
        const error = (await ready).get(topic);
        if (error !== undefined) failed.push({ topic, error });
      } catch (error) {
        if (!(error instanceof LongspanError)) throw error;
        errors.push(error);
        failed.push({ topic, error: error.message });
      }
    }
    return errors;
  }

  #handle(listener: MessageListener, failed: readonly TopicFailure[]): Handle {
    const entries = new Set<Entry>();
    const handle: Handle = {
      listener,
      entries,
      failed,
      get topics() {
        return [...entries].map(({ topic }) => topic);
      },
      unsubscribe: async () => {
        const ended = [...entries].filter(({ handles }) => {
          handles.delete(handle);
          return handles.size === 0;
        });
        entries.clear();
        for (const entry of ended) this.#drop(entry);
        await this.#tell(ended);
      },
    };
    return handle;
  }

  #drop(entry: Entry): void {
    for (const handle of entry.handles) handle.entries.delete(entry);
    entry.handles.clear();
    if (this.#entries.get(entry.topic) === entry) this.#entries.delete(entry.topic);
  }

  async #tell(ended: readonly Entry[]): Promise<void> {
    if (ended.length === 0 || !this.outbox.connected) return;
    const topics = ended.map(({ topic }) => topic);
    try {
      await this.outbox.control({ type: "topicUnsubscribe", topics });
    } catch (error) {
      // Without the connection the session ends, and its subscriptions with it.
      if (error instanceof RefusedError) throw error;
    }
  }
}

const NOTHING_FAILED = Promise.resolve<ReadonlyMap<string, string>>(new Map());

/** Whether the same command may succeed later. */
export const isTemporary = ({ bridgeCode }: RefusedError): boolean =>
  bridgeCode === "brokerUnavailable" || bridgeCode === "limitExceeded";
