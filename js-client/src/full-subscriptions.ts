import type { Backoff } from "./backoff.js";
import type { Deliveries, Delivery } from "./deliveries.js";
import { LongspanError, TopicSubscribeError, type TopicFailure } from "./errors.js";
import type { Events } from "./events.js";
import type { Logger } from "./logger.js";
import type { BridgeMessage } from "./message.js";
import { Presences } from "./presence.js";
import type { SessionPort } from "./session-port.js";
import type { ClientEvents } from "./status.js";
import { failuresOf, Subscriptions } from "./subscriptions.js";
import type { CoreSubscribeOptions, TopicSubscription } from "./topic-subscription.js";
import {
  Topic,
  type KeptTopic,
  type Listening,
  type MessageListener,
  type TopicFailures,
  type TopicOptions,
} from "./topics.js";

export interface SubscribeOptions extends CoreSubscribeOptions {
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

/** Maximum number of messages of a topic that wait for its listeners after a reload. */
const MAX_HELD = 1_000;

/**
 * The topics of a client of `longspan`: also durable ones, those with presence, and those of the page
 * before a reload. The latter are unclaimed until this page subscribes to them: they have no listener,
 * and their messages wait.
 */
export class FullSubscriptions extends Subscriptions {
  readonly presences: Presences;
  /** Number of commands in flight. */
  #asking = 0;

  constructor(
    session: SessionPort,
    logger: Logger,
    backoff: Backoff,
    events: Events<ClientEvents>,
    private readonly deliveries: Deliveries,
    /** Called when no command is in flight any more. */
    private readonly becameIdle: () => void,
  ) {
    super(session, logger, backoff, events);
    this.presences = new Presences(session, (event) => events.emit("presence", event));
  }

  get idle(): boolean {
    return this.#asking === 0;
  }

  override async subscribe(
    names: readonly string[],
    listener: MessageListener,
    { selector, durable, presence }: SubscribeOptions,
  ): Promise<TopicSubscription> {
    const options: TopicOptions = { selector, durable, presence };
    if (this.session.connected) for (const name of new Set(names)) this.#prepare(name, options);
    return super.subscribe(names, listener, options);
  }

  /** With `forget` it also ends the durable subscriptions. */
  override async unsubscribe(
    names: readonly string[],
    { forget = false, durable }: UnsubscribeOptions = {},
  ): Promise<void> {
    if (!forget) return super.unsubscribe(names);
    const commands = names.map((name) => {
      const own = durable ?? this.topics.get(name)?.options.durable;
      if (own === undefined) throw new TypeError(`durable: missing, to forget ${name}`);
      return { type: "topicUnsubscribe", topics: [name], durable: own, forget: true } as const;
    });
    for (const { topics, durable: own } of commands) {
      const topic = this.topics.get(topics[0]);
      // A listener may have subscribed to the same topic in another way.
      if (topic?.options.durable === own) this.drop(topic);
    }
    const answers = await Promise.all(commands.map((command) => this.session.control(command)));
    const failed = answers.flatMap((answer) => [...failuresOf(answer).values()]);
    if (failed.length > 0) throw new TopicSubscribeError(failed);
  }

  /** Called when the bridge tells no more who is present on these topics. */
  endPresence(names: readonly string[]): void {
    for (const name of names) {
      this.presences.end(name);
      const topic = this.topics.get(name);
      // Otherwise the next session would be refused the topic.
      if (topic) topic.options.presence = false;
    }
  }

  /** Restores topics of the page before a reload. Their messages wait for the first listener. */
  keep(topics: readonly KeptTopic[]): void {
    for (const { topic: name, selector, durable, presence, lastSeen, missed } of topics) {
      const topic = new Topic(name, { selector, durable, presence });
      topic.state = "active";
      topic.established = true;
      topic.lastSeen = lastSeen;
      topic.missed = missed;
      topic.held = [];
      this.topics.set(name, topic);
    }
  }

  /** Ends restored topics that this page has not subscribed to. */
  endKept(): void {
    const left = [...this.topics.values()].filter(({ held }) => held !== undefined);
    for (const topic of left) this.drop(topic);
    void this.tell(left.filter(({ state }) => state === "active").map(({ name }) => name));
  }

  /** Returns the topics for the next page. Messages that still wait here are lost with this page. */
  snapshot(): readonly KeptTopic[] {
    return [...this.topics.values()]
      .filter(({ established }) => established)
      .map(({ name, options, lastSeen, missed, held = [] }) => {
        const { selector, durable, presence } = options;
        const misses = missed || held.length > 0;
        return { topic: name, selector, durable, presence, lastSeen, missed: misses };
      });
  }

  /** Asks for the presence of topics that are subscribed without it. */
  protected override async join(
    topics: readonly Topic[],
    listening: Listening,
    { presence, selector }: TopicOptions,
    failed: TopicFailure[],
  ): Promise<LongspanError[]> {
    const asked: Topic[] = [];
    for (const topic of presence ? topics : []) {
      if (topic.options.presence || !listening.topics.has(topic)) continue;
      // Otherwise it is subscribed in this session later, with presence.
      if (topic.state !== "wanted") asked.push(topic);
      else topic.options.presence = true;
    }
    if (asked.length === 0) return [];
    const fail = (topic: Topic, failure: TopicFailure) => {
      failed.push(failure);
      topic.listenings.delete(listening);
      listening.topics.delete(topic);
      if (topic.listenings.size > 0) return;
      this.drop(topic);
      void this.tell([topic.name]);
    };
    this.#asking++;
    try {
      const names = asked.map(({ name }) => name);
      const command = { type: "topicSubscribe", topics: names, selector, presence } as const;
      const answer = await this.session.control(command);
      const failures = failuresOf(answer);
      for (const topic of asked) {
        const failure = failures.get(topic.name);
        if (failure) fail(topic, failure);
        else if (listening.topics.has(topic)) {
          topic.options.presence = true;
          this.subscribed(topic);
        }
      }
      return [];
    } catch (error) {
      if (!(error instanceof LongspanError)) throw error;
      const { message, temporary } = error;
      for (const topic of asked) fail(topic, { topic: topic.name, error: message, temporary });
      return [error];
    } finally {
      this.#asked();
    }
  }

  protected override async ask(
    topics: readonly Topic[],
    options: TopicOptions,
  ): Promise<TopicFailures> {
    this.#asking++;
    try {
      return await super.ask(topics, options);
    } finally {
      this.#asked();
    }
  }

  protected override subscribed({ name, options }: Topic): void {
    if (options.presence) this.presences.watch(name);
  }

  protected override give(topic: Topic, message: BridgeMessage): void {
    if (topic.held) {
      if (topic.held.push(message) <= MAX_HELD) return;
      topic.held.shift();
      topic.missed = true;
    } else if (message.delivery === undefined) super.give(topic, message);
    else {
      const delivery = this.deliveries.add(message.delivery);
      topic.turn = topic.turn.then(() => this.#process(topic, message, delivery));
    }
  }

  protected override drop(topic: Topic): void {
    if (this.topics.get(topic.name) === topic) this.presences.end(topic.name);
    super.drop(topic);
  }

  #asked(): void {
    this.#asking--;
    this.becameIdle();
  }

  /** Prepares a topic that this client has already, for one more listener. */
  #prepare(name: string, options: TopicOptions): void {
    const topic = this.topics.get(name);
    if (!topic) return;
    const { presence } = options;
    if (!topic.held) {
      if (presence && topic.options.presence && topic.fits(options)) this.presences.tell(name);
    } else if (!topic.fits(options) || options.durable !== undefined) {
      // What the page before a reload has not acknowledged comes only to a new subscription.
      this.drop(topic);
      void this.tell([name]);
    } else {
      this.#claimLater(topic);
      if (topic.state === "wanted") topic.options.presence = presence;
    }
  }

  /**
   * Delivers waiting messages in a microtask, so that further listeners of the same task get them
   * too.
   */
  #claimLater(topic: Topic): void {
    queueMicrotask(() => {
      const held = topic.held ?? [];
      topic.held = undefined;
      for (const message of held) this.give(topic, message);
      this.subscribed(topic);
      if (topic.state === "active") this.tellMissed([topic]);
    });
  }

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
}
