package io.longspan.protocol;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** Names a client's private channel, {@code <root>/user/<user>/<clientId>} (protocol section 1). */
public final class UserChannel {
  private static final String PLAIN = "-_!()$@.";
  private static final HexFormat HEX = HexFormat.of().withUpperCase();

  private UserChannel() {}

  /**
   * Returns the channel of one session.
   *
   * @param root the channel root, for example {@code /anzo}
   * @param user the name of the authenticated user, any Unicode text
   * @param clientId the Bayeux client id
   */
  public static String of(String root, String user, String clientId) {
    return root + "/user/" + encode(user) + "/" + clientId;
  }

  /**
   * Encodes a user name as one channel segment. Each UTF-8 byte outside the segment's alphabet is
   * written as {@code ~HH}, and so is {@code ~} itself.
   *
   * <p>Two names never have the same encoding. An unpaired surrogate has no UTF-8, so it is written
   * as the three bytes that UTF-8 does not use.
   */
  public static String encode(String user) {
    return isPlain(user) ? user : encodeBytes(user);
  }

  private static boolean isPlain(String user) {
    for (int i = 0; i < user.length(); i++) {
      if (!isPlain(user.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  private static String encodeBytes(String user) {
    StringBuilder segment = new StringBuilder(user.length() + 8);
    user.codePoints()
        .forEach(
            codePoint -> {
              if (codePoint < 0x80 && isPlain((char) codePoint)) {
                segment.append((char) codePoint);
              } else {
                for (byte b : utf8(codePoint)) {
                  segment.append('~').append(HEX.toHexDigits(b));
                }
              }
            });
    return segment.toString();
  }

  private static byte[] utf8(int codePoint) {
    if (codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE) {
      return new byte[] {
        (byte) (0xE0 | codePoint >> 12),
        (byte) (0x80 | codePoint >> 6 & 0x3F),
        (byte) (0x80 | codePoint & 0x3F)
      };
    }
    return Character.toString(codePoint).getBytes(StandardCharsets.UTF_8);
  }

  private static boolean isPlain(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || PLAIN.indexOf(c) >= 0;
  }
}
