package io.longspan.jms;

import io.longspan.config.Secrets;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.ErrorCode;
import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.InvalidSelectorException;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.JMSSecurityException;
import jakarta.jms.MessageFormatException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import javax.net.ssl.SSLException;
import org.apache.activemq.DestinationDoesNotExistException;

/**
 * Classifies the exceptions of JMS providers and translates them into a {@link BridgeException}
 * with its cause.
 *
 * <p>Providers use few exception types, so several checks match words in the message. May be used
 * on any thread; never blocks.
 */
final class JmsErrors {
  /** Words that show that the connection has failed, not just the call. */
  private static final Set<String> CONNECTION_WORDS =
      Set.of(
          "disconnected",
          "not connected",
          "connection closed",
          "connection failure",
          "connection has failed",
          "is destroyed",
          "is closed",
          "was closed",
          "already closed");

  /** Words that show that a call has timed out. */
  private static final Set<String> TIME_OUT_WORDS = Set.of("timeout", "timed out", "timedout");

  private static final String NOT_IN_JNDI =
      "JNDI has no such destination; the operator must define it";

  private JmsErrors() {}

  /**
   * Returns whether a call to open a consumer failed because the connection is lost or does not
   * answer. A time-out counts here, but not in {@link #endsConnection}.
   */
  static boolean isConnectionFault(Throwable failure) {
    return !isJndi(failure)
        && any(
            failure,
            x ->
                x instanceof IllegalStateException
                    || x instanceof IOException
                    || says(x, CONNECTION_WORDS)
                    || says(x, TIME_OUT_WORDS));
  }

  /**
   * Returns whether the failure of a send shows that its session or connection has ended. Two
   * failures do not show it: a time-out, because the destination may be full, and a deleted
   * destination. After a time-out the {@link Heartbeat} finds out whether the broker still answers.
   */
  static boolean endsConnection(Throwable failure) {
    return !isTimeOut(failure)
        && !isJndi(failure)
        && any(failure, x -> x instanceof IOException || says(x, CONNECTION_WORDS));
  }

  /** Returns whether JNDI did not give a destination. The connection to the broker is not lost. */
  private static boolean isJndi(Throwable failure) {
    return any(
        failure,
        x -> x instanceof JMSException jms && JndiProvider.ERROR_CODE.equals(jms.getErrorCode()));
  }

  private static boolean isTimeOut(Throwable failure) {
    return any(failure, x -> x instanceof InterruptedIOException || says(x, TIME_OUT_WORDS));
  }

  /** Returns whether a message was not sent because its destination does not exist any more. */
  static boolean isUnknownDestination(Throwable failure) {
    return any(
        failure,
        x ->
            x instanceof InvalidDestinationException
                || x instanceof DestinationDoesNotExistException);
  }

  /** Returns whether the broker denied access: authentication or authorisation failed. */
  static boolean isRefusal(Throwable failure) {
    // RabbitMQ's client reports a failed TLS handshake as a security exception.
    return !any(failure, SSLException.class::isInstance)
        && any(failure, x -> x instanceof JMSSecurityException || x instanceof SecurityException);
  }

  private static boolean any(Throwable failure, Predicate<Throwable> test) {
    for (Throwable x = failure; x != null; x = x.getCause()) {
      if (test.test(x)) {
        return true;
      }
    }
    return false;
  }

  private static boolean says(Throwable x, Set<String> words) {
    String message = x.getMessage();
    if (!(x instanceof JMSException) || message == null) {
      return false;
    }
    String lower = message.toLowerCase(Locale.ROOT);
    return words.stream().anyMatch(lower::contains);
  }

  /**
   * Returns a failure's message for the log. Credentials are hidden, because a provider may repeat
   * the broker's URL in it.
   */
  static String text(Throwable failure) {
    return Secrets.masked(String.valueOf(failure.getMessage()));
  }

  /** Returns whether the bridge or the provider library is at fault, and not the broker. */
  private static boolean isInternal(Throwable failure) {
    return failure instanceof Error
        || failure instanceof RuntimeException
            && !(failure instanceof SecurityException || failure instanceof JMSRuntimeException);
  }

  /** Returns whether the broker will reject the same message again. */
  private static boolean isFinal(Throwable failure) {
    return isRefusal(failure)
        || any(
            failure,
            x -> x instanceof InvalidDestinationException || x instanceof MessageFormatException);
  }

  /**
   * Translates the failure of a send (protocol section 2).
   *
   * <p>A {@code sendFailed} is temporary, so the client may send the message again; {@link
   * ErrorCode#SEND_REFUSED} is not temporary. After a time-out the broker may have accepted the
   * message, and the error text says so. It has not accepted it if the provider timed out while it
   * waited for credit.
   *
   * @return {@code brokerUnavailable}, {@code internalError} or {@code sendFailed}
   */
  static BridgeException notSent(Throwable failure) {
    if (endsConnection(failure)) {
      return BridgeException.brokerUnavailable(failure);
    }
    if (isInternal(failure)) {
      return BridgeException.internalError(failure);
    }
    if (isTimeOut(failure) && !any(failure, x -> says(x, Set.of("credit")))) {
      return new BridgeException(
          ErrorCode.SEND_FAILED,
          "the broker has not answered within %d s; it may still accept the message"
              .formatted(JmsProvider.CALL_TIMEOUT.toSeconds()),
          failure);
    }
    return new BridgeException(
        isFinal(failure) ? ErrorCode.SEND_REFUSED : ErrorCode.SEND_FAILED,
        isJndi(failure) ? NOT_IN_JNDI : "the broker rejected the message",
        failure);
  }

  /**
   * Translates the failure to open or close a consumer (protocol section 2).
   *
   * <p>A rejection by the broker is temporary, even if access was denied, because an administrator
   * may grant it later. The bridge itself retries lost subscriptions for the same reason.
   *
   * @return the failure itself if it is a {@code BridgeException}; else {@code badRequest} for a
   *     selector, {@code brokerUnavailable}, {@code internalError} or {@code sendFailed}
   */
  static BridgeException translate(Throwable failure) {
    if (failure instanceof BridgeException refusal) {
      return refusal;
    }
    if (failure instanceof InvalidSelectorException) {
      return BridgeException.badRequest("not a valid selector: the broker rejects it");
    }
    if (any(failure, InUseException.class::isInstance)) {
      return new BridgeException(
          ErrorCode.IN_USE, "the durable subscription is still in use elsewhere", failure);
    }
    if (isConnectionFault(failure)) {
      return BridgeException.brokerUnavailable(failure);
    }
    return isInternal(failure)
        ? BridgeException.internalError(failure)
        : new BridgeException(
            ErrorCode.SEND_FAILED,
            isJndi(failure) ? NOT_IN_JNDI : "the broker rejected the request",
            failure);
  }
}
