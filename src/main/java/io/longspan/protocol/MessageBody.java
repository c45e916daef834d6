package io.longspan.protocol;

import java.nio.charset.StandardCharsets;

/** The body of a message that the bridge sends into JMS. */
public sealed interface MessageBody {

  /**
   * Returns what the property {@code bodyFormat} says: {@code text}, {@code json} or {@code
   * base64}.
   */
  String format();

  /** Returns the body's size in bytes, as UTF-8 where it is text. */
  long size();

  /**
   * The body of a {@code TextMessage}.
   *
   * @param text the text; null for a message without one
   * @param format {@code text} or {@code json}
   */
  record Text(String text, String format) implements MessageBody {
    @Override
    public long size() {
      return text == null ? 0 : text.getBytes(StandardCharsets.UTF_8).length;
    }
  }

  /** The body of a {@code BytesMessage}; the array is not copied and not changed. */
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
