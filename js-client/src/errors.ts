/** Stable codes of errors; the messages are for people. */
export type ErrorCode =
  | "notSent"
  | "refused"
  | "timedOut"
  | "connectionLost"
  | "cancelled"
  | "authentication"
  | "subscribeFailed";

/**
 * Base class of all errors of this client. `code` identifies the class even where `instanceof`
 * cannot, for example with two copies of the library.
 */
export abstract class LongspanError extends Error {
  abstract readonly code: ErrorCode;
  /**
   * Whether the same call may succeed later; for a `RefusedError` as the bridge says (protocol
   * section 2). It does not mean that nothing has happened. After a `TimedOutError` or a
   * `ConnectionLostError` a second call may do the work twice.
   */
  readonly temporary: boolean = false;
}

/**
 * The message was not processed and can be sent again. Either it never left this client, or the
 * bridge no longer knew the session. A browser may repeat a request without notice over long
 * polling: if the session ended between the attempts, the message may have been processed.
 */
export class NotSentError extends LongspanError {
  override readonly name = "NotSentError";
  readonly code = "notSent";
  override readonly temporary = true;
}

/**
 * The bridge refused the call, or this client refused it because of a limit of the bridge. No
 * service has received the message, except possibly if `bridgeCode` is `internalError` or
 * `sendFailed`.
 */
export class RefusedError extends LongspanError {
  override readonly name = "RefusedError";
  readonly code = "refused";

  constructor(
    /**
     * Code of the bridge: `notAuthorized`, `badRequest`, `limitExceeded`, `brokerUnavailable`,
     * `internalError`, …
     */
    readonly bridgeCode: string,
    message: string,
    /**
     * Whether the bridge says that the same message may succeed later; false if it does not say.
     */
    override readonly temporary: boolean = false,
  ) {
    super(message);
  }
}

/** No answer arrived in time. The message was sent, so a service may have processed it. */
export class TimedOutError extends LongspanError {
  override readonly name = "TimedOutError";
  readonly code = "timedOut";
  override readonly temporary = true;
}

/**
 * The connection failed before the outcome was known, to the bridge or between bridge and broker.
 * The work may or may not have been done.
 */
export class ConnectionLostError extends LongspanError {
  override readonly name = "ConnectionLostError";
  readonly code = "connectionLost";
  override readonly temporary = true;

  constructor(
    message: string,
    /**
     * `brokerUnavailable` if the bridge lost its broker; the reason if the bridge terminated the
     * session.
     */
    readonly bridgeCode?: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/**
 * The caller cancelled the call: by an `AbortSignal` (`cause` is its reason) or by `disconnect()`.
 */
export class CancelledError extends LongspanError {
  override readonly name = "CancelledError";
  readonly code = "cancelled";
}

/** Credentials are wrong, missing or expired. The client has stopped and does not retry. */
export class AuthenticationError extends LongspanError {
  override readonly name = "AuthenticationError";
  readonly code = "authentication";
}

/** A topic that could not be subscribed, with the error text. */
export interface TopicFailure {
  readonly topic: string;
  readonly error: string;
  /** Whether the topic may be subscribed later. */
  readonly temporary: boolean;
}

/** No topic could be subscribed. `temporary` is true if it is for any of them. */
export class TopicSubscribeError extends LongspanError {
  override readonly name = "TopicSubscribeError";
  readonly code = "subscribeFailed";
  override readonly temporary: boolean;

  constructor(readonly failed: readonly TopicFailure[]) {
    super(failed.map(({ topic, error }) => `${topic}: ${error}`).join("; "));
    this.temporary = failed.some(({ temporary }) => temporary);
  }
}
