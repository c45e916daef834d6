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
  /** Whether messages are missing that no `gap` has announced yet. */
  missed = false;
  /** Messages that wait for the first listener after a reload. */
  held: BridgeMessage[] | undefined;
  /** The processing of the messages so far, of a durable subscription. */
  turn: Promise<void> = Promise.resolve();

  constructor(
    readonly name: string,
    readonly options: TopicOptions,
  ) {}

  /** Whether a listener with these options can share the subscription. */
  fits({ selector, durable }: TopicOptions): boolean {
    return selector === this.options.selector && durable === this.options.durable;
  }
}

const NOTHING_FAILED = Promise.resolve<TopicFailures>(new Map());
