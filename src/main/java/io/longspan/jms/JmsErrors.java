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

/** Translates what JMS throws into what a client may know, with its cause. */
final class JmsErrors {
  /** Words by which providers say that the connection, not the call, has failed. */
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

  /** Words by which providers say that somebody has waited for too long. */
  private static final Set<String> TIME_OUT_WORDS = Set.of("timeout", "timed out", "timedout");

  private JmsErrors() {}

  /** Returns whether a failure means that the connection is dead or does not answer. */
  static boolean isConnectionFault(Throwable failure) {
    return any(
        failure,
        x ->
            x instanceof IllegalStateException
                || x instanceof IOException
                || says(x, CONNECTION_WORDS)
                || says(x, TIME_OUT_WORDS));
  }

  /**
   * Returns whether the failure of a send means that its session or connection has ended. A send
   * that takes too long does not mean that: its destination may be full, and whether the broker
   * still answers is the {@link Heartbeat}'s to find out. Nor does an address that is gone.
   */
  static boolean endsConnection(Throwable failure) {
    return !isTimeOut(failure)
        && any(failure, x -> x instanceof IOException || says(x, CONNECTION_WORDS));
  }

  private static boolean isTimeOut(Throwable failure) {
    return any(failure, x -> x instanceof InterruptedIOException || says(x, TIME_OUT_WORDS));
  }

  /** Returns whether the broker knows who asks, or does not, and says no. */
  static boolean isRefusal(Throwable failure) {
    return any(failure, x -> x instanceof JMSSecurityException || x instanceof SecurityException);
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

  /** Returns a failure's message for the log; a provider may repeat the broker's URL in it. */
  static String text(Throwable failure) {
    return Secrets.masked(String.valueOf(failure.getMessage()));
  }

  /**
   * Returns whether nothing at the broker explains a failure: the bridge, or the provider inside
   * it, is at fault.
   */
  private static boolean isInternal(Throwable failure) {
    return failure instanceof Error
        || failure instanceof RuntimeException
            && !(failure instanceof SecurityException || failure instanceof JMSRuntimeException);
  }

  /** Returns whether the broker will refuse the same message again. */
  private static boolean isFinal(Throwable failure) {
    return isRefusal(failure)
        || any(
            failure,
            x -> x instanceof InvalidDestinationException || x instanceof MessageFormatException);
  }

  /**
   * Returns what a client may know of the failure of a send. A client that is told of a refusal may
   * send again; after a time-out the broker may have the message, unless the provider waited for
   * credit to send it.
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
          "the broker has not answered in %d s; it may take it yet"
              .formatted(JmsProvider.CALL_TIMEOUT.toSeconds()),
          failure);
    }
    return new BridgeException(
        isFinal(failure) ? ErrorCode.SEND_REFUSED : ErrorCode.SEND_FAILED,
        "the broker refused the message",
        failure);
  }

  /**
   * Returns what a client may know of a consumer that was not opened. What the broker refuses is
   * temporary: the bridge tries it again too.
   */
  static BridgeException translate(Throwable failure) {
    if (failure instanceof BridgeException refusal) {
      return refusal;
    }
    if (failure instanceof InvalidSelectorException) {
      return BridgeException.badRequest("not a valid selector: the broker refuses it");
    }
    if (isConnectionFault(failure)) {
      return BridgeException.brokerUnavailable(failure);
    }
    return isInternal(failure)
        ? BridgeException.internalError(failure)
        : new BridgeException(ErrorCode.SEND_FAILED, "the broker refused", failure);
  }
}
