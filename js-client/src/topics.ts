import type { TopicFailure } from "./errors.js";
import type { JsonValue } from "./json.js";
import type { BridgeMessage } from "./message.js";

/**
 * Receives messages. What it returns counts only for a durable subscription: when its promise
 * rejects, the message is delivered again.
 */
export type MessageListener<B = JsonValue> = (message: BridgeMessage<B>) => unknown;

/** What is subscribed, beside the name of the topic. */
export interface TopicOptions {
  readonly selector?: string | undefined;
  /** The name of the durable subscription. */
  readonly durable?: string | undefined;
  /** Whether the bridge tells who joins and leaves. */
  presence?: boolean | undefined;
}

/** Failed topics by name. */
export type TopicFailures = ReadonlyMap<string, TopicFailure>;

/** Maximum number of messages of a topic that wait for its listeners after a reload. */
const MAX_HELD = 1_000;

/** What a page leaves of a topic for the page after a reload. */
export interface KeptTopic {
  readonly topic: string;
  readonly selector: string | undefined;
  readonly durable: string | undefined;
  readonly presence?: boolean | undefined;
  /** The `JMSMessageID` of the last message. */
  readonly lastSeen: string | undefined;
  /** Whether messages are missing that no `gap` has announced. */
  readonly missed: boolean;
}

/** A listener and the topics that it still receives. */
export interface Listening {
  readonly listener: MessageListener;
  readonly topics: Set<Topic>;
}

/** A topic that the bridge delivers, or shall deliver, to this client. */
export class Topic {
  readonly listenings = new Set<Listening>();
  state: "wanted" | "asked" | "active" = "wanted";
  /** Identifies the latest subscribe command; answers to older ones are ignored. */
  asking: object | undefined;
  /** Whether it was subscribed once; then it is re-created in new sessions. */
  established = false;
  /** The failed topics of the first subscribe command. */
  ready: Promise<TopicFailures> = NOTHING_FAILED;
  /** The last received `JMSMessageID`, for `resumeFrom`. */
  lastSeen: string | undefined;
  /** Whether messages are missing that no `gap` has announced, because there was no listener. */
  missed = false;
  /** Messages that wait for the first listener after a reload. */
  #held: BridgeMessage[] | undefined;
  /** The processing of the messages so far, of a durable subscription. */
  turn: Promise<void> = Promise.resolve();

  constructor(
    readonly name: string,
    readonly options: TopicOptions,
  ) {}

  /** Creates a topic of the page before a reload, without listeners. */
  static kept({ topic, selector, durable, presence, lastSeen, missed }: KeptTopic): Topic {
    const kept = new Topic(topic, { selector, durable, presence });
    kept.state = "active";
    kept.established = true;
    kept.lastSeen = lastSeen;
    kept.missed = missed;
    kept.#held = [];
    return kept;
  }

  get unclaimed(): boolean {
    return this.#held !== undefined;
  }

  get durable(): string | undefined {
    return this.options.durable;
  }

  /** Whether a listener with these options can share the subscription. */
  fits({ selector, durable }: TopicOptions): boolean {
    if (selector !== this.options.selector || durable !== this.durable) return false;
    // What the page before a reload has not acknowledged comes only to a new subscription.
    return durable === undefined || !this.unclaimed;
  }

  /** Returns the state for the next page. Messages that still wait here are lost with this page. */
  toKept(): KeptTopic {
    const { name, options, lastSeen } = this;
    const missed = this.missed || (this.#held?.length ?? 0) > 0;
    const { selector, durable, presence } = options;
    return { topic: name, selector, durable, presence, lastSeen, missed };
  }

  accept(message: BridgeMessage, give: (topic: Topic, message: BridgeMessage) => void): void {
    // The id of a part of a snapshot is the service's.
    if (!message.snapshot) this.lastSeen = message.messageId;
    if (this.#held === undefined) give(this, message);
    else if (this.#held.push(message) > MAX_HELD) {
      this.#held.shift();
      this.missed = true;
    }
  }

  /** Delivers the waiting messages to the current listeners. */
  claim(give: (topic: Topic, message: BridgeMessage) => void): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const message of held) give(this, message);
  }

  /**
   * Marks the topic as missing in a new session.
   *
   * @returns whether messages are missing that cannot be requested
   */
  reset(): boolean {
    this.state = "wanted";
    this.asking = undefined;
    return this.established && this.lastSeen === undefined && this.durable === undefined;
  }
}

const NOTHING_FAILED = Promise.resolve<TopicFailures>(new Map());
