package io.longspan.jms;

import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Finds properties that would reveal the name of a reply destination to a client (protocol sections
 * 4 and 14). For example, some brokers copy the headers of other protocols into properties.
 */
final class ReplyNamesInMessage {
  private static final List<String> PREFIXES = List.of("temp-topic://", "temp-queue://");
  private static final Pattern FOREIGN_FORM =
      Pattern.compile("/?(?:remote-)?temp-(?:queue|topic)(?:/|://).*", Pattern.CASE_INSENSITIVE);

  private final List<String> names = new ArrayList<>(3);
  private final String replyPrefix;
  private final boolean answer;

  /**
   * Collects the names that the message must not reveal.
   *
   * @param message the message; its destination and reply address are read
   * @param cameFrom the temporary destination that received the message; empty for another
   *     destination
   * @param replyPrefix the JMS name under which the bridges have reply destinations
   */
  ReplyNamesInMessage(Message message, Optional<String> cameFrom, String replyPrefix)
      throws JMSException {
    this.replyPrefix = replyPrefix + '.';
    this.answer = cameFrom.isPresent() || isForReplies(message.getJMSDestination());
    names.add(this.replyPrefix);
    cameFrom.map(ReplyNamesInMessage::withoutPrefix).ifPresent(names::add);
    add(message.getJMSDestination());
    add(message.getJMSReplyTo());
  }

  private void add(Destination destination) throws JMSException {
    if (isForReplies(destination)) {
      names.add(withoutPrefix(MessageCodec.nameOf(destination)));
    }
  }

  private boolean isForReplies(Destination destination) throws JMSException {
    return MessageCodec.isTemporary(destination)
        || MessageCodec.nameOf(destination).startsWith(replyPrefix);
  }

  /**
   * Removes the prefix by which some providers name the kind. Other clients of the broker see the
   * name without it.
   */
  private static String withoutPrefix(String name) {
    for (String prefix : PREFIXES) {
      if (name.startsWith(prefix)) {
        return name.substring(prefix.length());
      }
    }
    return name;
  }

  /**
   * Returns whether a property must be omitted.
   *
   * @param property the name of the property
   * @param value its JSON value; maps and lists are searched too
   */
  boolean isRevealedBy(String property, Object value) {
    if (value instanceof Map<?, ?> map) {
      return map.entrySet().stream()
          .anyMatch(
              entry ->
                  isRevealedBy(property, entry.getKey())
                      || isRevealedBy(property, entry.getValue()));
    }
    if (value instanceof List<?> list) {
      return list.stream().anyMatch(item -> isRevealedBy(property, item));
    }
    return value instanceof String text
        && ((answer && property.equals("destination"))
            || FOREIGN_FORM.matcher(text).matches()
            || names.stream().anyMatch(text::contains));
  }
}
