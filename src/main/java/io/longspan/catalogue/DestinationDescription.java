package io.longspan.catalogue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What one user may do with the destinations of a catalogue entry (protocol section 18).
 *
 * @param name logical name, or its template. {@code {user}} is replaced by the user's own segment
 * @param kind {@code queue} or {@code topic}
 * @param may the rights of the user: {@code send}, {@code subscribe}, {@code receive}
 * @param parameters the variables of the name, in order
 * @param wildcards whether the user may subscribe to patterns
 * @param presence whether the user may see who is subscribed
 * @param durable whether the user may have durable subscriptions
 * @param schema JSON Schema of the bodies; must not be modified
 */
public record DestinationDescription(
    String name,
    String kind,
    List<String> may,
    List<String> parameters,
    boolean wildcards,
    boolean presence,
    boolean durable,
    Optional<String> title,
    Optional<JsonNode> schema) {
  /** Right to send. */
  public static final String SEND = "send";

  /** Right to subscribe. */
  public static final String SUBSCRIBE = "subscribe";

  /** Right to consume the queue. */
  public static final String RECEIVE = "receive";

  /** Returns the members of the JSON object, without the schema. */
  public Map<String, Object> toMembers() {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("name", name);
    members.put("kind", kind);
    members.put("may", may);
    title.ifPresent(text -> members.put("title", text));
    if (wildcards) {
      members.put("wildcards", true);
    }
    if (presence) {
      members.put("presence", true);
    }
    if (durable) {
      members.put("durable", true);
    }
    return members;
  }
}
