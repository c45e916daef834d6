package io.longspan.bridge;

import io.longspan.bridge.MessageBroker.ReplyDestination;
import io.longspan.budget.MemoryBudget;
import io.longspan.catalogue.SendPolicy.ByMessageId;
import io.longspan.catalogue.SendPolicy.ByProperty;
import io.longspan.catalogue.SendPolicy.Correlation;
import io.longspan.protocol.BrokerMessage;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The reply destination of the mode {@code queue} (protocol section 14): one queue for the answers
 * to all clients of a bridge. Each request is sent with a correlation id that nobody can guess. An
 * answer reaches a client only with the id of a request that this client has in flight, or had
 * lately.
 *
 * <p>Called on any thread; never blocks.
 */
final class ReplyQueue {
  private static final Logger LOG = LoggerFactory.getLogger(ReplyQueue.class);

  /** Receives the answers to requests of clients, on a JMS delivery thread; must not block. */
  interface Answers {
    /**
     * Receives an answer to a request in flight.
     *
     * @param request the correlation id of the client's request
     */
    void answer(ConnectedClient client, String request, BrokerMessage message);

    /**
     * Receives an answer to a request that has ended lately.
     *
     * @param request the correlation id of the client's request
     */
    void answerAfterTheLast(ConnectedClient client, String request, BrokerMessage message);
  }

  private final Answers answers;
  private final Reopenings reopenings;
  private final BridgeMetrics metrics;
  private final SharedReplyConsumer consumer;
  private final ReplyDestination destination;
  private final EarlyAnswers early;

  /** The clients by what answers can name: correlation ids as sent, and message ids. */
  private final ConcurrentMap<String, ConnectedClient> clients = new ConcurrentHashMap<>();

  /** The properties by which requests were matched so far. The catalogue bounds their number. */
  private final Set<String> properties = ConcurrentHashMap.newKeySet();

  /**
   * Creates a queue that is not consumed yet.
   *
   * @param memory charged for answers that wait for the message id of their request
   */
  ReplyQueue(
      ReplyNames names,
      MessageBroker broker,
      MemoryBudget memory,
      Answers answers,
      Reopenings reopenings,
      BridgeMetrics metrics) {
    this.answers = answers;
    this.reopenings = reopenings;
    this.metrics = metrics;
    this.destination = new SharedReplyDestination(names.queue());
    this.consumer =
        new SharedReplyConsumer(
            () -> broker.consumeReplies(names.queue(), this::received), this::lost);
    this.early =
        new EarlyAnswers(
            memory.process(),
            message -> message.correlationId().isEmpty() || findName(message).isPresent());
  }

  /**
   * Consumes the queue, unless it is consumed already.
   *
   * @return completes with the queue. Fails with a {@code BridgeException} if the broker rejects
   *     the consumer, or if the connection is lost
   */
  CompletionStage<ReplyDestination> open() {
    return consumer.open().thenApply(opened -> destination);
  }

  private void lost() {
    reopenings.lost(this);
    reopenings.start(this, consumer::open, () -> {});
  }

  /** Forgets the consumer: it has ended with the connection. */
  void connectionLost() {
    consumer.connectionLost();
  }

  /**
   * Registers a request before it is sent. {@link #sent} must follow.
   *
   * @param request the correlation id of the client's request, which is in flight
   * @param sentAs the correlation id with which it is sent, of {@link RandomText}
   */
  void sending(ConnectedClient client, String request, String sentAs, Correlation correlation) {
    if (correlation instanceof ByMessageId) {
      early.begin();
    } else if (correlation instanceof ByProperty by) {
      properties.add(by.name());
    }
    clients.put(sentAs, client);
    client.requests().sendAs(sentAs, request, () -> clients.remove(sentAs, client));
  }

  /**
   * The broker has accepted or rejected a request. May pass on answers that have waited for this.
   *
   * @param messageId null if the request was rejected, or the provider gives no message id
   */
  void sent(ConnectedClient client, String request, Correlation correlation, String messageId) {
    if (correlation instanceof ByMessageId) {
      if (messageId != null) {
        clients.put(messageId, client);
        client.requests().alias(messageId, request, () -> clients.remove(messageId, client));
      }
      early.end();
    }
  }

  private void received(BrokerMessage message) {
    if (!early.hold(message, () -> deliver(message))) {
      deliver(message);
    }
  }

  private void deliver(BrokerMessage message) {
    Optional<String> name = findName(message);
    ConnectedClient client = name.map(clients::get).orElse(null);
    if (client == null || !deliver(client, name.get(), message)) {
      LOG.debug("answer to an unknown request discarded id={}", message.messageId());
      metrics.unknownAnswer();
    }
  }

  private boolean deliver(ConnectedClient client, String name, BrokerMessage message) {
    Optional<String> request = client.requests().find(name);
    if (request.isPresent()) {
      answers.answer(client, request.get(), message);
      return true;
    }
    Optional<String> ended = client.requests().findEnded(name);
    ended.ifPresent(id -> answers.answerAfterTheLast(client, id, message));
    return ended.isPresent();
  }

  private Optional<String> findName(BrokerMessage message) {
    return Stream.concat(
            message.correlationId().stream(),
            properties.stream().flatMap(property -> message.text(property).stream()))
        .filter(clients::containsKey)
        .findFirst();
  }

  @Override
  public String toString() {
    return "queue=" + destination.name();
  }
}
