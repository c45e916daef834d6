package io.longspan.bridge;

import io.longspan.bridge.MessageBroker.TemporaryTopic;
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
 * The temporary topics of clients: opens them, routes their messages, and opens them again after an
 * outage (protocol sections 4 and 5). A client is notified {@code resumed} when everything that it
 * had is open again.
 *
 * <p>Called on any thread; never blocks. Methods that run in the mailbox own the client's state.
 */
final class ReplyAddresses {
  /**
   * A client is terminated if it has no temporary topic this long after the first failed attempt to
   * open it again, in milliseconds.
   */
  static final long LIMIT = 30_000;

  private static final Logger LOG = LoggerFactory.getLogger(ReplyAddresses.class);

  private final String bridgeId;
  private final MessageBroker broker;
  private final ClientSubscriber subscriber;
  private final Reopenings reopenings;
  private final PayloadEncoder encoder;
  private final BridgeMetrics metrics;
  private final Scheduler scheduler;
  private final BiConsumer<ClientSession, String> end;

  /**
   * Creates the use cases.
   *
   * @param end terminates a session and its client for a reason
   */
  ReplyAddresses(
      String bridgeId,
      MessageBroker broker,
      ClientSubscriber subscriber,
      Reopenings reopenings,
      PayloadEncoder encoder,
      BridgeMetrics metrics,
      Scheduler scheduler,
      BiConsumer<ClientSession, String> end) {
    this.bridgeId = bridgeId;
    this.broker = broker;
    this.subscriber = subscriber;
    this.reopenings = reopenings;
    this.encoder = encoder;
    this.metrics = metrics;
    this.scheduler = scheduler;
    this.end = end;
  }

  /**
   * Opens a client's temporary topic. Runs in the client's mailbox; completes when the client has
   * it.
   */
  CompletionStage<TemporaryTopic> open(ConnectedClient client) {
    return broker
        .openTemporaryTopic(client.identity().user(), message -> route(client, message))
        .thenApply(
            endpoint -> {
              client.useTemporaryTopic(endpoint);
              endpoint.lost().thenRun(() -> lost(client, endpoint));
              return endpoint;
            });
  }

  /** Routes a message from a client's temporary topic. Runs on a JMS delivery thread. */
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
    Payload payload = encoder.encode(named, Optional.empty()).answering(request);
    if (message.endsAnswer() || client.outbox().exceeds(payload)) {
      client.requests().remove(request);
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

  /**
   * Notifies a client that the connection is lost, and fails its requests in flight. Called on the
   * supervisor's thread.
   */
  void connectionLost(ConnectedClient client) {
    reopenings.end(client);
    suspend(client);
  }

  private void suspend(ConnectedClient client) {
    client.suspend();
    client.useTemporaryTopic(null);
    client.tell(new Notice.BridgeStatus("suspended"));
    BridgeException unavailable = BridgeException.brokerUnavailable(null);
    for (String request : client.requests().removeAll()) {
      client.tell(new Notice.SendFailed(Optional.of(request), unavailable));
    }
  }

  /**
   * Handles the end of one temporary topic while the connection is alive: an outage of this client.
   */
  private void lost(ConnectedClient client, TemporaryTopic endpoint) {
    client.inMailbox(
        () -> {
          if (client.temporaryTopic().filter(present -> present == endpoint).isPresent()) {
            reopenings.lost(client);
            endpoint.close();
            suspend(client);
            reopen(client);
          }
          return null;
        });
  }

  /** Opens a client's temporary topic again, in its mailbox, and retries until that succeeds. */
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
          client.temporaryTopic().ifPresent(TemporaryTopic::close);
          client.useTemporaryTopic(null);
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
    if (client.isSuspendedBy(outage) && client.temporaryTopic().isEmpty()) {
      LOG.warn(
          "client terminated, its temporary topic could not be reopened bridge={} {}",
          bridgeId,
          client);
      metrics.replyAddressLost();
      reopenings.end(client);
      end.accept(client.session(), SessionEnd.REPLY_ADDRESS_LOST.wireName());
    }
    return null;
  }

  /** Stops opening a temporary topic for a client that has ended. */
  void forget(ConnectedClient client) {
    reopenings.end(client);
  }

  /** Notifies a client, if everything that it had is open again. Runs in the client's mailbox. */
  void resume(ConnectedClient client) {
    if (client.isSuspended()) {
      if (client.temporaryTopic().isEmpty() || !subscriber.isEveryTopicOpen(client)) {
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
