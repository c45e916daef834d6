/** How a call ended when it did not end well. The codes are stable; the messages are for people. */
export type ErrorCode =
  | "notSent"
  | "refused"
  | "timedOut"
  | "connectionLost"
  | "cancelled"
  | "authentication"
  | "subscribeFailed";

/** What every error of this client is. `code` tells which, also where `instanceof` can't (two copies of the library). */
export abstract class LongspanError extends Error {
  abstract readonly code: ErrorCode;
}

/** The message certainly never left this client: it can be sent again. */
export class NotSentError extends LongspanError {
  override readonly name = "NotSentError";
  readonly code = "notSent";
}

/** The bridge (or a limit of the bridge, applied here) refused it, and no service saw it. */
export class RefusedError extends LongspanError {
  override readonly name = "RefusedError";
  readonly code = "refused";

  constructor(
    /** The bridge's own code: `notAuthorized`, `badRequest`, `limitExceeded`, `brokerUnavailable`, … */
    readonly bridgeCode: string,
    message: string,
  ) {
    super(message);
  }
}

/** No answer in the given time. The message had been given to the network, so a service may have worked on it. */
export class TimedOutError extends LongspanError {
  override readonly name = "TimedOutError";
  readonly code = "timedOut";
}

/** The connection broke, here or between bridge and broker, while the outcome was open: it may or may not have happened. */
export class ConnectionLostError extends LongspanError {
  override readonly name = "ConnectionLostError";
  readonly code = "connectionLost";

  constructor(
    message: string,
    /** `brokerUnavailable` where it was the bridge that lost its broker. */
    readonly bridgeCode?: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The caller ended it: by an `AbortSignal` (whose reason is the `cause`) or by `disconnect()`. */
export class CancelledError extends LongspanError {
  override readonly name = "CancelledError";
  readonly code = "cancelled";
}

/** Credentials that are wrong, missing, or have ended. The client has stopped and does not try again by itself. */
export class AuthenticationError extends LongspanError {
  override readonly name = "AuthenticationError";
  readonly code = "authentication";
}

/** A topic that could not be subscribed, and the bridge's text about it. */
export interface TopicFailure {
  readonly topic: string;
  readonly error: string;
}

/** None of the topics could be subscribed. */
export class TopicSubscribeError extends LongspanError {
  override readonly name = "TopicSubscribeError";
  readonly code = "subscribeFailed";

  constructor(readonly failed: readonly TopicFailure[]) {
    super(failed.map(({ topic, error }) => `${topic}: ${error}`).join("; "));
  }
}
