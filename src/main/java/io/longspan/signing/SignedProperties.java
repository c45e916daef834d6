package io.longspan.signing;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Canonical bytes of message properties for {@code bridgeSignature}.
 *
 * <p>Each name has its length, each value its type and length. So different sets of properties
 * never have the same bytes. {@code docs/verifiable-identity.md} describes the format. The verifier
 * has its own implementation, because its jar stands alone; the same golden messages test both.
 */
final class SignedProperties {
  /** Version of the format: its first field, and a claim of the signature. */
  static final int VERSION = 2;

  /** Names that a client cannot set; a JMS provider may add such properties on the way. */
  private static final Pattern PROVIDERS_OWN =
      Pattern.compile("(?:jms|_*amq|cameljms).*", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

  private SignedProperties() {}

  /**
   * Encodes properties.
   *
   * @param properties strings, booleans and numbers by name
   * @return the canonical bytes
   * @throws IllegalArgumentException if a value has another type, or a text contains an unpaired
   *     surrogate, which has no UTF-8 encoding
   */
  static byte[] canonical(Map<String, ?> properties) {
    Map<byte[], Object> sorted = new TreeMap<>(Arrays::compareUnsigned);
    properties.forEach(
        (name, value) -> {
          if (!PROVIDERS_OWN.matcher(name).matches()) {
            sorted.put(utf8(name), value);
          }
        });
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(utf8(VERSION + ";"));
    sorted.forEach(
        (name, value) -> {
          byte[] text = utf8(text(value));
          bytes.writeBytes(utf8(name.length + ":"));
          bytes.writeBytes(name);
          bytes.writeBytes(utf8("=" + type(value) + ":" + text.length + ":"));
          bytes.writeBytes(text);
          bytes.write(';');
        });
    return bytes.toByteArray();
  }

  private static String type(Object value) {
    if (value instanceof String) {
      return "string";
    }
    if (value instanceof Boolean) {
      return "boolean";
    }
    if (value instanceof Integer) {
      return "int";
    }
    if (value instanceof Long) {
      return "long";
    }
    if (value instanceof Double) {
      return "double";
    }
    throw new IllegalArgumentException("a property has a type that cannot be signed");
  }

  /** Encodes floating-point numbers as bits, because JDK releases print different digits. */
  private static String text(Object value) {
    return value instanceof Double number
        ? HexFormat.of().toHexDigits(Double.doubleToLongBits(number))
        : String.valueOf(value);
  }

  private static byte[] utf8(String text) {
    try {
      ByteBuffer bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
      return Arrays.copyOf(bytes.array(), bytes.limit());
    } catch (CharacterCodingException x) {
      throw new IllegalArgumentException("a property contains an unpaired surrogate", x);
    }
  }
}
