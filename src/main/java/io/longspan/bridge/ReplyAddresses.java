package io.longspan.bridge;

import io.longspan.bridge.MessageBroker.ReplyDestination;
import io.longspan.budget.MemoryBudget;
import io.longspan.catalogue.BrokerDestination;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The reply destinations of clients at one broker: opens them, routes their messages, and opens
 * them again after an outage (protocol sections 4, 5, 13 and 14). A client is notified {@code
 * resumed} when everything that it had at the broker is open again.
 *
 * <p>At the default broker each client always has its main destination. At another broker it has
 * one once a message has needed it, and an outage concerns only the clients that have used the
 * broker.
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
  private final BridgeBroker broker;
  private final ReplyTopics replyTopics;
  private final ReplyQueue replyQueue;
  private final CommlibCalls commlib;
  private final ClientSubscriber subscriber;
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
      BridgeBroker broker,
      MemoryBudget memory,
      ClientSubscriber subscriber,
      PayloadEncoder encoder,
      BridgeMetrics metrics,
      Scheduler scheduler,
      BiConsumer<ClientSession, String> end) {
    ReplyNames names = ReplyNames.of(settings, bridgeId);
    this.bridgeId = bridgeId;
    this.mainMode = settings.mode();
    this.broker = broker;
    this.replyTopics = new ReplyTopics(names, broker.broker(), metrics);
    this.replyQueue =
        new ReplyQueue(
            names, broker.broker(), memory, new SharedAnswers(), broker.reopenings(), metrics);
    this.commlib = new CommlibCalls(broker.broker(), replyTopics, this::answer, metrics, scheduler);
    this.subscriber = subscriber;
    this.encoder = encoder;
    this.metrics = metrics;
    this.scheduler = scheduler;
    this.end = end;
  }

  BridgeBroker broker() {
    return broker;
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
   * Returns the client's destination for messages that are no requests. Empty if it is not open, or
   * if it takes only answers to requests.
   */
  Optional<ReplyDestination> forEveryMessage(ConnectedClient client) {
    return mainMode == ReplyMode.QUEUE
        ? Optional.empty()
        : client.at(broker).replies().get(mainMode);
  }

  /**
   * Returns the reply destination of a client for a mode, and opens it if it is not open. Runs in
   * the client's mailbox.
   *
   * @return fails with {@code brokerUnavailable} during an outage of the client, or like {@link
   *     MessageBroker#openTemporary}
   */
  CompletionStage<ReplyDestination> find(ConnectedClient client, ReplyMode mode) {
    ClientAtBroker at = client.at(broker);
    if (isOut(at)) {
      return CompletableFuture.failedFuture(BridgeException.brokerUnavailable(null));
    }
    return at.replies()
        .get(mode)
        .<CompletionStage<ReplyDestination>>map(CompletableFuture::completedFuture)
        .orElseGet(() -> open(client, mode));
  }

  /**
   * Opens what receives the answer to a request to a service of commlib.
   *
   * @return fails like {@link #find}, or with {@code limitExceeded}
   */
  CompletionStage<ReplyDestination> prepareCommlib(
      ConnectedClient client, BrokerDestination service) {
    return isOut(client.at(broker))
        ? CompletableFuture.failedFuture(BridgeException.brokerUnavailable(null))
        : commlib.prepare(client, service);
  }

  /** Returns whether an outage keeps a client from sending. */
  private boolean isOut(ClientAtBroker at) {
    return broker.isDefault() ? !at.replies().isOpen(mainMode) : at.isSuspended();
  }

  private CompletionStage<ReplyDestination> open(ConnectedClient client, ReplyMode mode) {
    return openAtBroker(client, mode)
        .thenApply(
            destination -> {
              client.at(broker).replies().add(mode, destination);
              destination.lost().thenRun(() -> lost(client, destination));
              return destination;
            });
  }

  private CompletionStage<ReplyDestination> openAtBroker(ConnectedClient client, ReplyMode mode) {
    String user = client.identity().user();
    MessageBroker.AnswerListener listener = new Answers(client);
    return switch (mode) {
      case TEMPORARY_TOPIC -> broker.broker().openTemporary(Kind.TOPIC, user, listener);
      case TEMPORARY_QUEUE -> broker.broker().openTemporary(Kind.QUEUE, user, listener);
      case TOPIC -> replyTopics.open(listener);
      case QUEUE -> replyQueue.open();
    };
  }

  /** Routes the messages of a client's own reply destination. */
  private final class Answers implements MessageBroker.AnswerListener {
    private final ConnectedClient client;

    Answers(ConnectedClient client) {
      this.client = client;
    }

    @Override
    public void accept(BrokerMessage message) {
      route(client, message);
    }

    @Override
    public void failed(Optional<String> request, BridgeException why) {
      metrics.refused(why.code());
      request.ifPresent(client.requests()::end);
      client.tell(new Notice.SendFailed(request, why));
    }
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
        .answer(
            encoder.encode(
                message,
                message
                    .replyTo()
                    .map(address -> client.replyHandles().register(broker.name(), address))));
  }

  /** Forgets what clients share. Called on the supervisor's thread, before {@link #suspend}. */
  void connectionLost() {
    replyTopics.connectionLost();
    replyQueue.connectionLost();
    commlib.connectionLost();
  }

  /**
   * Notifies a client that the connection is lost, and fails its requests in flight, if it has used
   * the broker. Called on the supervisor's thread.
   */
  void connectionLost(ConnectedClient client) {
    broker.reopenings().end(client);
    client
        .find(broker)
        .ifPresent(
            at -> {
              at.replies().removeAll();
              suspend(client);
            });
  }

  private void suspend(ConnectedClient client) {
    client.at(broker).suspend();
    tell(client, "suspended");
    failRequests(client);
  }

  private void failRequests(ConnectedClient client) {
    BridgeException unavailable = BridgeException.brokerUnavailable(null);
    for (String request : client.requests().removeAll(broker.name())) {
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
          if (client.at(broker).replies().contains(destination)) {
            broker.reopenings().lost(client);
            closeAll(client);
            suspend(client);
            reopen(client);
          }
          return null;
        });
  }

  private void tell(ConnectedClient client, String status) {
    client.tell(new Notice.BridgeStatus(status, broker.shownName()));
  }

  /** Returns whether a reply destination was open. */
  private boolean closeAll(ConnectedClient client) {
    List<ReplyDestination> open = client.at(broker).replies().removeAll();
    open.forEach(ReplyDestination::close);
    return !open.isEmpty();
  }

  /**
   * Ends the outage of a client, in its mailbox. At the default broker, this opens the client's
   * main reply destination again, and retries until that succeeds.
   */
  void reopen(ConnectedClient client) {
    if (!broker.isDefault()) {
      client.inMailbox(
          () -> {
            resume(client);
            return null;
          });
      return;
    }
    Object outage = client.at(broker).suspend();
    broker
        .reopenings()
        .start(
            client,
            () -> reopenInMailbox(client),
            () -> scheduler.schedule(() -> client.inMailbox(() -> giveUp(client, outage)), LIMIT));
  }

  /**
   * Discards what is left of the lost connection, or of an attempt that an outage has overtaken. A
   * client that has come since the new connection is there begins anew too, and its requests fail.
   */
  private void forgetLostConnection(ConnectedClient client) {
    if (closeAll(client)) {
      failRequests(client);
    }
    client.replyHandles().clear(broker.name());
  }

  private CompletionStage<Void> reopenInMailbox(ConnectedClient client) {
    CompletableFuture<Void> attempt = new CompletableFuture<>();
    client.inMailbox(
        () -> {
          forgetLostConnection(client);
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
    ClientAtBroker at = client.at(broker);
    if (at.isSuspendedBy(outage) && !at.replies().isOpen(mainMode)) {
      LOG.warn(
          "client terminated, its reply destination could not be reopened bridge={} {}",
          bridgeId,
          client);
      metrics.replyAddressLost();
      broker.reopenings().end(client);
      end.accept(client.session(), SessionEnd.REPLY_ADDRESS_LOST.wireName());
    }
    return null;
  }

  /** Stops opening a reply destination for a client that has ended. */
  void forget(ConnectedClient client) {
    broker.reopenings().end(client);
  }

  /** Notifies a client, if everything that it had is open again. Runs in the client's mailbox. */
  void resume(ConnectedClient client) {
    if (client.isSuspendedAt(broker)) {
      ClientAtBroker at = client.at(broker);
      boolean back =
          broker.isDefault() ? at.replies().isOpen(mainMode) : broker.broker().isConnected();
      if (!back || !subscriber.isEveryTopicOpen(client, broker)) {
        return;
      }
      if (!broker.isDefault()) {
        forgetLostConnection(client);
      }
      at.resume();
      tell(client, "resumed");
      if (at.isSuspended()) {
        // The next outage started meanwhile, and its notice may have been queued first.
        tell(client, "suspended");
        return;
      }
    }
    List<String> topics = subscriber.topicsWithGap(client, broker);
    if (!topics.isEmpty()) {
      client.tell(Notice.Gap.unknown(topics, GapReason.BROKER_OUTAGE));
    }
  }
}
