package io.longspan.web;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Fields of the sign-in form.
 *
 * @param user name of the user, not empty
 * @param password the password, may be empty
 */
record LoginForm(String user, String password) {
  /**
   * Parses a form body. A container's parser would also read the query, which many logs contain.
   * Some containers replace invalid UTF-8, so that two names would become one.
   *
   * @param body URL-encoded form
   * @return empty if a field is missing or repeated, or if the body is malformed
   */
  static Optional<LoginForm> read(byte[] body) {
    Map<String, String> fields = new HashMap<>();
    try {
      for (String field : new String(body, StandardCharsets.ISO_8859_1).split("&")) {
        int equals = field.indexOf('=');
        String name = decode(equals < 0 ? field : field.substring(0, equals));
        String value = equals < 0 ? "" : decode(field.substring(equals + 1));
        if (fields.put(name, value) != null) {
          return Optional.empty();
        }
      }
    } catch (CharacterCodingException | IllegalArgumentException malformed) {
      return Optional.empty();
    }
    String user = fields.getOrDefault("user", "");
    String password = fields.get("password");
    return user.isEmpty() || password == null
        ? Optional.empty()
        : Optional.of(new LoginForm(user, password));
  }

  /** Decodes percent escapes and plus signs strictly as UTF-8. */
  private static String decode(String text) throws CharacterCodingException {
    ByteBuffer bytes = ByteBuffer.allocate(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '%') {
        if (i + 2 >= text.length()) {
          throw new IllegalArgumentException("an escape is cut short");
        }
        bytes.put(
            (byte)
                (Character.digit(checked(text.charAt(i + 1)), 16) << 4
                    | Character.digit(checked(text.charAt(i + 2)), 16)));
        i += 2;
      } else {
        bytes.put((byte) (c == '+' ? ' ' : c));
      }
    }
    return StandardCharsets.UTF_8.newDecoder().decode(bytes.flip()).toString();
  }

  private static char checked(char digit) {
    if (digit > 'f' || Character.digit(digit, 16) < 0) {
      throw new IllegalArgumentException("an escape is malformed");
    }
    return digit;
  }

  /** Omits the password. */
  @Override
  public String toString() {
    return "LoginForm[user=" + user + "]";
  }
}
