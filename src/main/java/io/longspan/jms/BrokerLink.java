package io.longspan.jms;

import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One generation of the connection to the broker, with its lanes. It is opened once and closed
 * once; a later generation is another object.
 */
final class BrokerLink {
  /** How long to wait for the end of each thread, once the connection is closed. */
  static final Duration END_PATIENCE = Duration.ofSeconds(5);

  private static final Logger LOG = LoggerFactory.getLogger(BrokerLink.class);

  private static final int REPLY_LANES = 4;
  private static final int TOPIC_LANES = 4;

  private final int generation;
  private final Connection connection;
  private final SenderPool senders;
  private final List<ConsumerLane> replies = new ArrayList<>();
  private final List<ConsumerLane> topics = new ArrayList<>();

  /** The bridge's own: what floods clients does not delay what their rights depend on. */
  private ConsumerLane bridge;

  private final AtomicInteger nextReplyLane = new AtomicInteger();

  /** Null while the link is opened. */
  private Heartbeat heartbeat;

  private BrokerLink(int generation, Connection connection, SenderPool senders) {
    this.generation = generation;
    this.connection = connection;
    this.senders = senders;
  }

  /**
   * Connects; blocks until the broker has answered or refused, or the provider has given up.
   *
   * @param codec reads what comes and writes what goes
   * @param onFault hears that this generation is dead, on any thread, possibly several times
   * @param closer closes a connection that was opened by half
   */
  static BrokerLink open(
      int generation,
      JmsProvider provider,
      MessageCodec codec,
      String user,
      String password,
      Consumer<Exception> onFault,
      LinkCloser closer)
      throws JMSException {
    ConnectionFactory factory = provider.connectionFactory();
    Connection connection =
        user.isEmpty() ? factory.createConnection() : factory.createConnection(user, password);
    // The watch of the senders asks it all the time.
    RunningTime runningTime = new RunningTime(System::nanoTime);
    BrokerLink link =
        new BrokerLink(
            generation,
            connection,
            new SenderPool(connection, provider, codec, runningTime, onFault));
    try {
      provider.listen(connection, onFault);
      link.senders.open();
      link.bridge = new ConsumerLane(connection, codec, provider, "bridge");
      for (int i = 0; i < REPLY_LANES; i++) {
        link.replies.add(new ConsumerLane(connection, codec, provider, "replies-" + i));
      }
      for (int i = 0; i < TOPIC_LANES; i++) {
        link.topics.add(new ConsumerLane(connection, codec, provider, "topics-" + i));
      }
      link.heartbeat = new Heartbeat(connection, generation, runningTime);
      connection.start();
      link.heartbeat.start();
      return link;
    } catch (JMSException | RuntimeException | Error x) {
      closer.close(link);
      throw x;
    }
  }

  int generation() {
    return generation;
  }

  SenderPool senders() {
    return senders;
  }

  /** Returns the lane of a new temporary topic; the bridge itself has the empty name. */
  ConsumerLane replyLane(String user) {
    if (user.isEmpty()) {
      return bridge;
    }
    return replies.get(Math.floorMod(nextReplyLane.getAndIncrement(), replies.size()));
  }

  /** One topic always has the same lane, so its messages stay in order across selectors. */
  ConsumerLane topicLane(String user, String name) {
    if (user.isEmpty()) {
      return bridge;
    }
    return topics.get(Math.floorMod(name.hashCode(), topics.size()));
  }

  /** Returns whether a temporary topic was opened on this connection, and so still exists. */
  boolean owns(JmsReplyEndpoint endpoint) {
    return endpoint.lane() == bridge || replies.contains(endpoint.lane());
  }

  /** Returns a stage that completes when all that waits for the broker now has been sent. */
  CompletableFuture<Void> flushed() {
    return senders.flushed();
  }

  /**
   * Returns after how many milliseconds without a sign of life this generation is lost; 0: it is.
   */
  long millisLeft() {
    return heartbeat.millisLeft();
  }

  /** Returns whether the broker takes and gives messages; a living connection may not. */
  boolean isBeating() {
    return heartbeat.isBeating();
  }

  /**
   * Returns how far the broker's clock is ahead, in milliseconds; 0 where it is not known to be.
   */
  long clockOffset() {
    return heartbeat.clockOffset();
  }

  /** From now on no message of this generation reaches anybody; never blocks. */
  void mute() {
    consumers().forEach(ConsumerLane::mute);
  }

  /** Fewer than all while the link is opened. */
  private Stream<ConsumerLane> consumers() {
    return Stream.of(Stream.ofNullable(bridge), replies.stream(), topics.stream())
        .flatMap(lanes -> lanes);
  }

  /** Fails what waits for the broker and what is on its way; never blocks. Idempotent. */
  void abandon() {
    if (heartbeat != null) {
      heartbeat.close();
    }
    senders.close();
    consumers().forEach(ConsumerLane::close);
  }

  /** Closes the connection; blocks for as long as the provider does. */
  void close() {
    abandon();
    try {
      connection.close();
    } catch (JMSException | RuntimeException x) {
      LOG.debug("closing a connection that has failed", x);
    }
    senders.awaitEnd();
    consumers().forEach(ConsumerLane::awaitEnd);
    if (heartbeat != null) {
      heartbeat.awaitEnd();
    }
  }
}
