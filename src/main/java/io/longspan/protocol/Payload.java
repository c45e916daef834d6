package io.longspan.protocol;

import java.nio.charset.StandardCharsets;
import java.util.function.BooleanSupplier;

/**
 * The members of a message's {@code data}, encoded once and shared by every client that receives
 * it: only the channel and {@code seq} differ, and they are spliced in around it.
 *
 * @param members JSON object members without the braces, never empty
 * @param size their length in bytes of UTF-8
 * @param key what it is the latest word on: a newer payload of the same topic with an equal key
 *     supersedes it; null for a payload that nothing supersedes
 * @param condition while it is true, the payload may be delivered; null: always. Asked by every
 *     thread that delivers, for each client anew: must be cheap and must not block
 */
public record Payload(String members, int size, String key, BooleanSupplier condition) {
  /** The objects that hold the members, without their characters. */
  private static final int OVERHEAD = 56;

  /**
   * Wraps an encoded JSON object.
   *
   * @param object a JSON object with at least one member
   */
  public static Payload ofObject(String object) {
    String members = object.substring(1, object.length() - 1);
    return new Payload(members, members.getBytes(StandardCharsets.UTF_8).length, null, null);
  }

  /**
   * Returns about how many bytes of heap it occupies: one for each character, or two where not all
   * are ASCII, and the objects around them.
   */
  public long heapBytes() {
    long characters = members.length();
    return OVERHEAD + (size == characters ? characters : 2 * characters);
  }

  /** Returns the same members as the latest word on something. */
  public Payload about(String what) {
    return new Payload(members, size, what, condition);
  }

  /** Returns the same members, to be delivered only while a condition is true. */
  public Payload onlyWhile(BooleanSupplier required) {
    return new Payload(members, size, key, required);
  }

  /** Returns whether it may be delivered now. */
  public boolean isDeliverable() {
    return condition == null || condition.getAsBoolean();
  }
}
