package io.longspan.client;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a user may use, in the order of the catalogue (protocol section 18). Rights that the
 * authorisation service grants are not part of it.
 *
 * @param complete whether the bridge has left nothing out for want of room
 */
public record Description(List<Destination> destinations, boolean complete) {

  /**
   * A destination, or a template of many.
   *
   * @param name with variables in braces if it is a template
   * @param kind {@code topic} or {@code queue}
   * @param may what the user may: {@code send}, {@code subscribe}, {@code receive}
   * @param wildcards whether patterns can be subscribed to
   * @param durable whether there can be durable subscriptions
   * @param schema the JSON Schema of the bodies; empty if there is none
   */
  public record Destination(
      String name,
      String kind,
      List<String> may,
      boolean wildcards,
      boolean durable,
      Optional<String> title,
      Map<String, Object> schema) {}
}
