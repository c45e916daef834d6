import type { TopicFailure } from "./errors.js";
import type { BridgeMessage } from "./message.js";

export type MessageListener = (message: BridgeMessage) => void;

/** Failed topics by name. */
export type TopicFailures = ReadonlyMap<string, TopicFailure>;

/** Maximum number of messages of a topic that wait for its listeners after a reload. */
const MAX_HELD = 1_000;

/** What a page leaves of a topic for the page after a reload. */
export interface KeptTopic {
  readonly topic: string;
  readonly selector: string | undefined;
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

  constructor(
    readonly name: string,
    readonly selector: string | undefined,
  ) {}

  /** Creates a topic of the page before a reload, without listeners. */
  static kept({ topic, selector, lastSeen, missed }: KeptTopic): Topic {
    const kept = new Topic(topic, selector);
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

  /** Returns the state for the next page. Messages that still wait here are lost with this page. */
  toKept(): KeptTopic {
    const { name, selector, lastSeen } = this;
    const missed = this.missed || (this.#held?.length ?? 0) > 0;
    return { topic: name, selector, lastSeen, missed };
  }

  accept(
    message: BridgeMessage,
    give: (to: MessageListener, message: BridgeMessage) => void,
  ): void {
    this.lastSeen = message.messageId;
    if (this.#held === undefined) {
      for (const { listener } of [...this.listenings]) give(listener, message);
    } else if (this.#held.push(message) > MAX_HELD) {
      this.#held.shift();
      this.missed = true;
    }
  }

  /** Delivers the waiting messages to the current listeners. */
  claim(give: (to: MessageListener, message: BridgeMessage) => void): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const message of held) {
      for (const { listener } of [...this.listenings]) give(listener, message);
    }
  }

  /**
   * Marks the topic as missing in a new session.
   *
   * @returns whether messages are missing that cannot be requested
   */
  reset(): boolean {
    this.state = "wanted";
    this.asking = undefined;
    return this.established && this.lastSeen === undefined;
  }
}

const NOTHING_FAILED = Promise.resolve<TopicFailures>(new Map());
