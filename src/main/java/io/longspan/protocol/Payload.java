package io.longspan.protocol;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.function.BooleanSupplier;

/**
 * The members of a message's {@code data}, encoded once and shared by every client that receives
 * it: only the channel and {@code seq} differ, and they are spliced in around it.
 *
 * <p>Immutable but for the count of its holders, by which memory that several clients share is
 * charged once. Safe for use by many threads.
 */
public final class Payload {
  /** The objects around the characters, in bytes of heap. */
  private static final int OVERHEAD = 64;

  private static final AtomicIntegerFieldUpdater<Payload> HOLDERS =
      AtomicIntegerFieldUpdater.newUpdater(Payload.class, "holders");

  private final String members;
  private final int size;
  private final String key;
  private final BooleanSupplier condition;
  private volatile int holders;

  /**
   * Creates a payload without holders.
   *
   * @param members JSON object members without the braces, never empty
   * @param size their length in bytes of UTF-8
   * @param key what it is the latest word on: a newer payload of the same topic with an equal key
   *     supersedes it; null for a payload that nothing supersedes
   * @param condition while it is true, the payload may be delivered; null: always
   */
  private Payload(String members, int size, String key, BooleanSupplier condition) {
    this.members = members;
    this.size = size;
    this.key = key;
    this.condition = condition;
  }

  /**
   * Wraps an encoded JSON object.
   *
   * @param object a JSON object with at least one member
   */
  public static Payload ofObject(String object) {
    String members = object.substring(1, object.length() - 1);
    return new Payload(members, members.getBytes(StandardCharsets.UTF_8).length, null, null);
  }

  /** Returns the same members as the latest word on something; the copy has no holders. */
  public Payload about(String what) {
    return new Payload(members, size, what, condition);
  }

  /**
   * Returns the same members, to be delivered only while a condition is true; the copy has no
   * holders.
   *
   * @param required is asked by every thread that delivers, for each client: must be cheap and must
   *     not block
   */
  public Payload onlyWhile(BooleanSupplier required) {
    return new Payload(members, size, key, required);
  }

  /** Returns whether it may be delivered now. */
  public boolean isDeliverable() {
    return condition == null || condition.getAsBoolean();
  }

  /** Returns JSON object members without the braces. */
  public String members() {
    return members;
  }

  /** Returns the length in bytes of UTF-8. */
  public int size() {
    return size;
  }

  /** Returns what a newer payload with an equal key supersedes; null: nothing does. */
  public String key() {
    return key;
  }

  /** Returns an estimate of the heap in use, in bytes: a character takes one byte or two. */
  public int heapBytes() {
    return OVERHEAD + (size == members.length() ? size : 2 * members.length());
  }

  /** Adds a holder; returns whether it is the only one. */
  public boolean hold() {
    return HOLDERS.getAndIncrement(this) == 0;
  }

  /** Removes a holder that was added by {@link #hold}; returns whether nobody holds it now. */
  public boolean release() {
    return HOLDERS.decrementAndGet(this) == 0;
  }

  @Override
  public String toString() {
    return "Payload[size=%d, key=%s, holders=%d]".formatted(size, key, holders);
  }
}
