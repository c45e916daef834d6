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
  /**
   * Whether the same call may succeed later; for a `RefusedError` as the bridge says (protocol section 2). It does not
   * say that nothing has happened: after a `TimedOutError` or a `ConnectionLostError` a second call may do the work twice.
   */
  readonly temporary: boolean = false;
}

/** The message certainly never left this client: it can be sent again. */
export class NotSentError extends LongspanError {
  override readonly name = "NotSentError";
  readonly code = "notSent";
  override readonly temporary = true;
}

/**
 * The bridge (or a limit of the bridge, applied here) refused it. No service saw it, but where `bridgeCode` is
 * `internalError` or `sendFailed` one may have.
 */
export class RefusedError extends LongspanError {
  override readonly name = "RefusedError";
  readonly code = "refused";

  constructor(
    /** The bridge's own code: `notAuthorized`, `badRequest`, `limitExceeded`, `brokerUnavailable`, `internalError`, … */
    readonly bridgeCode: string,
    message: string,
    /** Whether the bridge says that the same message may succeed later; false where it does not say. */
    override readonly temporary: boolean = false,
  ) {
    super(message);
  }
}

/** No answer in the given time. The message had been given to the network, so a service may have worked on it. */
export class TimedOutError extends LongspanError {
  override readonly name = "TimedOutError";
  readonly code = "timedOut";
  override readonly temporary = true;
}

/** The connection broke, here or between bridge and broker, while the outcome was open: it may or may not have happened. */
export class ConnectionLostError extends LongspanError {
  override readonly name = "ConnectionLostError";
  readonly code = "connectionLost";
  override readonly temporary = true;

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
  /** Whether the topic may be subscribed later. */
  readonly temporary: boolean;
}

/** None of the topics could be subscribed. It is `temporary` where one of them is. */
export class TopicSubscribeError extends LongspanError {
  override readonly name = "TopicSubscribeError";
  readonly code = "subscribeFailed";
  override readonly temporary: boolean;

  constructor(readonly failed: readonly TopicFailure[]) {
    super(failed.map(({ topic, error }) => `${topic}: ${error}`).join("; "));
    this.temporary = failed.some(({ temporary }) => temporary);
  }
}
