import type { TopicFailure } from "./errors.js";

/** Options of a subscription with `longspan/core`. */
export interface CoreSubscribeOptions {
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
  /** As `unsubscribe()`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}
