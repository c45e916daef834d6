package io.longspan.bayeux;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The text of one WebSocket message: a JSON array. The client's messages are not copied into it
 * until it is written, because each copy would cost more than all else that a delivery allocates.
 *
 * <p>Immutable.
 */
public final class FrameText {
  /** Stands for the client's messages. JSON contains this character only escaped. */
  static final char PLACEHOLDER = 0;

  /** The maximum length of a {@code char} in UTF-8, in bytes. */
  private static final int MAX_BYTES = 3;

  private final String frame;
  private final ClientMessages messages;
  private final int at;

  private FrameText(String frame, ClientMessages messages, int at) {
    this.frame = frame;
    this.messages = messages;
    this.at = at;
  }

  /** Returns a text without placeholder. */
  static FrameText of(String json) {
    return new FrameText(json, null, -1);
  }

  /**
   * Returns a text with messages in the place of the placeholder.
   *
   * @param frame a JSON array with one {@link #PLACEHOLDER}
   * @throws IllegalStateException if there is not exactly one
   */
  static FrameText of(String frame, ClientMessages messages) {
    int at = frame.indexOf(PLACEHOLDER);
    if (at < 0 || frame.indexOf(PLACEHOLDER, at + 1) >= 0) {
      throw new IllegalStateException("one place is needed for the messages of a client");
    }
    return new FrameText(frame, messages, at);
  }

  /** Returns the maximum number of characters. */
  int chars() {
    return frame.length() + (messages == null ? 0 : messages.maxBytes());
  }

  /** Returns the maximum length of the text in UTF-8, in bytes. */
  public int maxBytes() {
    return MAX_BYTES * frame.length() + (messages == null ? 0 : messages.maxBytes());
  }

  /**
   * Encodes the text in UTF-8.
   *
   * @param to a buffer with an array, and with room for {@link #maxBytes}
   */
  public void encode(ByteBuffer to) {
    if (messages == null) {
      put(0, frame.length(), to);
    } else {
      put(0, at, to);
      messages.encode(to);
      put(at + 1, frame.length(), to);
    }
  }

  private void put(int from, int end, ByteBuffer to) {
    if (end - from == 1 && frame.charAt(from) < 0x80) {
      to.put((byte) frame.charAt(from));
    } else {
      to.put(frame.substring(from, end).getBytes(StandardCharsets.UTF_8));
    }
  }

  /** Returns the text, assembled by each call. */
  @Override
  public String toString() {
    if (messages == null) {
      return frame;
    }
    StringBuilder text = new StringBuilder(chars());
    text.append(frame, 0, at);
    messages.appendTo(text);
    return text.append(frame, at + 1, frame.length()).toString();
  }
}
