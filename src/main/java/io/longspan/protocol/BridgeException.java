package io.longspan.protocol;

import java.util.concurrent.CompletionException;
import java.util.function.Consumer;

/**
 * A refusal that a client may see: a stable code and a sentence that is safe to show.
 *
 * <p>It carries no stack trace of its own, because it is an outcome, not a fault; a fault behind it
 * is its cause.
 */
public final class BridgeException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;

  /**
   * Creates a refusal.
   *
   * @param code the stable code
   * @param message a sentence that names the problem and reveals nothing else
   */
  public BridgeException(ErrorCode code, String message) {
    this(code, message, null);
  }

  /**
   * Creates a refusal that something else caused.
   *
   * @param code the stable code
   * @param message a sentence that names the problem and reveals nothing else
   * @param cause what happened; logged, never sent
   */
  public BridgeException(ErrorCode code, String message, Throwable cause) {
    super(message, cause, false, false);
    this.code = code;
  }

  /** Returns the stable code. */
  public ErrorCode code() {
    return code;
  }

  /** Returns the form of a Bayeux reply's {@code error} field: {@code <code>:<sentence>}. */
  public String toBayeuxError() {
    return code.wireName() + ":" + getMessage();
  }

  /** Returns the one refusal of every send or subscription that is not allowed. */
  public static BridgeException notAuthorized() {
    return new BridgeException(
        ErrorCode.NOT_AUTHORIZED, "the destination does not exist or you may not use it");
  }

  /** Returns the refusal of whatever needs the broker while there is no connection to it. */
  public static BridgeException brokerUnavailable(Throwable cause) {
    return new BridgeException(
        ErrorCode.BROKER_UNAVAILABLE, "there is no connection to the broker at present", cause);
  }

  /** Returns the refusal of a malformed message. */
  public static BridgeException badRequest(String message) {
    return new BridgeException(ErrorCode.BAD_REQUEST, message);
  }

  /** Returns the refusal of what needs a connected client. */
  public static BridgeException notConnected(String message) {
    return new BridgeException(ErrorCode.NOT_CONNECTED, message);
  }

  /** Returns the refusal of what is over a limit at present. */
  public static BridgeException limitExceeded(String message) {
    return new BridgeException(ErrorCode.LIMIT_EXCEEDED, message);
  }

  /** Returns the refusal of what alone is over a limit: the same message is always refused. */
  public static BridgeException tooLarge(String message) {
    return new BridgeException(ErrorCode.TOO_LARGE, message);
  }

  /** Returns the refusal of what the bridge itself failed to do. */
  public static BridgeException internalError(Throwable cause) {
    return new BridgeException(ErrorCode.INTERNAL_ERROR, "the bridge itself failed", cause);
  }

  /**
   * Finds the refusal in a failure that came out of a {@code CompletionStage}.
   *
   * @param failure what a stage completed with
   * @return the refusal itself, or an {@code internalError} that hides the fault and keeps it as
   *     cause
   */
  public static BridgeException from(Throwable failure) {
    return from(failure, fault -> {});
  }

  /**
   * Finds the refusal in a failure, as {@link #from(Throwable)} does.
   *
   * @param report is called with a fault that gets its code here; on this thread, at most once
   */
  public static BridgeException from(Throwable failure, Consumer<Throwable> report) {
    Throwable cause = failure;
    while (cause instanceof CompletionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    if (cause instanceof BridgeException refusal) {
      return refusal;
    }
    report.accept(cause);
    return internalError(cause);
  }
}
