package io.longspan.jms;

import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection generation: one JMS connection with its producer sessions, consumer sessions and
 * heartbeat. It is opened once and closed once. A reconnect creates another object.
 */
final class BrokerLink {
  /** Maximum time to wait for the end of each thread after the connection is closed. */
  static final Duration END_PATIENCE = Duration.ofSeconds(5);

  private static final Logger LOG = LoggerFactory.getLogger(BrokerLink.class);

  private static final int REPLY_SESSIONS = 4;
  private static final int TOPIC_SESSIONS = 4;
  private static final int DELIVERY_SESSIONS = 4;
  private static final int DURABLE_SESSIONS = 4;

  private final int generation;
  private final Connection connection;
  private final ProducerSessions senders;
  private final LargeMessageReaders largeMessages = new LargeMessageReaders();
  private final List<ConsumerSession> replies = new ArrayList<>();
  private final List<ConsumerSession> topics = new ArrayList<>();

  /** Empty if the provider cannot settle messages one by one. */
  private final List<DeliverySession> deliveries = new ArrayList<>();

  /** Sessions of durable subscriptions, which may take long to open. Empty if there are none. */
  private final List<DeliverySession> durables = new ArrayList<>();

  /** What the delivery sessions use; ended with the link. */
  private final List<OneByOne> oneByOnes = new ArrayList<>();

  private final DeadLetters deadLetters;
  private final AtomicInteger nextDeliverySession = new AtomicInteger();

  /**
   * The session of the bridge itself. Messages that flood clients do not delay the events about
   * their access rights.
   */
  private ConsumerSession bridge;

  private final AtomicInteger nextReplySession = new AtomicInteger();

  /** Null until {@link #open} has created it. */
  private Heartbeat heartbeat;

  private BrokerLink(
      int generation,
      Connection connection,
      JmsProvider provider,
      MessageCodec codec,
      ProducerSessions senders,
      String user,
      String password) {
    this.generation = generation;
    this.connection = connection;
    this.senders = senders;
    this.deadLetters = new DeadLetters(connection, provider);
    AtomicInteger slots = new AtomicInteger();
    provider
        .oneByOne()
        .ifPresent(
            one -> {
              oneByOnes.add(one);
              OneByOne durable = one;
              if (provider.bindsSubscriptionsToConnections()) {
                durable = new OwnConnections(provider, one, user, password);
                oneByOnes.add(durable);
              }
              for (int i = 0; i < DELIVERY_SESSIONS; i++) {
                deliveries.add(deliverySession(codec, provider, one, slots, String.valueOf(i)));
              }
              for (int i = 0; i < DURABLE_SESSIONS; i++) {
                durables.add(deliverySession(codec, provider, durable, slots, "durable-" + i));
              }
            });
  }

  private DeliverySession deliverySession(
      MessageCodec codec,
      JmsProvider provider,
      OneByOne oneByOne,
      AtomicInteger slots,
      String name) {
    return new DeliverySession(
        connection, codec, provider, oneByOne, largeMessages, deadLetters, slots, name);
  }

  /**
   * Connects to the broker and opens all sessions. Blocks until the broker has answered, or until
   * the provider gives up.
   *
   * @param generation the number of the connection generation
   * @param heartbeats where the connection sends heartbeats
   * @param codec converts messages in both directions
   * @param user the account; empty for none
   * @param onFault is called when this generation has failed; on any thread, possibly several times
   * @param closer closes the connection if an error occurs while it is opened
   * @throws JMSException if the broker is not reached or rejects the bridge
   */
  static BrokerLink open(
      int generation,
      JmsProvider provider,
      HeartbeatDestination heartbeats,
      MessageCodec codec,
      String user,
      String password,
      Consumer<Exception> onFault,
      LinkCloser closer)
      throws JMSException {
    ConnectionFactory factory = provider.connectionFactory();
    Connection connection = BrokerAccount.connect(factory, user, password);
    // The watch thread of the senders reads this clock every 100 ms, so it notices pauses of the
    // process.
    RunningTime runningTime = new RunningTime(System::nanoTime);
    BrokerLink link =
        new BrokerLink(
            generation,
            connection,
            provider,
            codec,
            new ProducerSessions(connection, provider, codec, runningTime, onFault),
            user,
            password);
    try {
      provider.listen(connection, onFault);
      link.senders.open();
      LargeMessageReaders readers = link.largeMessages;
      link.bridge = new ConsumerSession(connection, codec, provider, readers, "bridge");
      for (int i = 0; i < REPLY_SESSIONS; i++) {
        link.replies.add(new ConsumerSession(connection, codec, provider, readers, "replies-" + i));
      }
      for (int i = 0; i < TOPIC_SESSIONS; i++) {
        link.topics.add(new ConsumerSession(connection, codec, provider, readers, "topics-" + i));
      }
      link.heartbeat =
          new Heartbeat(connection, provider, heartbeats, generation, runningTime, onFault);
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

  ProducerSessions senders() {
    return senders;
  }

  /**
   * Returns the session for a new temporary destination: the bridge's own session for the empty
   * name, otherwise the next session in turn.
   */
  ConsumerSession replySession(String user) {
    if (user.isEmpty()) {
      return bridge;
    }
    return replies.get(Math.floorMod(nextReplySession.getAndIncrement(), replies.size()));
  }

  /**
   * Returns the session for a topic. A topic always has the same session, so its messages keep
   * their order across selectors. The empty user name is the bridge itself.
   */
  ConsumerSession topicSession(String user, String name) {
    if (user.isEmpty()) {
      return bridge;
    }
    return topics.get(Math.floorMod(name.hashCode(), topics.size()));
  }

  /** Returns the session of a new consumer whose messages are settled one by one, if possible. */
  Optional<DeliverySession> deliverySession() {
    return next(deliveries);
  }

  /** Returns the session of a durable subscription, if possible. */
  Optional<DeliverySession> durableSession() {
    return next(durables);
  }

  private Optional<DeliverySession> next(List<DeliverySession> sessions) {
    return sessions.isEmpty()
        ? Optional.empty()
        : Optional.of(
            sessions.get(Math.floorMod(nextDeliverySession.getAndIncrement(), sessions.size())));
  }

  private Stream<DeliverySession> deliverySessions() {
    return Stream.concat(deliveries.stream(), durables.stream());
  }

  /** Returns the session of a consumer that receives the answers to many clients. */
  ConsumerSession sharedReplySession() {
    return replies.get(0);
  }

  /** Returns whether a temporary destination was opened on this connection, and so still exists. */
  boolean owns(JmsTemporaryDestination temporary) {
    return temporary.session() == bridge || replies.contains(temporary.session());
  }

  /**
   * Returns a stage that completes when all messages that are queued now are settled: accepted or
   * failed.
   */
  CompletableFuture<Void> flushed() {
    return senders.flushed();
  }

  /**
   * Returns the milliseconds until this generation counts as lost if the broker stays silent; 0 if
   * it counts as lost already.
   */
  long millisLeft() {
    return heartbeat.millisLeft();
  }

  /**
   * Returns whether the broker accepts and delivers messages. A connection can be open although its
   * broker does not.
   */
  boolean isBeating() {
    return heartbeat.isBeating();
  }

  /**
   * Returns a stage that completes when the broker has delivered a message that the bridge sends to
   * itself; see {@link Heartbeat#roundTrip}.
   */
  CompletableFuture<Void> roundTrip() {
    return heartbeat.roundTrip();
  }

  /** Returns how far the broker's clock is ahead, in milliseconds; 0 if no difference is known. */
  long clockOffset() {
    return heartbeat.clockOffset();
  }

  /** Discards all messages that this generation delivers from now on; never blocks. */
  void mute() {
    consumers().forEach(ConsumerSession::mute);
    deliverySessions().forEach(DeliverySession::mute);
  }

  /** Returns the sessions opened so far; not all of them while the link is being opened. */
  private Stream<ConsumerSession> consumers() {
    return Stream.of(Stream.ofNullable(bridge), replies.stream(), topics.stream())
        .flatMap(sessions -> sessions);
  }

  /**
   * Fails all queued and in-flight messages, and all pending calls of the consumer sessions. Never
   * blocks. Idempotent.
   */
  void abandon() {
    if (heartbeat != null) {
      heartbeat.close();
    }
    senders.close();
    consumers().forEach(ConsumerSession::close);
    deliverySessions().forEach(DeliverySession::close);
    deadLetters.close();
    oneByOnes.forEach(OneByOne::close);
    largeMessages.close();
  }

  /**
   * Closes the connection and waits for its threads. Blocks as long as the provider does, and then
   * up to {@link #END_PATIENCE} for each thread.
   */
  void close() {
    abandon();
    try {
      connection.close();
    } catch (JMSException | RuntimeException x) {
      LOG.debug("a failed connection could not be closed", x);
    }
    senders.awaitEnd();
    consumers().forEach(ConsumerSession::awaitEnd);
    deliverySessions().forEach(DeliverySession::awaitEnd);
    deadLetters.awaitEnd(END_PATIENCE);
    oneByOnes.forEach(one -> one.awaitEnd(END_PATIENCE));
    largeMessages.awaitEnd(END_PATIENCE);
    if (heartbeat != null) {
      heartbeat.awaitEnd();
    }
  }
}
