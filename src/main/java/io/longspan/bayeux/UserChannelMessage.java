package io.longspan.bayeux;

import io.longspan.bridge.ClientOutbox;
import io.longspan.protocol.Payload;
import java.nio.charset.StandardCharsets;
import org.cometd.server.ServerMessageImpl;

/**
 * A message on a user channel whose JSON is spliced from what all receivers share and what only
 * this one has: the channel and the number. No JSON encoder runs.
 */
final class UserChannelMessage extends ServerMessageImpl {
  private static final long serialVersionUID = 1L;

  private final String channel;
  private final String beforeSeq;
  private final transient Payload payload;
  private final transient ClientOutbox.Recall recall;
  private long seq;

  UserChannelMessage(
      String channel, String beforeSeq, Payload payload, ClientOutbox.Recall recall) {
    this.channel = channel;
    this.beforeSeq = beforeSeq;
    this.payload = payload;
    this.recall = recall;
  }

  /** Returns whether it must not reach the client any more. */
  boolean isRecalled() {
    return recall.isRecalled();
  }

  /** Sets the number; called once, when the message is queued. */
  void number(long next) {
    seq = next;
  }

  int payloadSize() {
    return payload.size();
  }

  @Override
  public String getChannel() {
    return channel;
  }

  @Override
  protected boolean isFrozen() {
    return true;
  }

  @Override
  public String getJSON() {
    return new StringBuilder(beforeSeq.length() + 24 + payload.members().length())
        .append(beforeSeq)
        .append(seq)
        .append(',')
        .append(payload.members())
        .append("}}")
        .toString();
  }

  @Override
  public byte[] getJSONBytes() {
    return getJSON().getBytes(StandardCharsets.UTF_8);
  }

  /** Two messages are never equal, whatever they say. */
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
    return "UserChannelMessage[seq=%d,size=%d]".formatted(seq, payloadSize());
  }
}
