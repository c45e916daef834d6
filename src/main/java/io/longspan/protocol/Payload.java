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
  /** Where a payload comes from, which decides what its client is told if it cannot have it. */
  private enum Origin {
    /** The bridge itself says it. */
    BRIDGE,
    /** It is a message of the broker. */
    BROKER,
    /** It is a message of the broker without its body. */
    BROKER_UNSUPPORTED,
    /** It stands for a message of the broker that is too large for every client. */
    BROKER_TOO_LARGE
  }

  /** The objects around the characters, in bytes of heap. */
  private static final int OVERHEAD = 64;

  private static final AtomicIntegerFieldUpdater<Payload> HOLDERS =
      AtomicIntegerFieldUpdater.newUpdater(Payload.class, "holders");

  private final String members;
  private final int size;
  private final String key;
  private final BooleanSupplier condition;
  private final Origin origin;
  private final long expiresAt;
  private final String request;
  private volatile int holders;

  /**
   * Creates a payload without holders.
   *
   * @param members JSON object members without the braces, never empty
   * @param size their length in bytes of UTF-8
   * @param key what it is the latest word on: a newer payload of the same topic with an equal key
   *     supersedes it; null for a payload that nothing supersedes
   * @param condition while it is true, the payload may be delivered; null: always
   * @param expiresAt when it must no longer be delivered, in milliseconds of the bridge's ticker
   * @param request the correlation id of the request that it answers; null: it answers none
   */
  private Payload(
      String members,
      int size,
      String key,
      BooleanSupplier condition,
      Origin origin,
      long expiresAt,
      String request) {
    this.members = members;
    this.size = size;
    this.key = key;
    this.condition = condition;
    this.origin = origin;
    this.expiresAt = expiresAt;
    this.request = request;
  }

  /**
   * Wraps an encoded JSON object that the bridge says.
   *
   * @param object a JSON object with at least one member
   */
  public static Payload ofObject(String object) {
    return of(object, Origin.BRIDGE, BrokerMessage.NEVER);
  }

  /**
   * Wraps an encoded message of the broker.
   *
   * @param object a JSON object with at least one member
   * @param unsupported whether its body is left out
   * @param expiresAt when it must no longer be delivered, in milliseconds of the bridge's ticker
   */
  static Payload ofMessage(String object, boolean unsupported, long expiresAt) {
    return of(object, unsupported ? Origin.BROKER_UNSUPPORTED : Origin.BROKER, expiresAt);
  }

  /** Returns a payload that stands for a message of the broker which no client can have. */
  static Payload tooLarge() {
    return of("{\"body\":null}", Origin.BROKER_TOO_LARGE, BrokerMessage.NEVER);
  }

  private static Payload of(String object, Origin origin, long expiresAt) {
    String members = object.substring(1, object.length() - 1);
    int size = members.getBytes(StandardCharsets.UTF_8).length;
    return new Payload(members, size, null, null, origin, expiresAt, null);
  }

  /** Returns the same members as the latest word on something; the copy has no holders. */
  public Payload about(String what) {
    return new Payload(members, size, what, condition, origin, expiresAt, request);
  }

  /**
   * Returns the same members, to be delivered only while a condition is true; the copy has no
   * holders.
   *
   * @param required is asked by every thread that delivers, for each client: must be cheap and must
   *     not block
   */
  public Payload onlyWhile(BooleanSupplier required) {
    return new Payload(members, size, key, required, origin, expiresAt, request);
  }

  /**
   * Returns the same members as the answer to a request; the copy has no holders.
   *
   * @param correlationId the request's
   */
  public Payload answering(String correlationId) {
    return new Payload(members, size, key, condition, origin, expiresAt, correlationId);
  }

  /** Returns whether it may be delivered now. */
  public boolean isDeliverable() {
    return condition == null || condition.getAsBoolean();
  }

  /** Returns whether it is, or stands for, a message of the broker. */
  public boolean isFromBroker() {
    return origin != Origin.BRIDGE;
  }

  /** Returns whether it is a message of the broker without its body. */
  public boolean isUnsupported() {
    return origin == Origin.BROKER_UNSUPPORTED;
  }

  /** Returns whether it stands for a message that no client can have. */
  public boolean isTooLarge() {
    return origin == Origin.BROKER_TOO_LARGE;
  }

  /** Returns whether it can be expired at some time. */
  public boolean expires() {
    return expiresAt != BrokerMessage.NEVER;
  }

  /**
   * Returns whether it must not be delivered any more.
   *
   * @param now milliseconds of the bridge's ticker
   */
  public boolean isExpired(long now) {
    return expires() && now - expiresAt >= 0;
  }

  /** Returns the correlation id of the request that it answers; null: it answers none. */
  public String request() {
    return request;
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
