package io.longspan.bayeux;

import io.longspan.bridge.Outgoing;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.AbstractMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.cometd.bayeux.ChannelId;
import org.cometd.bayeux.server.BayeuxContext;
import org.cometd.bayeux.server.ServerMessage;
import org.cometd.bayeux.server.ServerTransport;

/**
 * The messages on a user channel that were taken for one write to a WebSocket. CometD handles them
 * as one message without members: a placeholder stands for their JSON until {@link FrameText}
 * assembles it.
 */
final class ClientMessages extends AbstractMap<String, Object> implements ServerMessage {
  /** The JSON after the members of a message. */
  static final String END = "}}";

  private static final int MAX_SEQ_DIGITS = 19;

  private final String channel;
  private final String beforeSeq;
  private final List<Outgoing> messages;
  private final WebSocketReplies writer;

  /**
   * Creates the messages of one write.
   *
   * @param beforeSeq the JSON before the {@code seq} of each message; ASCII
   * @param messages never empty; must not be changed any more
   * @param writer the WebSocket that the messages were taken for
   */
  ClientMessages(
      String channel, String beforeSeq, List<Outgoing> messages, WebSocketReplies writer) {
    this.channel = channel;
    this.beforeSeq = beforeSeq;
    this.messages = messages;
    this.writer = writer;
  }

  /** Returns the WebSocket that the messages were taken for. */
  WebSocketReplies writer() {
    return writer;
  }

  @Override
  public String getChannel() {
    return channel;
  }

  /** Returns the JSON between the {@code seq} of a message and its members. */
  static String afterSeq(Outgoing message) {
    return message.payload().isKept() ? ",\"kept\":true," : ",";
  }

  /** Returns the maximum length of the JSON in UTF-8, in bytes. */
  int maxBytes() {
    int bytes = 0;
    for (int i = 0; i < messages.size(); i++) {
      Outgoing message = messages.get(i);
      bytes += beforeSeq.length() + MAX_SEQ_DIGITS + afterSeq(message).length();
      bytes += message.payload().size() + END.length() + 1;
    }
    return bytes;
  }

  /** Appends the JSON objects of the messages, with commas between them. */
  void appendTo(StringBuilder text) {
    for (int i = 0; i < messages.size(); i++) {
      Outgoing message = messages.get(i);
      text.append(i == 0 ? "" : ",").append(beforeSeq).append(message.seq());
      text.append(afterSeq(message)).append(message.payload().members()).append(END);
    }
  }

  /**
   * Encodes the JSON objects of the messages in UTF-8, with commas between them.
   *
   * @param to a buffer with an array, and with room for {@link #maxBytes}
   */
  void encode(ByteBuffer to) {
    for (int i = 0; i < messages.size(); i++) {
      Outgoing message = messages.get(i);
      putAscii(i == 0 ? "" : ",", to);
      putAscii(beforeSeq, to);
      putNumber(message.seq(), to);
      putAscii(afterSeq(message), to);
      String members = message.payload().members();
      if (message.payload().isAscii()) {
        putAscii(members, to);
      } else {
        to.put(members.getBytes(StandardCharsets.UTF_8));
      }
      putAscii(END, to);
    }
  }

  /** Writes a number that is not negative. */
  private static void putNumber(long number, ByteBuffer to) {
    long power = 1;
    while (number / power >= 10) {
      power *= 10;
    }
    for (; power > 0; power /= 10) {
      to.put((byte) ('0' + number / power % 10));
    }
  }

  /** Copies the low byte of each character, without an array in between. */
  @SuppressWarnings("deprecation") // only wrong for other characters than ASCII
  private static void putAscii(String text, ByteBuffer to) {
    text.getBytes(0, text.length(), to.array(), to.arrayOffset() + to.position());
    to.position(to.position() + text.length());
  }

  @Override
  public Set<Map.Entry<String, Object>> entrySet() {
    return Set.of();
  }

  @Override
  public Mutable getAssociated() {
    return null;
  }

  @Override
  public boolean isLazy() {
    return false;
  }

  @Override
  public BayeuxContext getBayeuxContext() {
    return null;
  }

  @Override
  public ServerTransport getServerTransport() {
    return null;
  }

  @Override
  public Map<String, Object> getAdvice() {
    return null;
  }

  @Override
  public ChannelId getChannelId() {
    return new ChannelId(channel);
  }

  @Override
  public String getClientId() {
    return null;
  }

  @Override
  public Object getData() {
    return null;
  }

  @Override
  public boolean isMeta() {
    return false;
  }

  @Override
  public boolean isPublishReply() {
    return false;
  }

  @Override
  public boolean isSuccessful() {
    return false;
  }

  @Override
  public Map<String, Object> getDataAsMap() {
    return null;
  }

  @Override
  public Map<String, Object> getExt() {
    return null;
  }

  @Override
  public String getId() {
    return null;
  }

  /** Compares by identity: messages with the same content are different messages. */
  @Override
  public boolean equals(Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(this);
  }

  @Override
  public String toString() {
    return "ClientMessages[first=%d,messages=%d]".formatted(messages.get(0).seq(), messages.size());
  }
}
