package io.longspan.protocol;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.function.BooleanSupplier;

/**
 * The encoded JSON members of a message's {@code data}. All clients that receive the message share
 * one payload. Only the channel and {@code seq} differ between them, and are added when the message
 * is written.
 *
 * <p>A payload is immutable, except for its number of holders. That number ensures that shared
 * memory is charged to the process once. Safe for use by many threads.
 */
public final class Payload {
  /**
   * The source of a payload. It decides which notice replaces a payload that cannot be delivered.
   */
  private enum Origin {
    /** A message of the bridge itself. */
    BRIDGE,
    /** A message from the broker. */
    BROKER,
    /** A message from the broker without its body. */
    BROKER_UNSUPPORTED,
    /** A placeholder for a message from the broker that is too large for every client. */
    BROKER_TOO_LARGE
  }

  /** Estimated heap of the objects around the characters, in bytes. */
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
  private final boolean kept;
  private final long receivedAt;
  private volatile int holders;

  /**
   * Creates a payload without holders.
   *
   * @param members JSON object members without the braces, never empty
   * @param size the length of the members in bytes of UTF-8
   * @param key a newer message of the same subscription with an equal key may supersede this one;
   *     null if none may
   * @param condition the payload may be delivered only while this is true; null for always
   * @param expiresAt when the payload expires, in milliseconds of the bridge's ticker
   * @param request the correlation id of the request that this answers; null if it answers none
   * @param kept whether this is a retained message that came before the subscription
   * @param receivedAt when the message was received, in milliseconds of the bridge's ticker; 0 if
   *     unknown
   */
  private Payload(
      String members,
      int size,
      String key,
      BooleanSupplier condition,
      Origin origin,
      long expiresAt,
      String request,
      boolean kept,
      long receivedAt) {
    this.members = members;
    this.size = size;
    this.key = key;
    this.condition = condition;
    this.origin = origin;
    this.expiresAt = expiresAt;
    this.request = request;
    this.kept = kept;
    this.receivedAt = receivedAt;
  }

  /**
   * Wraps an encoded message of the bridge itself.
   *
   * @param object a JSON object with at least one member
   */
  public static Payload ofObject(String object) {
    return of(object, Origin.BRIDGE, BrokerMessage.NEVER);
  }

  /**
   * Wraps an encoded message from the broker.
   *
   * @param object a JSON object with at least one member
   * @param unsupported whether the body is omitted
   * @param expiresAt when the message expires, in milliseconds of the bridge's ticker
   */
  static Payload ofMessage(String object, boolean unsupported, long expiresAt) {
    return of(object, unsupported ? Origin.BROKER_UNSUPPORTED : Origin.BROKER, expiresAt);
  }

  /** Returns a placeholder for a message from the broker that is too large for every client. */
  static Payload tooLarge() {
    return of("{\"body\":null}", Origin.BROKER_TOO_LARGE, BrokerMessage.NEVER);
  }

  private static Payload of(String object, Origin origin, long expiresAt) {
    String members = object.substring(1, object.length() - 1);
    byte[] utf8 = members.getBytes(StandardCharsets.UTF_8);
    if (utf8.length == members.length() && hasSurrogate(members)) {
      // All surrogates are unpaired, and have become question marks. The text is ASCII now.
      members = new String(utf8, StandardCharsets.US_ASCII);
    }
    return new Payload(members, utf8.length, null, null, origin, expiresAt, null, false, 0);
  }

  private static boolean hasSurrogate(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        return true;
      }
    }
    return false;
  }

  /**
   * Returns a copy with a conflation key: a newer message of the same subscription with an equal
   * key may supersede it. The copy has no holders.
   */
  public Payload about(String what) {
    return new Payload(
        members, size, what, condition, origin, expiresAt, request, kept, receivedAt);
  }

  /**
   * Returns a copy that may be delivered only while a condition is true. The copy has no holders.
   *
   * @param required evaluated on each delivering thread, for each client; must be cheap and must
   *     not block
   */
  public Payload onlyWhile(BooleanSupplier required) {
    return new Payload(members, size, key, required, origin, expiresAt, request, kept, receivedAt);
  }

  /**
   * Returns a copy that answers a request. The copy has no holders.
   *
   * @param correlationId the correlation id of the request
   */
  public Payload answering(String correlationId) {
    return new Payload(
        members, size, key, condition, origin, expiresAt, correlationId, kept, receivedAt);
  }

  /**
   * Returns a copy of a retained message for clients that have subscribed after it: its {@code
   * data} has {@code kept: true} (protocol section 17). The copy has no holders.
   */
  public Payload asKept() {
    return new Payload(members, size, key, condition, origin, expiresAt, request, true, 0);
  }

  /**
   * Returns a copy that knows when its message was received. The copy has no holders.
   *
   * @param millis in milliseconds of the bridge's ticker
   */
  public Payload receivedAt(long millis) {
    return new Payload(members, size, key, condition, origin, expiresAt, request, kept, millis);
  }

  /** Returns when the message was received, in milliseconds of the ticker; 0 if unknown. */
  public long receivedAt() {
    return receivedAt;
  }

  /** Returns whether this is a retained message that came before the subscription. */
  public boolean isKept() {
    return kept;
  }

  /** Returns whether the payload may be delivered now; expiry is not checked. */
  public boolean isDeliverable() {
    return condition == null || condition.getAsBoolean();
  }

  /** Returns whether this is a message from the broker, or a placeholder for one. */
  public boolean isFromBroker() {
    return origin != Origin.BRIDGE;
  }

  /** Returns whether this is a message from the broker without its body. */
  public boolean isUnsupported() {
    return origin == Origin.BROKER_UNSUPPORTED;
  }

  /** Returns whether this is a placeholder for a message that is too large for every client. */
  public boolean isTooLarge() {
    return origin == Origin.BROKER_TOO_LARGE;
  }

  /** Returns whether the payload can expire. */
  public boolean expires() {
    return expiresAt != BrokerMessage.NEVER;
  }

  /**
   * Returns whether the payload has expired and must not be delivered.
   *
   * @param now in milliseconds of the bridge's ticker
   */
  public boolean isExpired(long now) {
    return expires() && now - expiresAt >= 0;
  }

  /** Returns the correlation id of the request that this answers; null if it answers none. */
  public String request() {
    return request;
  }

  /** Returns the JSON object members, without the braces. */
  public String members() {
    return members;
  }

  /** Returns the length of the members in bytes of UTF-8. */
  public int size() {
    return size;
  }

  /** Returns whether the members are ASCII only. */
  public boolean isAscii() {
    return size == members.length();
  }

  /** Returns the conflation key; null if no newer message supersedes this one. */
  public String key() {
    return key;
  }

  /**
   * Returns the estimated heap in bytes. A character takes one byte if all are ASCII, otherwise
   * two.
   */
  public int heapBytes() {
    return OVERHEAD + (isAscii() ? size : 2 * members.length());
  }

  /** Adds a holder. Returns true for the first holder, who charges the payload to the process. */
  public boolean hold() {
    return HOLDERS.getAndIncrement(this) == 0;
  }

  /**
   * Removes a holder that {@link #hold} has added. Returns true for the last holder, who releases
   * the charge.
   */
  public boolean release() {
    return HOLDERS.decrementAndGet(this) == 0;
  }

  @Override
  public String toString() {
    return "Payload[size=%d, key=%s, holders=%d]".formatted(size, key, holders);
  }
}
