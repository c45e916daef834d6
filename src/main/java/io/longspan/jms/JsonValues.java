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
 * Turns the values of one JMS message into JSON values of the same shape, as long as they fit into
 * what a client can take. Providers allow more than JMS does: maps and lists within maps, numbers
 * and texts of classes of their own.
 *
 * <p>Not thread-safe.
 */
final class JsonValues {
  /** The largest whole number that JSON's readers keep exactly. */
  private static final long MAX_EXACT = 1L << 53;

  /** How deep maps and lists may nest. */
  private static final int MAX_DEPTH = 100;

  /** The message has more bytes than any client can take. */
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
   * @param maxBytes the most bytes of its JSON
   */
  JsonValues(long maxBytes) {
    this.bytesLeft = maxBytes;
  }

  /** Counts a text or a number; its JSON has a byte for each character at least. */
  private void take(long bytes) throws TooLarge {
    bytesLeft -= bytes;
    if (bytesLeft < 0) {
      throw new TooLarge();
    }
  }

  /** Returns a text; null for null. */
  String text(String value) throws TooLarge {
    if (value != null) {
      take(value.length());
    }
    return value;
  }

  /**
   * Refuses bytes that would not fit, before they are read.
   *
   * @param length how many bytes there are
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
   * Returns a JSON value of the same shape.
   *
   * @throws MessageFormatException for what has none: no value becomes Java's {@code toString()}
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
    throw new MessageFormatException("a value of " + value.getClass().getName() + " has no JSON");
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
    // A provider's own class, such as AMQP's unsigned numbers.
    long whole = number.longValue();
    return String.valueOf(whole).equals(number.toString()) ? number(whole) : number.toString();
  }
}
