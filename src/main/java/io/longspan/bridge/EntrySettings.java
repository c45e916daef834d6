package io.longspan.bridge;

import io.longspan.catalogue.SendPolicy;
import io.longspan.catalogue.SendPolicy.ByProperty;
import io.longspan.protocol.PropertyRules;
import io.longspan.protocol.SendCommand;
import io.longspan.protocol.SendCommand.Headers;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A client's message with what its catalogue entry sets (protocol section 14). The entry's settings
 * replace those of the client.
 *
 * @param headers the JMS headers
 * @param properties the JMS properties; the caller may add further ones
 * @param replaced how many properties of the client were removed
 */
record EntrySettings(Headers headers, Map<String, Object> properties, int replaced) {

  /**
   * Applies the settings of an entry.
   *
   * @param correlationId the correlation id with which the message is sent
   */
  static EntrySettings apply(
      SendPolicy policy, SendCommand command, Optional<String> correlationId) {
    Map<String, Object> set = settings(policy, correlationId);
    Map<String, Object> properties = new HashMap<>(command.properties());
    for (String name : set.keySet()) {
      properties.keySet().removeIf(given -> PropertyRules.isSameName(given, name));
    }
    int replaced = command.properties().size() - properties.size();
    properties.putAll(set);
    return new EntrySettings(
        headers(policy, command.headers(), correlationId), properties, replaced);
  }

  private static Map<String, Object> settings(SendPolicy policy, Optional<String> correlationId) {
    Map<String, Object> set = new HashMap<>(policy.properties());
    policy.groupId().ifPresent(group -> set.put("JMSXGroupID", group));
    if (policy.correlation() instanceof ByProperty by) {
      correlationId.ifPresent(id -> set.put(by.name(), id));
    }
    return set;
  }

  private static Headers headers(SendPolicy policy, Headers own, Optional<String> correlationId) {
    return new Headers(
        correlationId,
        own.type(),
        policy.priority().orElse(own.priority()),
        policy.persistent().orElse(own.persistent()),
        policy.timeToLive().map(Duration::toMillis).orElse(own.timeToLive()));
  }
}
