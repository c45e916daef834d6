package io.longspan.bayeux;

import io.longspan.bridge.Outgoing;
import java.nio.charset.StandardCharsets;
import org.cometd.server.ServerMessageImpl;

/**
 * A message on a user channel. Its JSON is assembled from the payload that all receivers share, and
 * from the receiver's own channel and {@code seq}. No JSON encoder runs.
 */
final class UserChannelMessage extends ServerMessageImpl {
  private static final long serialVersionUID = 1L;

  private final String channel;
  private final String beforeSeq;
  private final transient Outgoing message;

  UserChannelMessage(String channel, String beforeSeq, Outgoing message) {
    this.channel = channel;
    this.beforeSeq = beforeSeq;
    this.message = message;
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
    return beforeSeq
        + message.seq()
        + ClientMessages.afterSeq(message)
        + message.payload().members()
        + ClientMessages.END;
  }

  @Override
  public byte[] getJSONBytes() {
    return getJSON().getBytes(StandardCharsets.UTF_8);
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
    return "UserChannelMessage[seq=%d,size=%d]".formatted(message.seq(), message.payload().size());
  }
}
