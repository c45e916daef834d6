package io.longspan.protocol;

import java.nio.charset.StandardCharsets;

/** The body of a message that the bridge sends into JMS (protocol section 3). */
public sealed interface MessageBody {

  /**
   * Returns the value of the JMS property {@code bodyFormat}: {@code text}, {@code json} or {@code
   * base64}.
   */
  String format();

  /** Returns the size in bytes; a text counts in UTF-8. */
  long size();

  /**
   * The body of a {@code TextMessage}.
   *
   * @param text the text; null for a message without a body
   * @param format {@code text} or {@code json}
   */
  record Text(String text, String format) implements MessageBody {
    @Override
    public long size() {
      return text == null ? 0 : text.getBytes(StandardCharsets.UTF_8).length;
    }
  }

  /** The body of a {@code BytesMessage}. The array is not copied; nobody may change it. */
  record Bytes(byte[] bytes) implements MessageBody {
    @Override
    public String format() {
      return "base64";
    }

    @Override
    public long size() {
      return bytes.length;
    }
  }
}
