package io.longspan.jms;

import io.longspan.config.Secrets;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.ErrorCode;
import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidSelectorException;
import jakarta.jms.JMSException;
import java.io.IOException;
import java.util.Locale;
import java.util.Set;

/** Translates what JMS throws into what a client may know, with its cause. */
final class JmsErrors {
  /** Words by which providers say that the connection, not the call, has failed. */
  private static final Set<String> CONNECTION_WORDS =
      Set.of(
          "timeout",
          "timed out",
          "disconnected",
          "not connected",
          "connection closed",
          "connection failure",
          "connection has failed",
          "is destroyed",
          "is closed");

  private JmsErrors() {}

  /** Returns whether a failure means that the connection is dead or does not answer. */
  static boolean isConnectionFault(Throwable failure) {
    for (Throwable x = failure; x != null; x = x.getCause()) {
      if (x instanceof IllegalStateException || x instanceof IOException) {
        return true;
      }
      String message = x.getMessage();
      if (x instanceof JMSException && message != null) {
        String lower = message.toLowerCase(Locale.ROOT);
        if (CONNECTION_WORDS.stream().anyMatch(lower::contains)) {
          return true;
        }
      }
    }
    return false;
  }

  /** Returns a failure's message for the log; a provider may repeat the broker's URL in it. */
  static String text(Throwable failure) {
    return Secrets.masked(String.valueOf(failure.getMessage()));
  }

  static BridgeException translate(Throwable failure) {
    if (failure instanceof BridgeException refusal) {
      return refusal;
    }
    if (failure instanceof InvalidSelectorException) {
      return BridgeException.badRequest("not a valid selector: the broker refuses it");
    }
    return isConnectionFault(failure)
        ? BridgeException.brokerUnavailable(failure)
        : new BridgeException(ErrorCode.SEND_FAILED, "the broker refused", failure);
  }
}
