package io.longspan.protocol;

import java.util.concurrent.CompletionException;
import java.util.function.Consumer;

/**
 * A refusal that a client may see: a stable code, and a sentence that is safe to show.
 *
 * <p>A refusal is an expected outcome, not a fault, so it has no stack trace. If a fault caused it,
 * the fault is its cause.
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
   * Creates a refusal that has a cause.
   *
   * @param code the stable code
   * @param message a sentence that names the problem and reveals nothing else
   * @param cause logged, never sent to the client; may be null
   */
  public BridgeException(ErrorCode code, String message, Throwable cause) {
    super(message, cause, false, false);
    this.code = code;
  }

  public ErrorCode code() {
    return code;
  }

  /** Returns the value of the Bayeux field {@code error}: {@code <code>:<sentence>}. */
  public String toBayeuxError() {
    return code.wireName() + ":" + getMessage();
  }

  /**
   * Returns the refusal of a send or subscription that is not allowed. It is the same for an
   * unknown name and for a missing right.
   */
  public static BridgeException notAuthorized() {
    return new BridgeException(
        ErrorCode.NOT_AUTHORIZED, "the destination does not exist or you may not use it");
  }

  /**
   * Returns the refusal of an operation that needs the broker while there is no connection.
   *
   * @param cause logged, never sent; may be null
   */
  public static BridgeException brokerUnavailable(Throwable cause) {
    return new BridgeException(
        ErrorCode.BROKER_UNAVAILABLE, "there is no connection to the broker at present", cause);
  }

  /** Returns the refusal of a malformed message. */
  public static BridgeException badRequest(String message) {
    return new BridgeException(ErrorCode.BAD_REQUEST, message);
  }

  /** Returns the refusal of an operation that needs a connected client. */
  public static BridgeException notConnected(String message) {
    return new BridgeException(ErrorCode.NOT_CONNECTED, message);
  }

  /**
   * Returns the refusal of an operation that exceeds a limit now. The same operation may succeed
   * later.
   */
  public static BridgeException limitExceeded(String message) {
    return new BridgeException(ErrorCode.LIMIT_EXCEEDED, message);
  }

  /**
   * Returns the refusal of a message that exceeds a limit on its own. The same message always
   * fails.
   */
  public static BridgeException tooLarge(String message) {
    return new BridgeException(ErrorCode.TOO_LARGE, message);
  }

  /**
   * Returns the refusal that hides a failure of the bridge itself.
   *
   * @param cause logged, never sent
   */
  public static BridgeException internalError(Throwable cause) {
    return new BridgeException(ErrorCode.INTERNAL_ERROR, "the bridge itself failed", cause);
  }

  /**
   * Converts the failure of a {@code CompletionStage} into a refusal.
   *
   * @param failure the exception that the stage completed with
   * @return the refusal in it; otherwise an {@code internalError} with the failure as its cause
   */
  public static BridgeException from(Throwable failure) {
    return from(failure, fault -> {});
  }

  /**
   * Converts the failure of a stage, as {@link #from(Throwable)} does, and reports an unexpected
   * failure.
   *
   * @param report called on this thread, at most once, with a failure that becomes an {@code
   *     internalError}
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
