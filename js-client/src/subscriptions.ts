import type { Backoff } from "./backoff.js";
import type { AnswerOk, TopicsRevoked } from "./codec.js";
import {
  LongspanError,
  NotSentError,
  RefusedError,
  TopicSubscribeError,
  type TopicFailure,
} from "./errors.js";
import { asyncDispose } from "./dispose.js";
import { callSafely, type Events } from "./events.js";
import type { Logger } from "./logger.js";
import type { BridgeMessage } from "./message.js";
import type { SessionPort } from "./session-port.js";
import type { ClientEvents } from "./status.js";
import type { TopicSubscription } from "./topic-subscription.js";
import {
  Topic,
  type Listening,
  type MessageListener,
  type TopicFailures,
  type TopicOptions,
} from "./topics.js";

const CHUNK = 500;

/**
 * The topics of this client. Listeners of the same topic and selector share one subscription of the
 * bridge. A topic is in the map before the bridge is asked, so that a message that overtakes the
 * answer is delivered. A late answer only affects the topics of its own command.
 */
export class Subscriptions {
  protected readonly topics = new Map<string, Topic>();

  constructor(
    protected readonly session: SessionPort,
    protected readonly logger: Logger,
    private readonly backoff: Backoff,
    protected readonly events: Events<ClientEvents>,
  ) {}

  get names(): readonly string[] {
    return [...this.topics.keys()];
  }

  async subscribe(
    names: readonly string[],
    listener: MessageListener,
    options: TopicOptions,
  ): Promise<TopicSubscription> {
    if (names.length === 0) throw new TypeError("topics: at least one is required");
    if (!this.session.connected) throw new NotSentError("The client is not connected");
    const failed: TopicFailure[] = [];
    const listening: Listening = { listener, topics: new Set() };
    const fresh: Topic[] = [];
    const shared: Topic[] = [];
    for (const name of new Set(names)) {
      const topic = this.topics.get(name) ?? new Topic(name, { ...options });
      if (!topic.fits(options)) {
        const error = "already subscribed with another selector or durable name";
        failed.push({ topic: name, error, temporary: false });
        continue;
      }
      this.topics.set(name, topic);
      const isFresh = topic.state === "wanted" && topic.listenings.size === 0;
      (isFresh ? fresh : shared).push(topic);
      topic.listenings.add(listening);
      listening.topics.add(topic);
    }
    const asked = [...listening.topics];
    if (fresh.length > 0) {
      const ready = this.ask(fresh, options).catch((error: unknown) => {
        for (const topic of fresh) this.drop(topic);
        throw error;
      });
      for (const topic of fresh) topic.ready = ready;
    }
    const errors = await this.#outcome(asked, failed);
    errors.push(...((await this.join?.(shared, listening, options, failed)) ?? []));
    if (failed.length + errors.length > 0 && asked.every((each) => !listening.topics.has(each))) {
      throw errors[0] ?? new TopicSubscribeError(failed);
    }
    return this.#subscription(listening, failed);
  }

  /** Ends the topics for all listeners of this client. */
  async unsubscribe(names: readonly string[]): Promise<void> {
    await this.#endAll(names.flatMap((name) => this.topics.get(name) ?? []));
  }

  dispatch(message: BridgeMessage): void {
    const topic = this.topics.get(message.subscription ?? "");
    if (!topic) {
      this.logger.debug("nobody waits for this message");
      return;
    }
    // A message that overtakes the answer to the subscribe command comes after what is missing.
    this.tellMissed([topic]);
    // The id of a part of a snapshot is the service's.
    if (!message.snapshot) topic.lastSeen = message.messageId;
    this.give(topic, message);
  }

  /** Called when the bridge has ended topics. */
  end(event: TopicsRevoked): void {
    for (const name of event.topics) {
      const topic = this.topics.get(name);
      if (topic) this.drop(topic);
    }
    this.events.emit("revoked", event);
  }

  /** Marks all topics as missing in a new session. */
  reset(): void {
    for (const topic of this.topics.values()) {
      topic.state = "wanted";
      topic.asking = undefined;
      // Missed messages can be requested after the last one that was seen. The broker knows where
      // a durable subscription goes on.
      topic.missed ||= topic.established && !topic.lastSeen && topic.options.durable === undefined;
    }
  }

  clear(): void {
    for (const topic of [...this.topics.values()]) this.drop(topic);
  }

  /** Subscribes to the topics that the session lacks. */
  recreate(): void {
    if (!this.session.connected) return;
    const alike = new Map<string, Topic[]>();
    for (const topic of this.topics.values()) {
      if (topic.state !== "wanted" || !topic.established || topic.listenings.size === 0) continue;
      const key = JSON.stringify(topic.options);
      alike.set(key, [...(alike.get(key) ?? []), topic]);
    }
    for (const topics of alike.values()) {
      for (let i = 0; i < topics.length; i += CHUNK) {
        void this.#askAgain(topics.slice(i, i + CHUNK), topics[0]?.options ?? {});
      }
    }
  }

  /**
   * Called when a listener has joined topics that were subscribed before. Adds failures to `failed`.
   *
   * @returns the errors of whole commands
   */
  protected join?(
    topics: readonly Topic[],
    listening: Listening,
    options: TopicOptions,
    failed: TopicFailure[],
  ): Promise<LongspanError[]>;

  /** Called when the bridge has subscribed a topic. */
  protected subscribed?(topic: Topic): void;

  /** Gives a message to the listeners. */
  protected give(topic: Topic, message: BridgeMessage): void {
    for (const { listener } of [...topic.listenings]) callSafely(listener, message, this.logger);
  }

  protected drop(topic: Topic): void {
    for (const listening of topic.listenings) listening.topics.delete(topic);
    topic.listenings.clear();
    if (this.topics.get(topic.name) === topic) this.topics.delete(topic.name);
  }

  /**
   * Announces what is missing of topics that have listeners. They are subscribed now, so what an
   * application reads next is followed by all later messages.
   */
  protected tellMissed(topics: readonly Topic[]): void {
    const missed = topics.filter((topic) => topic.missed && !topic.held);
    for (const topic of missed) topic.missed = false;
    this.tellGap(missed);
  }

  /** Tells that messages of topics may be missing from before now. */
  tellGap(missed: readonly Topic[] = [...this.topics.values()]): void {
    const topics = missed.map(({ name }) => ({ topic: name, lost: null }));
    if (topics.length > 0) this.events.emit("gap", { topics, reason: "sessionLost" });
  }

  /** Tells the bridge that the topics have ended. */
  protected async tell(topics: readonly string[]): Promise<void> {
    if (topics.length === 0 || !this.session.connected) return;
    try {
      await this.session.control({ type: "topicUnsubscribe", topics });
    } catch (error) {
      // Without a connection the session ends, and its subscriptions with it.
      if (error instanceof RefusedError) throw error;
    }
  }

  async #askAgain(topics: readonly Topic[], options: TopicOptions): Promise<void> {
    try {
      let again = false;
      for (const [topic, { error: reason, temporary }] of await this.ask(topics, options)) {
        if (temporary) again = true;
        else this.events.emit("revoked", { topics: [topic], reason });
      }
      if (!again) {
        this.backoff.reset();
        return;
      }
    } catch (error) {
      if (error instanceof RefusedError && !error.temporary) {
        this.end({ topics: topics.map(({ name }) => name), reason: error.bridgeCode });
        return;
      }
    }
    this.session.timers.set(() => this.recreate(), this.backoff.next());
  }

  /**
   * @returns the failed topics. They were removed, except those that were subscribed before and
   *   have failed for now
   */
  protected async ask(
    topics: readonly Topic[],
    { selector, durable, presence }: TopicOptions,
  ): Promise<TopicFailures> {
    const asking = {};
    for (const topic of topics) {
      topic.state = "asked";
      topic.asking = asking;
    }
    // The broker knows where a durable subscription goes on.
    const seen = topics.flatMap(({ name, lastSeen }) =>
      lastSeen && durable === undefined ? [[name, lastSeen] as const] : [],
    );
    try {
      const answer = await this.session.control({
        type: "topicSubscribe",
        topics: topics.map(({ name }) => name),
        selector,
        durable,
        presence: presence || undefined,
        resumeFrom: seen.length === 0 ? undefined : Object.fromEntries(seen),
      });
      const failures = failuresOf(answer);
      const active: Topic[] = [];
      for (const topic of topics) {
        if (topic.asking !== asking) continue;
        const failure = failures.get(topic.name);
        if (!failure) {
          topic.state = "active";
          topic.established = true;
          this.subscribed?.(topic);
          active.push(topic);
        } else if (failure.temporary && topic.established) topic.state = "wanted";
        else this.drop(topic);
      }
      this.tellMissed(active);
      return failures;
    } catch (error) {
      for (const topic of topics) if (topic.asking === asking) topic.state = "wanted";
      throw error;
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
        if (failure) failed.push(failure);
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
    const unsubscribe = () => {
      const ended = [...topics].filter(({ listenings }) => {
        listenings.delete(listening);
        return listenings.size === 0;
      });
      topics.clear();
      return this.#endAll(ended);
    };
    return {
      failed,
      get topics() {
        return [...topics].map(({ name }) => name);
      },
      unsubscribe,
      [asyncDispose]: unsubscribe,
    };
  }

  async #endAll(topics: readonly Topic[]): Promise<void> {
    for (const topic of topics) this.drop(topic);
    await this.tell(topics.map(({ name }) => name));
  }
}

export const failuresOf = ({
  failedTopics,
  topicErrors,
  topicTemporary,
}: AnswerOk): TopicFailures =>
  new Map(
    failedTopics.map((topic, i) => [
      topic,
      { topic, error: topicErrors[i] ?? "refused", temporary: topicTemporary[i] === true },
    ]),
  );
