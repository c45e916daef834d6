package io.longspan.catalogue;

import java.nio.charset.StandardCharsets;
import java.util.Set;

/** Limits of RabbitMQ for names of destinations and properties. */
public final class RabbitMqNames {
  /** Maximum size of a name or a correlation id, in bytes of UTF-8. */
  public static final int MAX_BYTES = 255;

  /** Headers by which a sender names further queues. */
  private static final Set<String> ROUTING_HEADERS = Set.of("CC", "BCC");

  private RabbitMqNames() {}

  /** Returns whether a name or a correlation id is not too long. */
  public static boolean isShort(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length <= MAX_BYTES;
  }

  /** Returns whether a property may have this name. */
  public static boolean isProperty(String name) {
    return isShort(name) && !ROUTING_HEADERS.contains(name);
  }
}
