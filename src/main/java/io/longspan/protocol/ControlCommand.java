package io.longspan.protocol;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A message on the control channel, decoded and checked (protocol section 2). */
public sealed interface ControlCommand {

  /** What one takes apart from the texts that it lists, in bytes of heap. */
  long HEAP_BYTES = 512;

  /** What each text takes, with what is found out about it, in bytes of heap. */
  long HEAP_BYTES_PER_TEXT = 256;

  /** Returns what comes back in the answer. */
  String correlationId();

  /** Returns about how many bytes of heap it takes while it waits. */
  default long heapBytes() {
    return HEAP_BYTES;
  }

  private static long heapBytes(List<String> texts) {
    return HEAP_BYTES
        + texts.stream().mapToLong(text -> HEAP_BYTES_PER_TEXT + 2L * text.length()).sum();
  }

  /**
   * Opens the client's temporary topic, or takes a session over that was lost.
   *
   * @param resume the session to take over, if the client asks for one
   */
  record Connect(String correlationId, Optional<Resume> resume) implements ControlCommand {}

  /**
   * What a client knows of a session that was lost (protocol section 6).
   *
   * @param token the {@code resumeToken} that it was given
   * @param seq the number of the last message that it has got; 0: none
   */
  record Resume(String token, long seq) {
    /** Without the token, which is a secret. */
    @Override
    public String toString() {
      return "Resume[seq=" + seq + "]";
    }
  }

  /** Closes the client's temporary topic and its subscriptions. */
  record Disconnect(String correlationId) implements ControlCommand {}

  /**
   * Subscribes to topics.
   *
   * @param topics what the client named; not yet parsed, because each topic fails on its own
   * @param selector a JMS selector, if the client gave one
   * @param resumeFrom by topic, the {@code JMSMessageID} after which to go on
   */
  record TopicSubscribe(
      String correlationId,
      List<String> topics,
      Optional<String> selector,
      Map<String, String> resumeFrom)
      implements ControlCommand {
    @Override
    public long heapBytes() {
      return ControlCommand.heapBytes(topics)
          + ControlCommand.heapBytes(List.copyOf(resumeFrom.values()));
    }
  }

  /** Ends subscriptions to topics. */
  record TopicUnsubscribe(String correlationId, List<String> topics) implements ControlCommand {
    @Override
    public long heapBytes() {
      return ControlCommand.heapBytes(topics);
    }
  }
}
