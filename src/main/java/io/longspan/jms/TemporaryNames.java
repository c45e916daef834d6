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
 * Finds properties that would reveal the name of a temporary destination to a client (protocol
 * section 4). For example, some brokers copy the headers of other protocols into properties.
 */
final class TemporaryNames {
  private static final Pattern PREFIX = Pattern.compile("^temp-(?:topic|queue)://");
  private static final Pattern FOREIGN_FORM =
      Pattern.compile("/?(?:remote-)?temp-(?:queue|topic)(?:/|://).*", Pattern.CASE_INSENSITIVE);

  private final List<String> names = new ArrayList<>(2);
  private final boolean answer;

  /**
   * Collects the names that the message must not reveal.
   *
   * @param message the message; its destination and reply address are read
   * @param cameFrom the temporary destination that received the message; empty for another
   *     destination
   */
  TemporaryNames(Message message, Optional<String> cameFrom) throws JMSException {
    this.answer = cameFrom.isPresent() || MessageCodec.isTemporary(message.getJMSDestination());
    cameFrom.map(TemporaryNames::withoutPrefix).ifPresent(names::add);
    add(message.getJMSDestination());
    add(message.getJMSReplyTo());
  }

  private void add(Destination destination) throws JMSException {
    if (MessageCodec.isTemporary(destination)) {
      names.add(withoutPrefix(MessageCodec.nameOf(destination)));
    }
  }

  /**
   * Removes the prefix by which some providers name the kind. Other clients of the broker see the
   * name without it.
   */
  private static String withoutPrefix(String name) {
    return PREFIX.matcher(name).replaceFirst("");
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
