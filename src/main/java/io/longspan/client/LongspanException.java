package io.longspan.client;

import java.util.List;
import java.util.stream.Collectors;

/**
 * Why a call has failed. Each call has exactly one outcome: its result or one of these. A {@code
 * CompletableFuture} completes with it; {@code join} wraps it into a {@code CompletionException}.
 */
public abstract sealed class LongspanException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final boolean temporary;

  LongspanException(String message, boolean temporary, Throwable cause) {
    super(message, cause);
    this.temporary = temporary;
  }

  /**
   * Whether the same call may succeed later. It does not say that nothing was done: after a {@link
   * TimedOut} or a {@link ConnectionLost} a second call may do the work twice.
   */
  public final boolean isTemporary() {
    return temporary;
  }

  /** The message was not processed and can be sent again. */
  public static final class NotSent extends LongspanException {
    private static final long serialVersionUID = 1L;

    NotSent(String message) {
      super(message, true, null);
    }
  }

  /**
   * The bridge refused the call, or this client did because of a limit of the bridge. No service
   * has received the message, except possibly after {@code internalError} or {@code sendFailed}.
   */
  public static final class Refused extends LongspanException {
    private static final long serialVersionUID = 1L;

    private final String bridgeCode;

    Refused(String bridgeCode, String message, boolean temporary) {
      super(message.isEmpty() ? bridgeCode : bridgeCode + ": " + message, temporary, null);
      this.bridgeCode = bridgeCode;
    }

    /** Returns the code of the bridge: {@code notAuthorized}, {@code badRequest}, … */
    public String bridgeCode() {
      return bridgeCode;
    }
  }

  /** No answer arrived in time. The message was sent, so a service may have processed it. */
  public static final class TimedOut extends LongspanException {
    private static final long serialVersionUID = 1L;

    TimedOut(String message) {
      super(message, true, null);
    }
  }

  /** The connection failed before the outcome was known: the work may have been done or not. */
  public static final class ConnectionLost extends LongspanException {
    private static final long serialVersionUID = 1L;

    private final String bridgeCode;

    ConnectionLost(String message) {
      this(message, "", null);
    }

    ConnectionLost(String message, String bridgeCode, Throwable cause) {
      super(message, true, cause);
      this.bridgeCode = bridgeCode;
    }

    /**
     * Returns {@code brokerUnavailable} if the bridge lost its broker, the reason if the bridge
     * terminated the session, or an empty text.
     */
    public String bridgeCode() {
      return bridgeCode;
    }
  }

  /** The call was cancelled, by {@code disconnect} or because nobody reads the answer. */
  public static final class Cancelled extends LongspanException {
    private static final long serialVersionUID = 1L;

    Cancelled(String message) {
      super(message, false, null);
    }
  }

  /** Credentials are wrong, missing or expired. The client has stopped. */
  public static final class Authentication extends LongspanException {
    private static final long serialVersionUID = 1L;

    Authentication(String message, Throwable cause) {
      super(message, false, cause);
    }
  }

  /** Every topic was refused. It is temporary if that holds for one of them. */
  public static final class TopicSubscribe extends LongspanException {
    private static final long serialVersionUID = 1L;

    private final transient List<TopicSubscription.Failure> failed;

    TopicSubscribe(List<TopicSubscription.Failure> failed) {
      super(
          failed.stream()
              .map(each -> each.topic() + ": " + each.error())
              .collect(Collectors.joining("; ")),
          failed.stream().anyMatch(TopicSubscription.Failure::temporary),
          null);
      this.failed = List.copyOf(failed);
    }

    /** Returns the topics with their errors. */
    public List<TopicSubscription.Failure> failed() {
      return failed;
    }
  }
}
