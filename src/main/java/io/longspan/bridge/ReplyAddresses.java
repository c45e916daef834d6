package io.longspan.bridge;

import io.longspan.bridge.MessageBroker.ReplyDestination;
import io.longspan.budget.MemoryBudget;
import io.longspan.catalogue.BrokerDestination.Kind;
import io.longspan.config.LongspanConfig.Replies;
import io.longspan.config.LongspanConfig.ReplyMode;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.BrokerMessage;
import io.longspan.protocol.Notice;
import io.longspan.protocol.Notice.GapReason;
import io.longspan.protocol.Payload;
import io.longspan.protocol.PayloadEncoder;
import io.longspan.protocol.SessionEnd;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The reply destinations of clients: opens them, routes their messages, and opens them again after
 * an outage (protocol sections 4, 5 and 14). A client is notified {@code resumed} when everything
 * that it had is open again.
 *
 * <p>Called on any thread; never blocks. Methods that run in the mailbox own the client's state.
 */
final class ReplyAddresses {
  /**
   * A client is terminated if it has no reply destination this long after the first failed attempt
   * to open it again, in milliseconds.
   */
  static final long LIMIT = 30_000;

  private static final Logger LOG = LoggerFactory.getLogger(ReplyAddresses.class);

  private final String bridgeId;
  private final ReplyMode mainMode;
  private final MessageBroker broker;
  private final ReplyTopics replyTopics;
  private final ReplyQueue replyQueue;
  private final CommlibCalls commlib;
  private final ClientSubscriber subscriber;
  private final Reopenings reopenings;
  private final PayloadEncoder encoder;
  private final BridgeMetrics metrics;
  private final Scheduler scheduler;
  private final BiConsumer<ClientSession, String> end;

  /**
   * Creates the use cases.
   *
   * @param settings how answers come back
   * @param end terminates a session and its client for a reason
   */
  ReplyAddresses(
      String bridgeId,
      Replies settings,
      MessageBroker broker,
      MemoryBudget memory,
      ClientSubscriber subscriber,
      Reopenings reopenings,
      PayloadEncoder encoder,
      BridgeMetrics metrics,
      Scheduler scheduler,
      BiConsumer<ClientSession, String> end) {
    ReplyNames names = ReplyNames.of(settings, bridgeId);
    this.bridgeId = bridgeId;
    this.mainMode = settings.mode();
    this.broker = broker;
    this.replyTopics = new ReplyTopics(names, broker, metrics);
    this.replyQueue =
        new ReplyQueue(names, broker, memory, new SharedAnswers(), reopenings, metrics);
    this.commlib = new CommlibCalls(broker, replyTopics, this::answer, metrics, scheduler);
    this.subscriber = subscriber;
    this.reopenings = reopenings;
    this.encoder = encoder;
    this.metrics = metrics;
    this.scheduler = scheduler;
    this.end = end;
  }

  /** Returns a client's main mode, in which answers come back unless an entry says otherwise. */
  ReplyMode mainMode() {
    return mainMode;
  }

  /**
   * Opens a client's main reply destination. Runs in the client's mailbox; completes when the
   * client has it.
   */
  CompletionStage<ReplyDestination> open(ConnectedClient client) {
    return open(client, mainMode);
  }

  /**
   * Returns the reply destination of a client for a mode, and opens it if it is not the main one.
   * Runs in the client's mailbox.
   *
   * @return fails with {@code brokerUnavailable} during an outage of the client, or like {@link
   *     MessageBroker#openTemporary}
   */
  CompletionStage<ReplyDestination> find(ConnectedClient client, ReplyMode mode) {
    if (!client.replies().isOpen()) {
      return CompletableFuture.failedFuture(BridgeException.brokerUnavailable(null));
    }
    return client
        .replies()
        .get(mode)
        .<CompletionStage<ReplyDestination>>map(CompletableFuture::completedFuture)
        .orElseGet(() -> open(client, mode));
  }

  private CompletionStage<ReplyDestination> open(ConnectedClient client, ReplyMode mode) {
    return openAtBroker(client, mode)
        .thenApply(
            destination -> {
              client.replies().add(mode, destination);
              destination.lost().thenRun(() -> lost(client, destination));
              return destination;
            });
  }

  private CompletionStage<ReplyDestination> openAtBroker(ConnectedClient client, ReplyMode mode) {
    String user = client.identity().user();
    Consumer<BrokerMessage> listener = message -> route(client, message);
    return switch (mode) {
      case TEMPORARY_TOPIC -> broker.openTemporary(Kind.TOPIC, user, listener);
      case TEMPORARY_QUEUE -> broker.openTemporary(Kind.QUEUE, user, listener);
      case TOPIC -> replyTopics.open(listener);
      case QUEUE -> replyQueue.open();
    };
  }

  /** Returns the queue on which answers of the mode {@code queue} come back. */
  ReplyQueue replyQueue() {
    return replyQueue;
  }

  /** Returns the requests to services of commlib. */
  CommlibCalls commlib() {
    return commlib;
  }

  /** Routes answers from the queue that all clients share. Runs on a JMS delivery thread. */
  private final class SharedAnswers implements ReplyQueue.Answers {
    @Override
    public void answer(ConnectedClient client, String request, BrokerMessage message) {
      metrics.clientMessage();
      ReplyAddresses.this.answer(client, request, message);
    }

    @Override
    public void answerAfterTheLast(ConnectedClient client, String request, BrokerMessage message) {
      metrics.clientMessage();
      deliverUnsolicited(client, message.withCorrelationId(request));
    }
  }

  /** Routes a message from a client's own reply destination. Runs on a JMS delivery thread. */
  private void route(ConnectedClient client, BrokerMessage message) {
    metrics.clientMessage();
    if (!client.answers().hold(message, () -> deliver(client, message))) {
      deliver(client, message);
    }
  }

  private void deliver(ConnectedClient client, BrokerMessage message) {
    Optional<String> request = client.answers().requestOf(message);
    if (request.isPresent()) {
      answer(client, request.get(), message);
    } else {
      deliverUnsolicited(client, message);
    }
  }

  private void answer(ConnectedClient client, String request, BrokerMessage message) {
    BrokerMessage named =
        message.correlationId().filter(request::equals).isPresent()
            ? message
            : message.withCorrelationId(request);
    client.requests().answered(request);
    Payload payload = encoder.encode(named, Optional.empty()).answering(request);
    if (message.endsAnswer() || client.outbox().exceeds(payload)) {
      client.requests().end(request);
    }
    client.outbox().answer(payload);
  }

  private void deliverUnsolicited(ConnectedClient client, BrokerMessage message) {
    if (message.correlationId().isPresent() && message.replyTo().isEmpty()) {
      metrics.answerWithoutRequest();
    }
    client
        .outbox()
        .answer(encoder.encode(message, message.replyTo().map(client.replyHandles()::register)));
  }

  /** Forgets what clients share. Called on the supervisor's thread, before {@link #suspend}. */
  void connectionLost() {
    replyTopics.connectionLost();
    replyQueue.connectionLost();
    commlib.connectionLost();
  }

  /**
   * Notifies a client that the connection is lost, and fails its requests in flight. Called on the
   * supervisor's thread.
   */
  void connectionLost(ConnectedClient client) {
    reopenings.end(client);
    client.replies().removeAll();
    suspend(client);
  }

  private void suspend(ConnectedClient client) {
    client.suspend();
    client.tell(new Notice.BridgeStatus("suspended"));
    BridgeException unavailable = BridgeException.brokerUnavailable(null);
    for (String request : client.requests().removeAll()) {
      client.tell(new Notice.SendFailed(Optional.of(request), unavailable));
    }
  }

  /**
   * Handles the end of one reply destination while the connection is alive: an outage of this
   * client.
   */
  private void lost(ConnectedClient client, ReplyDestination destination) {
    client.inMailbox(
        () -> {
          if (client.replies().contains(destination)) {
            reopenings.lost(client);
            closeAll(client);
            suspend(client);
            reopen(client);
          }
          return null;
        });
  }

  private static void closeAll(ConnectedClient client) {
    client.replies().removeAll().forEach(ReplyDestination::close);
  }

  /**
   * Opens a client's main reply destination again, in its mailbox, and retries until that succeeds.
   */
  void reopen(ConnectedClient client) {
    Object outage = client.suspend();
    reopenings.start(
        client,
        () -> reopenInMailbox(client),
        () -> scheduler.schedule(() -> client.inMailbox(() -> giveUp(client, outage)), LIMIT));
  }

  private CompletionStage<Void> reopenInMailbox(ConnectedClient client) {
    CompletableFuture<Void> attempt = new CompletableFuture<>();
    client.inMailbox(
        () -> {
          // From the lost connection, or from an attempt that another outage has overtaken.
          closeAll(client);
          client.replyHandles().clear();
          return open(client)
              .handle(
                  (endpoint, failure) -> {
                    if (failure == null) {
                      attempt.complete(null);
                      resume(client);
                    } else {
                      attempt.completeExceptionally(failure);
                    }
                    return null;
                  });
        });
    return attempt;
  }

  private CompletionStage<?> giveUp(ConnectedClient client, Object outage) {
    if (client.isSuspendedBy(outage) && !client.replies().isOpen()) {
      LOG.warn(
          "client terminated, its reply destination could not be reopened bridge={} {}",
          bridgeId,
          client);
      metrics.replyAddressLost();
      reopenings.end(client);
      end.accept(client.session(), SessionEnd.REPLY_ADDRESS_LOST.wireName());
    }
    return null;
  }

  /** Stops opening a reply destination for a client that has ended. */
  void forget(ConnectedClient client) {
    reopenings.end(client);
  }

  /** Notifies a client, if everything that it had is open again. Runs in the client's mailbox. */
  void resume(ConnectedClient client) {
    if (client.isSuspended()) {
      if (!client.replies().isOpen() || !subscriber.isEveryTopicOpen(client)) {
        return;
      }
      client.resume();
      client.tell(new Notice.BridgeStatus("resumed"));
      if (client.isSuspended()) {
        // The next outage started meanwhile, and its notice may have been queued first.
        client.tell(new Notice.BridgeStatus("suspended"));
        return;
      }
    }
    List<String> topics = subscriber.topicsWithGap(client);
    if (!topics.isEmpty()) {
      client.tell(Notice.Gap.unknown(topics, GapReason.BROKER_OUTAGE));
    }
  }
}
