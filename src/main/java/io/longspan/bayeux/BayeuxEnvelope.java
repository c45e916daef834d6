package io.longspan.bayeux;

import java.util.List;
import java.util.Map;
import org.cometd.bayeux.Message;
import org.cometd.bayeux.server.ServerMessage;

/** Validates the types of Bayeux's own fields, because CometD casts them without a check. */
final class BayeuxEnvelope {
  private BayeuxEnvelope() {}

  /**
   * Returns whether a request contains at least one message, and only messages that CometD can
   * read.
   */
  static boolean isWellFormed(List<ServerMessage.Mutable> messages) {
    if (messages == null || messages.isEmpty()) {
      return false;
    }
    for (ServerMessage.Mutable message : messages) {
      if (!isWellFormed(message)) {
        return false;
      }
    }
    return true;
  }

  private static boolean isWellFormed(Map<String, Object> message) {
    return message != null
        && isAbsentOr(String.class, message.get(Message.CHANNEL_FIELD))
        && isAbsentOr(String.class, message.get(Message.CLIENT_ID_FIELD))
        && isExt(message.get(Message.EXT_FIELD))
        && isAdvice(message.get(Message.ADVICE_FIELD));
  }

  /**
   * CometD casts {@code ext.ack}: to a boolean in a handshake, to a number in a {@code
   * /meta/connect}.
   */
  private static boolean isExt(Object ext) {
    return ext == null
        || (ext instanceof Map<?, ?> fields
            && (isAbsentOr(Boolean.class, fields.get("ack"))
                || fields.get("ack") instanceof Integer
                || fields.get("ack") instanceof Long));
  }

  private static boolean isAdvice(Object advice) {
    return advice == null
        || (advice instanceof Map<?, ?> fields
            && isDuration(fields.get(Message.TIMEOUT_FIELD))
            && isDuration(fields.get(Message.INTERVAL_FIELD)));
  }

  private static boolean isDuration(Object value) {
    return value == null || value instanceof Integer || value instanceof Long;
  }

  private static boolean isAbsentOr(Class<?> type, Object value) {
    return value == null || type.isInstance(value);
  }
}
