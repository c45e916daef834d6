package io.longspan.verifier;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;

/** Canonical bytes of message properties for a signature, by version of the format. */
final class CanonicalProperties {
  /** Properties that providers add on the way. No client can set them, so they are not signed. */
  private static final Pattern PROVIDERS_OWN =
      Pattern.compile("(?:jms|_*amq|cameljms).*", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

  private CanonicalProperties() {}

  /**
   * Encodes version 2. Different sets of properties never have the same bytes, because names and
   * values have lengths, and values have types.
   *
   * @throws IllegalArgumentException if no bridge can have signed these properties
   */
  static byte[] version2(Map<String, ?> properties) {
    Map<byte[], Object> sorted = new TreeMap<>(Arrays::compareUnsigned);
    forEachSigned(properties, (name, value) -> sorted.put(utf8(name), value));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(utf8("2;"));
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

  /**
   * Encodes version 1 of earlier bridges. It is ambiguous: a name may contain the text of another
   * property, and {@code 5} equals {@code "5"}.
   */
  static byte[] version1(Map<String, ?> properties) {
    StringBuilder text = new StringBuilder();
    forEachSigned(
        new TreeMap<>(properties),
        (name, property) -> {
          String value = String.valueOf(property);
          text.append(name).append('=').append(value.length()).append(':').append(value);
        });
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static void forEachSigned(Map<String, ?> properties, BiConsumer<String, Object> action) {
    properties.forEach(
        (name, value) -> {
          if (!PROVIDERS_OWN.matcher(name).matches() && !name.equals("bridgeSignature")) {
            action.accept(name, value);
          }
        });
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

  private static String text(Object value) {
    return value instanceof Double number
        ? HexFormat.of().toHexDigits(Double.doubleToLongBits(number))
        : String.valueOf(value);
  }

  /** Rejects an unpaired surrogate, because Java would encode it as a question mark. */
  private static byte[] utf8(String text) {
    try {
      ByteBuffer bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
      return Arrays.copyOf(bytes.array(), bytes.limit());
    } catch (CharacterCodingException x) {
      throw new IllegalArgumentException("a property contains an unpaired surrogate", x);
    }
  }
}
