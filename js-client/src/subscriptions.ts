import type { Backoff } from "./backoff.js";
import type { AnswerOk, Gap, TopicsRevoked } from "./codec.js";
import {
  LongspanError,
  NotSentError,
  RefusedError,
  TopicSubscribeError,
  type TopicFailure,
} from "./errors.js";
import type { Deliveries, Delivery } from "./deliveries.js";
import { asyncDispose } from "./dispose.js";
import { callSafely } from "./events.js";
import type { Logger } from "./logger.js";
import type { BridgeMessage } from "./message.js";
import { Presences, type PresenceEvent } from "./presence.js";
import type { SessionPort } from "./session-port.js";
import {
  Topic,
  type KeptTopic,
  type Listening,
  type MessageListener,
  type TopicFailures,
  type TopicOptions,
} from "./topics.js";

export interface SubscribeOptions {
  /** A JMS selector; only matching messages are delivered. */
  selector?: string;
  /**
   * The name of a durable subscription, 1 to 64 of `A-Z a-z 0-9 - _ .`: the broker keeps what is
   * published while nobody is there. Each message waits for the listeners of the one before. It is
   * acknowledged when their promises have resolved; if one rejects, it is delivered again.
   */
  durable?: string;
  /**
   * Emits `presence` events: who is present on the topic, and who joins and leaves (protocol section
   * 18). A topic whose presence the user may not see fails. Not for wildcard patterns.
   */
  presence?: boolean;
}

export interface UnsubscribeOptions {
  /** Deletes the durable subscription. Otherwise the broker goes on keeping messages. */
  forget?: boolean;
  /** Its name; only required with `forget` if this client has not subscribed to the topic. */
  durable?: string;
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
  /** As `unsubscribe()`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Receives events of subscriptions. */
export interface SubscriptionEvents {
  revoked(event: TopicsRevoked): void;
  gap(event: Gap): void;
  presence(event: PresenceEvent): void;
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
  readonly presences: Presences;
  /** Number of commands in flight. */
  #asking = 0;

  constructor(
    private readonly session: SessionPort,
    private readonly deliveries: Deliveries,
    private readonly logger: Logger,
    private readonly backoff: Backoff,
    private readonly events: SubscriptionEvents,
  ) {
    this.presences = new Presences(session, (event) => events.presence(event));
  }

  get topics(): readonly string[] {
    return [...this.#topics.keys()];
  }

  get idle(): boolean {
    return this.#asking === 0;
  }

  async subscribe(
    names: readonly string[],
    listener: MessageListener,
    { selector, durable, presence }: SubscribeOptions,
  ): Promise<TopicSubscription> {
    if (names.length === 0) throw new TypeError("topics: at least one is required");
    if (!this.session.connected) throw new NotSentError("The client is not connected");
    const options: TopicOptions = { selector, durable, presence };
    const unwatched: Topic[] = [];
    const failed: TopicFailure[] = [];
    const listening: Listening = { listener, topics: new Set() };
    const fresh: Topic[] = [];
    for (const name of new Set(names)) {
      let topic = this.#topics.get(name);
      if (topic !== undefined && !topic.fits(options)) {
        if (!topic.unclaimed) {
          failed.push({
            topic: name,
            error: "already subscribed with another selector or durable name",
            temporary: false,
          });
          continue;
        }
        this.#drop(topic);
        void this.#tell([name]);
        topic = undefined;
      }
      if (topic === undefined) {
        topic = new Topic(name, { ...options });
        this.#topics.set(name, topic);
        fresh.push(topic);
      } else if (topic.unclaimed && topic.state === "wanted") {
        this.#claimLater(topic);
        topic.options.presence = presence;
        fresh.push(topic);
      } else {
        if (topic.unclaimed) this.#claimLater(topic);
        if (presence && topic.options.presence) this.presences.tell(name);
        else if (presence) unwatched.push(topic);
      }
      topic.listenings.add(listening);
      listening.topics.add(topic);
    }
    const asked = [...listening.topics];
    if (fresh.length > 0) {
      const ready = this.#ask(fresh, options).catch((error: unknown) => {
        for (const topic of fresh) this.#drop(topic);
        throw error;
      });
      for (const topic of fresh) topic.ready = ready;
    }
    const errors = await this.#outcome(asked, failed);
    errors.push(...(await this.#addPresence(unwatched, listening, failed)));
    if (failed.length + errors.length > 0 && asked.every((each) => !listening.topics.has(each))) {
      throw errors[0] ?? new TopicSubscribeError(failed);
    }
    return this.#subscription(listening, failed);
  }

  /** Ends the topics for all listeners of this client. */
  async unsubscribe(
    names: readonly string[],
    { forget = false, durable }: UnsubscribeOptions,
  ): Promise<void> {
    const ended = names.flatMap((name) => this.#topics.get(name) ?? []);
    if (!forget) {
      for (const topic of ended) this.#drop(topic);
      await this.#tell(ended.map(({ name }) => name));
      return;
    }
    const commands = names.map((name) => {
      const own = durable ?? this.#topics.get(name)?.durable;
      if (own === undefined) throw new TypeError(`durable: missing, to forget ${name}`);
      return { type: "topicUnsubscribe", topics: [name], durable: own, forget: true } as const;
    });
    // A listener may have subscribed to the same topic in another way.
    for (const topic of ended) {
      if (commands.some(({ durable: own }) => own === topic.durable)) this.#drop(topic);
    }
    const answers = await Promise.all(commands.map((command) => this.session.control(command)));
    const failed = answers.flatMap((answer) => [...failuresOf(answer).values()]);
    if (failed.length > 0) throw new TopicSubscribeError(failed);
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

  /** Called when the bridge tells no more who is present on these topics. */
  endPresence(names: readonly string[]): void {
    for (const name of names) {
      this.presences.end(name);
      const topic = this.#topics.get(name);
      // Otherwise the next session would be refused the topic.
      if (topic !== undefined) topic.options.presence = false;
    }
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
    void this.#tell(left.filter(({ state }) => state === "active").map(({ name }) => name));
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
    const alike = new Map<string, Topic[]>();
    for (const topic of this.#topics.values()) {
      if (topic.state !== "wanted" || !topic.established || topic.unclaimed) continue;
      const key = JSON.stringify(topic.options);
      alike.set(key, [...(alike.get(key) ?? []), topic]);
    }
    for (const topics of alike.values()) {
      for (let i = 0; i < topics.length; i += CHUNK) {
        void this.#askAgain(topics.slice(i, i + CHUNK), topics[0]?.options ?? {});
      }
    }
  }

  async #askAgain(topics: readonly Topic[], options: TopicOptions): Promise<void> {
    try {
      const failures = await this.#ask(topics, options);
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
  async #ask(
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
    this.#asking++;
    try {
      const answer = await this.session.control({
        type: "topicSubscribe",
        topics: topics.map(({ name }) => name),
        ...(selector === undefined ? {} : { selector }),
        ...(durable === undefined ? {} : { durable }),
        ...(presence === true ? { presence } : {}),
        ...(seen.length === 0 ? {} : { resumeFrom: Object.fromEntries(seen) }),
      });
      const failures = failuresOf(answer);
      for (const topic of topics) {
        if (topic.asking !== asking) continue;
        topic.state = "active";
        topic.established = true;
        if (failures.has(topic.name)) this.#drop(topic);
        else if (presence === true) this.presences.watch(topic.name);
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

  /** Asks for the presence of topics that are subscribed without it. As `#outcome`. */
  async #addPresence(
    topics: readonly Topic[],
    listening: Listening,
    failed: TopicFailure[],
  ): Promise<LongspanError[]> {
    const asked: Topic[] = [];
    for (const topic of topics) {
      if (!listening.topics.has(topic)) continue;
      // Otherwise it is subscribed in this session later, with presence.
      if (topic.state !== "wanted") asked.push(topic);
      else topic.options.presence = true;
    }
    const [first] = asked;
    if (first === undefined) return [];
    const { selector } = first.options;
    const fail = (topic: Topic, failure: TopicFailure) => {
      failed.push(failure);
      topic.listenings.delete(listening);
      listening.topics.delete(topic);
      if (topic.listenings.size > 0) return;
      this.#drop(topic);
      void this.#tell([topic.name]);
    };
    this.#asking++;
    try {
      const answer = await this.session.control({
        type: "topicSubscribe",
        topics: asked.map(({ name }) => name),
        ...(selector === undefined ? {} : { selector }),
        presence: true,
      });
      const failures = failuresOf(answer);
      for (const topic of asked) {
        const failure = failures.get(topic.name);
        if (failure !== undefined) fail(topic, failure);
        else if (listening.topics.has(topic)) {
          topic.options.presence = true;
          this.presences.watch(topic.name);
        }
      }
      return [];
    } catch (error) {
      if (!(error instanceof LongspanError)) throw error;
      const { message, temporary } = error;
      for (const topic of asked) fail(topic, { topic: topic.name, error: message, temporary });
      return [error];
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
    const unsubscribe = async () => {
      const ended = [...topics].filter(({ listenings }) => {
        listenings.delete(listening);
        return listenings.size === 0;
      });
      topics.clear();
      for (const topic of ended) this.#drop(topic);
      await this.#tell(ended.map(({ name }) => name));
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

  /**
   * Delivers waiting messages in a microtask, so that further listeners of the same task get them
   * too.
   */
  #claimLater(topic: Topic): void {
    queueMicrotask(() => {
      topic.claim(this.#give);
      if (topic.options.presence === true) this.presences.watch(topic.name);
      if (!topic.missed) return;
      topic.missed = false;
      const topics = [{ topic: topic.name, lost: null }];
      this.events.gap({ topics, reason: "sessionLost" });
    });
  }

  readonly #give = (topic: Topic, message: BridgeMessage): void => {
    if (message.delivery === undefined) {
      for (const { listener } of [...topic.listenings]) callSafely(listener, message, this.logger);
      return;
    }
    const delivery = this.deliveries.add(message.delivery);
    topic.turn = topic.turn.then(() => this.#process(topic, message, delivery));
  };

  async #process(topic: Topic, message: BridgeMessage, delivery: Delivery): Promise<void> {
    // It is delivered again, in a new session or to the next subscriber.
    if (delivery.isVoid || topic.listenings.size === 0) {
      void delivery.settle({ type: "release" });
      return;
    }
    try {
      const { listenings } = topic;
      const calls = [...listenings].map(async ({ listener }) => {
        await listener(message);
      });
      await Promise.all(calls);
      void delivery.settle({ type: "ack" });
    } catch (error) {
      this.logger.warn("a message is released, because its listener failed", error);
      void delivery.settle({ type: "release" });
    }
  }

  #drop(topic: Topic): void {
    for (const listening of topic.listenings) listening.topics.delete(topic);
    topic.listenings.clear();
    if (this.#topics.get(topic.name) === topic) {
      this.#topics.delete(topic.name);
      this.presences.end(topic.name);
    }
  }

  async #tell(topics: readonly string[]): Promise<void> {
    if (topics.length === 0 || !this.session.connected) return;
    try {
      await this.session.control({ type: "topicUnsubscribe", topics });
    } catch (error) {
      // Without a connection the session ends, and its subscriptions with it.
      if (error instanceof RefusedError) throw error;
    }
  }
}

const failuresOf = ({ failedTopics, topicErrors, topicTemporary }: AnswerOk): TopicFailures =>
  new Map(
    failedTopics.map((topic, i) => [
      topic,
      { topic, error: topicErrors[i] ?? "refused", temporary: topicTemporary[i] === true },
    ]),
  );
