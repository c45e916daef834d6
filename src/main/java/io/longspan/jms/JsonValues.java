package io.longspan.jms;

import jakarta.jms.MessageFormatException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.fusesource.hawtbuf.UTF8Buffer;

/**
 * Converts the values of one JMS message to JSON values of the same shape, up to a maximum size.
 *
 * <p>Providers allow more types than JMS: nested maps and lists, and their own classes for numbers
 * and texts. Not thread-safe; use one instance per message.
 */
final class JsonValues {
  /** The largest whole number that every JSON reader preserves exactly. */
  private static final long MAX_EXACT = 1L << 53;

  /** Maximum nesting depth of maps and lists. */
  private static final int MAX_DEPTH = 100;

  /** Thrown if the message is larger than a client's queue. */
  static final class TooLarge extends Exception {
    private static final long serialVersionUID = 1L;

    private TooLarge() {
      super("the message is larger than a client's queue", null, false, false);
    }
  }

  private long bytesLeft;

  /**
   * Creates a converter for one message.
   *
   * @param maxBytes the maximum size of the message's JSON, in bytes
   */
  JsonValues(long maxBytes) {
    this.bytesLeft = maxBytes;
  }

  /** Counts a value against the maximum. Each character takes at least one byte of JSON. */
  private void take(long bytes) throws TooLarge {
    bytesLeft -= bytes;
    if (bytesLeft < 0) {
      throw new TooLarge();
    }
  }

  /** Counts and returns a text; null for null. */
  String text(String value) throws TooLarge {
    if (value != null) {
      take(value.length());
    }
    return value;
  }

  /**
   * Rejects bytes that would not fit as base64, before they are read.
   *
   * @param length the number of bytes
   * @throws TooLarge if they do not fit
   */
  void requireBytes(long length) throws TooLarge {
    if (length > bytesLeft / 4 * 3) {
      throw new TooLarge();
    }
  }

  /** Returns bytes as base64. */
  String bytes(byte[] value) throws TooLarge {
    requireBytes(value.length);
    return text(Base64.getEncoder().encodeToString(value));
  }

  /**
   * Converts a value to JSON.
   *
   * @throws MessageFormatException if the class of the value is unknown, or if it nests too deep.
   *     An unknown value is never converted by its {@code toString()}
   * @throws TooLarge if the message is too large
   */
  Object of(Object value) throws TooLarge, MessageFormatException {
    return of(value, MAX_DEPTH);
  }

  private Object of(Object value, int depth) throws TooLarge, MessageFormatException {
    take(1);
    if (value == null || value instanceof Boolean) {
      return value;
    }
    if (value instanceof Number number) {
      return number(number);
    }
    if (value instanceof CharSequence
        || value instanceof UTF8Buffer
        || value instanceof Character
        || value instanceof UUID) {
      return text(value.toString());
    }
    if (value instanceof byte[] array) {
      return bytes(array);
    }
    if (value instanceof Date date) {
      return text(date.toInstant().toString());
    }
    if (depth > 0 && value instanceof Map<?, ?> map) {
      return map(map, depth - 1);
    }
    if (depth > 0 && value instanceof Collection<?> values) {
      return list(values, depth - 1);
    }
    throw new MessageFormatException(
        "a value of " + value.getClass().getName() + " cannot be converted to JSON");
  }

  private Map<String, Object> map(Map<?, ?> map, int depth)
      throws TooLarge, MessageFormatException {
    Map<String, Object> json = new LinkedHashMap<>();
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      json.put(text(String.valueOf(entry.getKey())), of(entry.getValue(), depth));
    }
    return json;
  }

  private List<Object> list(Collection<?> values, int depth)
      throws TooLarge, MessageFormatException {
    List<Object> json = new ArrayList<>();
    for (Object value : values) {
      json.add(of(value, depth));
    }
    return json;
  }

  private static Object number(Number number) {
    if (number instanceof Integer || number instanceof Short || number instanceof Byte) {
      return number;
    }
    if (number instanceof Long whole) {
      return whole > MAX_EXACT || whole < -MAX_EXACT ? whole.toString() : whole;
    }
    if (number instanceof Double || number instanceof Float) {
      return Double.isFinite(number.doubleValue()) ? number : number.toString();
    }
    // A number class of the provider, for example an unsigned number of AMQP.
    long whole = number.longValue();
    return String.valueOf(whole).equals(number.toString()) ? number(whole) : number.toString();
  }
}
