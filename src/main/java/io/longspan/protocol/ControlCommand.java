package io.longspan.protocol;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A message on the control channel, decoded and validated (protocol section 2). */
public sealed interface ControlCommand {

  /** Estimated heap of a command without its texts, in bytes. */
  long HEAP_BYTES = 512;

  /**
   * Estimated heap of each text without its characters, with the state that handling it needs, in
   * bytes.
   */
  long HEAP_BYTES_PER_TEXT = 256;

  /** Returns the correlation id, which the answer repeats. */
  String correlationId();

  /** Returns the estimated heap of the command while it waits, in bytes. */
  default long heapBytes() {
    return HEAP_BYTES;
  }

  private static long heapBytes(List<String> texts) {
    return HEAP_BYTES
        + texts.stream().mapToLong(text -> HEAP_BYTES_PER_TEXT + 2L * text.length()).sum();
  }

  /**
   * Opens the client's temporary topic, or resumes a suspended session.
   *
   * @param resume the session to resume, if the client asks for it
   */
  record Connect(String correlationId, Optional<Resume> resume) implements ControlCommand {}

  /**
   * A client's claim to an earlier session (protocol section 6).
   *
   * @param token the {@code resumeToken} of that session
   * @param seq the {@code seq} of the last message that the client has received; 0 if none
   */
  record Resume(String token, long seq) {
    /** Omits the token, which is a secret. */
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
   * @param topics the names from the client; not parsed yet, because each topic fails on its own
   * @param selector a JMS selector, if the client sent one that is not blank
   * @param resumeFrom by topic, the {@code JMSMessageID} after which the client wants to resume
   * @param last how many retained messages of each topic come first; 0 for none
   * @param presence whether the client wants to be told who joins and leaves
   * @param durable the client's name of the durable subscription, if it wants one
   * @param withConnect whether it came with a {@code connect}, whose correlation id it shares
   */
  record TopicSubscribe(
      String correlationId,
      List<String> topics,
      Optional<String> selector,
      Map<String, String> resumeFrom,
      int last,
      boolean presence,
      Optional<String> durable,
      boolean withConnect)
      implements ControlCommand {
    /** Creates a command of its own. */
    public TopicSubscribe(
        String correlationId,
        List<String> topics,
        Optional<String> selector,
        Map<String, String> resumeFrom) {
      this(correlationId, topics, selector, resumeFrom, 0, false, Optional.empty(), false);
    }

    /** Returns the answer in the form that the client can recognise. */
    public Notice answer(Notice answer) {
      return withConnect ? new Notice.Typed("topicSubscribe", answer) : answer;
    }

    @Override
    public long heapBytes() {
      return ControlCommand.heapBytes(topics)
          + ControlCommand.heapBytes(List.copyOf(resumeFrom.values()));
    }
  }

  /**
   * What a handshake asks for (protocol section 12).
   *
   * @param subscribe the topics to subscribe to once the client is connected
   */
  record WithHandshake(Connect connect, Optional<TopicSubscribe> subscribe) {}

  /**
   * Asks for retained messages of a topic (protocol section 17).
   *
   * @param topic the name from the client
   * @param limit the maximum number of messages, at least 1
   * @param before the {@code JMSMessageID} of the first message that is too new
   * @param after the {@code JMSMessageID} of the last message that is too old. At most one of the
   *     two is given
   */
  record History(
      String correlationId,
      String topic,
      int limit,
      Optional<String> before,
      Optional<String> after)
      implements ControlCommand {}

  /** Asks who is subscribed to topics (protocol section 18). */
  record Presence(String correlationId, List<String> topics) implements ControlCommand {
    @Override
    public long heapBytes() {
      return ControlCommand.heapBytes(topics);
    }
  }

  /** Asks what the user may use (protocol section 18). */
  record Describe(String correlationId) implements ControlCommand {}

  /**
   * Consumes a queue (protocol section 15).
   *
   * @param queue the name from the client
   * @param prefetch the maximum number of messages that are not settled, 1 to 100
   * @param selector a JMS selector, if the client sent one that is not blank
   */
  record QueueSubscribe(String correlationId, String queue, int prefetch, Optional<String> selector)
      implements ControlCommand {}

  /** Ends the consumption of a queue (protocol section 15). */
  record QueueUnsubscribe(String correlationId, String queue) implements ControlCommand {}

  /** Settles messages by their handles (protocol section 15). */
  sealed interface Settle extends ControlCommand {
    /** Returns the handles, as the client sent them. */
    List<String> deliveries();

    @Override
    default long heapBytes() {
      return ControlCommand.heapBytes(deliveries());
    }
  }

  /** Acknowledges messages. */
  record Ack(String correlationId, List<String> deliveries) implements Settle {}

  /**
   * Gives messages back.
   *
   * @param delay in milliseconds; 0 for none
   */
  record Release(String correlationId, List<String> deliveries, long delay) implements Settle {}

  /** Moves messages to a dead letter queue. */
  record Reject(String correlationId, List<String> deliveries, Optional<String> reason)
      implements Settle {}

  /**
   * Unsubscribes from topics.
   *
   * @param forget the client's name of the durable subscriptions to delete; empty to delete none
   */
  record TopicUnsubscribe(String correlationId, List<String> topics, Optional<String> forget)
      implements ControlCommand {
    /** Creates a command that deletes nothing. */
    public TopicUnsubscribe(String correlationId, List<String> topics) {
      this(correlationId, topics, Optional.empty());
    }

    @Override
    public long heapBytes() {
      return ControlCommand.heapBytes(topics);
    }
  }
}
