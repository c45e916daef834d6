import type { TopicFailure } from "./errors.js";
import type { BridgeMessage } from "./message.js";

export type MessageListener = (message: BridgeMessage) => void;

/** The topics that failed, by name. */
export type TopicFailures = ReadonlyMap<string, TopicFailure>;

/** How many messages of a topic may wait for its listeners after a page was loaded again. */
const MOST_HELD = 1_000;

/** What a page leaves of a topic to the one that is loaded in its place. */
export interface KeptTopic {
  readonly topic: string;
  readonly selector: string | undefined;
  /** The JMSMessageID of the last message. */
  readonly lastSeen: string | undefined;
  /** Whether messages are missing of which nobody has been told. */
  readonly missed: boolean;
}

/** A listener, and the topics that it still receives. */
export interface Listening {
  readonly listener: MessageListener;
  readonly topics: Set<Topic>;
}

/** A topic that the bridge delivers, or is to deliver, to this client. */
export class Topic {
  readonly listenings = new Set<Listening>();
  state: "wanted" | "asked" | "active" = "wanted";
  /** The command that asks for it; the answer to an older one does not count. */
  asking: object | undefined;
  /** Whether it has been subscribed: then the client sees to it that it stays so. */
  established = false;
  /** The answer to the first asking: the topics that failed. */
  ready: Promise<TopicFailures> = NOTHING_FAILED;
  /** What the bridge is to go on after. */
  lastSeen: string | undefined;
  /** Whether messages are missing of which nobody has been told, because nobody listened. */
  missed = false;
  /** Messages that wait for the first listener of a page that was loaded again. */
  #held: BridgeMessage[] | undefined;

  constructor(
    readonly name: string,
    readonly selector: string | undefined,
  ) {}

  /** A topic of the page before this one, which nobody has subscribed to here yet. */
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

  /** As it is left to the next page. What waits here would be lost with this one. */
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
    } else if (this.#held.push(message) > MOST_HELD) {
      this.#held.shift();
      this.missed = true;
    }
  }

  /** Gives the listeners, who are there now, what has waited for them. */
  claim(give: (to: MessageListener, message: BridgeMessage) => void): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const message of held) {
      for (const { listener } of [...this.listenings]) give(listener, message);
    }
  }

  /** A new session does not have it. @returns whether messages are missing that can't be asked for */
  reset(): boolean {
    this.state = "wanted";
    this.asking = undefined;
    return this.established && this.lastSeen === undefined;
  }
}

const NOTHING_FAILED = Promise.resolve<TopicFailures>(new Map());
