import type { Backoff } from "./backoff.js";
import type { Gap, TopicsRevoked } from "./codec.js";
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
import type { SessionPort } from "./session-port.js";
import {
  Topic,
  type KeptTopic,
  type Listening,
  type MessageListener,
  type TopicFailures,
} from "./topics.js";

export interface SubscribeOptions {
  /** A JMS selector; only matching messages are delivered. */
  selector?: string;
}

/** The subscription of one listener to one or more topics. */
export interface TopicSubscription {
  /** Topics that are still subscribed, without failed, revoked and unsubscribed ones. */
  readonly topics: readonly string[];
  /** Topics that could not be subscribed, with the reasons. */
  readonly failed: readonly TopicFailure[];
  /**
   * Ends this subscription. The bridge unsubscribes a topic if no other listener of this client
   * needs it. Idempotent.
   *
   * @throws RefusedError
   */
  unsubscribe(): Promise<void>;
}

/** Receives events of subscriptions. */
export interface SubscriptionEvents {
  revoked(event: TopicsRevoked): void;
  gap(event: Gap): void;
  /** Called when a command has been answered. */
  idle(): void;
}

const CHUNK = 500;

/**
 * The topics of this client. Listeners of the same topic and selector share one subscription of the
 * bridge. A topic is in the map before the bridge is asked, so that a message that overtakes the
 * answer is delivered. A late answer only affects the topics of its own command.
 */
export class Subscriptions {
  readonly #topics = new Map<string, Topic>();
  /** Number of commands in flight. */
  #asking = 0;

  constructor(
    private readonly session: SessionPort,
    private readonly logger: Logger,
    private readonly backoff: Backoff,
    private readonly events: SubscriptionEvents,
  ) {}

  get topics(): readonly string[] {
    return [...this.#topics.keys()];
  }

  get idle(): boolean {
    return this.#asking === 0;
  }

  async subscribe(
    names: readonly string[],
    listener: MessageListener,
    { selector }: SubscribeOptions,
  ): Promise<TopicSubscription> {
    if (names.length === 0) throw new TypeError("topics: at least one is required");
    if (!this.session.connected) throw new NotSentError("The client is not connected");
    const failed: TopicFailure[] = [];
    const listening: Listening = { listener, topics: new Set() };
    const fresh: Topic[] = [];
    for (const name of new Set(names)) {
      let topic = this.#topics.get(name);
      if (topic !== undefined && topic.selector !== selector) {
        if (!topic.unclaimed) {
          failed.push({
            topic: name,
            error: "already subscribed with another selector",
            temporary: false,
          });
          continue;
        }
        this.#drop(topic);
        void this.#tell([topic]);
        topic = undefined;
      }
      if (topic === undefined) {
        topic = new Topic(name, selector);
        this.#topics.set(name, topic);
        fresh.push(topic);
      } else if (topic.unclaimed) {
        this.#claimLater(topic);
        if (topic.state === "wanted") fresh.push(topic);
      }
      topic.listenings.add(listening);
      listening.topics.add(topic);
    }
    const asked = [...listening.topics];
    if (fresh.length > 0) {
      const ready = this.#ask(fresh, selector).catch((error: unknown) => {
        for (const topic of fresh) this.#drop(topic);
        throw error;
      });
      for (const topic of fresh) topic.ready = ready;
    }
    const errors = await this.#outcome(asked, failed);
    if (failed.length + errors.length > 0 && asked.every((each) => !listening.topics.has(each))) {
      throw errors[0] ?? new TopicSubscribeError(failed);
    }
    return this.#subscription(listening, failed);
  }

  /** Ends the topics for all listeners of this client. */
  async unsubscribe(names: readonly string[]): Promise<void> {
    const ended = names.flatMap((name) => this.#topics.get(name) ?? []);
    for (const topic of ended) this.#drop(topic);
    await this.#tell(ended);
  }

  dispatch(message: BridgeMessage): void {
    const topic = this.#topics.get(message.subscription ?? "");
    if (topic === undefined) this.logger.debug("a message of a topic that is not subscribed");
    topic?.accept(message, this.#give);
  }

  /** Called when the bridge has ended topics. */
  end(event: TopicsRevoked): void {
    for (const name of event.topics) {
      const topic = this.#topics.get(name);
      if (topic !== undefined) this.#drop(topic);
    }
    this.events.revoked(event);
  }

  /**
   * Marks all topics as missing in a new session.
   *
   * @returns topics whose missed messages cannot be requested
   */
  reset(): readonly string[] {
    const lost = [...this.#topics.values()].filter((topic) => topic.reset());
    for (const topic of lost) if (topic.unclaimed) topic.missed = true;
    return lost.filter(({ unclaimed }) => !unclaimed).map(({ name }) => name);
  }

  clear(): void {
    for (const topic of [...this.#topics.values()]) this.#drop(topic);
  }

  /** Restores topics of the page before a reload. Their messages wait for the first listener. */
  keep(topics: readonly KeptTopic[]): void {
    for (const each of topics) this.#topics.set(each.topic, Topic.kept(each));
  }

  /** Ends restored topics that this page has not subscribed to. */
  endKept(): void {
    const left = [...this.#topics.values()].filter(({ unclaimed }) => unclaimed);
    for (const topic of left) this.#drop(topic);
    void this.#tell(left.filter(({ state }) => state === "active"));
  }

  /** Returns the topics for the next page. */
  snapshot(): readonly KeptTopic[] {
    return [...this.#topics.values()]
      .filter(({ established }) => established)
      .map((topic) => topic.toKept());
  }

  /** Subscribes to the topics that the session lacks. */
  recreate(): void {
    if (!this.session.connected) return;
    const bySelector = new Map<string | undefined, Topic[]>();
    for (const topic of this.#topics.values()) {
      if (topic.state !== "wanted" || !topic.established || topic.unclaimed) continue;
      bySelector.set(topic.selector, [...(bySelector.get(topic.selector) ?? []), topic]);
    }
    for (const [selector, topics] of bySelector) {
      for (let i = 0; i < topics.length; i += CHUNK) {
        void this.#askAgain(topics.slice(i, i + CHUNK), selector);
      }
    }
  }

  async #askAgain(topics: readonly Topic[], selector: string | undefined): Promise<void> {
    try {
      const failures = await this.#ask(topics, selector);
      this.backoff.reset();
      for (const [topic, { error: reason }] of failures) {
        this.events.revoked({ topics: [topic], reason });
      }
    } catch (error) {
      if (error instanceof RefusedError && !error.temporary) {
        this.end({ topics: topics.map(({ name }) => name), reason: error.bridgeCode });
        return;
      }
      this.session.timers.set(() => this.recreate(), this.backoff.next());
    }
  }

  /** @returns the failed topics, which were removed */
  async #ask(topics: readonly Topic[], selector: string | undefined): Promise<TopicFailures> {
    const asking = {};
    for (const topic of topics) {
      topic.state = "asked";
      topic.asking = asking;
    }
    const seen = topics.flatMap(({ name, lastSeen }) =>
      lastSeen ? [[name, lastSeen] as const] : [],
    );
    this.#asking++;
    try {
      const answer = await this.session.control({
        type: "topicSubscribe",
        topics: topics.map(({ name }) => name),
        ...(selector === undefined ? {} : { selector }),
        ...(seen.length === 0 ? {} : { resumeFrom: Object.fromEntries(seen) }),
      });
      const failures = new Map(
        answer.failedTopics.map((topic, i) => [
          topic,
          {
            topic,
            error: answer.topicErrors[i] ?? "refused",
            temporary: answer.topicTemporary[i] === true,
          },
        ]),
      );
      for (const topic of topics) {
        if (topic.asking !== asking) continue;
        topic.state = "active";
        topic.established = true;
        if (failures.has(topic.name)) this.#drop(topic);
      }
      return failures;
    } catch (error) {
      for (const topic of topics) if (topic.asking === asking) topic.state = "wanted";
      throw error;
    } finally {
      this.#asking--;
      this.events.idle();
    }
  }

  /**
   * Waits for the answers of topics. Adds failures to `failed`, and returns the errors of whole
   * commands.
   */
  async #outcome(topics: readonly Topic[], failed: TopicFailure[]): Promise<LongspanError[]> {
    const errors: LongspanError[] = [];
    for (const { name, ready } of topics) {
      try {
        const failure = (await ready).get(name);
        if (failure !== undefined) failed.push(failure);
      } catch (error) {
        if (!(error instanceof LongspanError)) throw error;
        errors.push(error);
        failed.push({ topic: name, error: error.message, temporary: error.temporary });
      }
    }
    return errors;
  }

  #subscription(listening: Listening, failed: readonly TopicFailure[]): TopicSubscription {
    const { topics } = listening;
    return {
      failed,
      get topics() {
        return [...topics].map(({ name }) => name);
      },
      unsubscribe: async () => {
        const ended = [...topics].filter(({ listenings }) => {
          listenings.delete(listening);
          return listenings.size === 0;
        });
        topics.clear();
        for (const topic of ended) this.#drop(topic);
        await this.#tell(ended);
      },
    };
  }

  /**
   * Delivers waiting messages in a microtask, so that further listeners of the same task get them
   * too.
   */
  #claimLater(topic: Topic): void {
    queueMicrotask(() => {
      topic.claim(this.#give);
      if (!topic.missed) return;
      topic.missed = false;
      const topics = [{ topic: topic.name, lost: null }];
      this.events.gap({ topics, reason: "sessionLost" });
    });
  }

  readonly #give = (listener: MessageListener, message: BridgeMessage): void =>
    callSafely(listener, message, this.logger);

  #drop(topic: Topic): void {
    for (const listening of topic.listenings) listening.topics.delete(topic);
    topic.listenings.clear();
    if (this.#topics.get(topic.name) === topic) this.#topics.delete(topic.name);
  }

  async #tell(ended: readonly Topic[]): Promise<void> {
    if (ended.length === 0 || !this.session.connected) return;
    const topics = ended.map(({ name }) => name);
    try {
      await this.session.control({ type: "topicUnsubscribe", topics });
    } catch (error) {
      // Without a connection the session ends, and its subscriptions with it.
      if (error instanceof RefusedError) throw error;
    }
  }
}
