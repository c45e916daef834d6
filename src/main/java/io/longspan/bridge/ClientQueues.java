package io.longspan.bridge;

import io.longspan.access.AccessPolicy;
import io.longspan.catalogue.BrokerDestination.Kind;
import io.longspan.deliveries.ClientDeliveries;
import io.longspan.identity.Identity;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.ControlCommand.Ack;
import io.longspan.protocol.ControlCommand.QueueSubscribe;
import io.longspan.protocol.ControlCommand.QueueUnsubscribe;
import io.longspan.protocol.ControlCommand.Reject;
import io.longspan.protocol.ControlCommand.Release;
import io.longspan.protocol.ControlCommand.Settle;
import io.longspan.protocol.DestinationName;
import io.longspan.protocol.Notice;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * The use cases of a consumer of queues (protocol section 15). Commands run in the client's
 * mailbox, which waits for the broker: settlements reach it in the order of the messages.
 */
final class ClientQueues {
  /** The number of attempts to subscribe if rights change meanwhile. */
  private static final int ATTEMPTS = 10;

  private final BridgeBrokers brokers;
  private final AccessPolicy accessPolicy;
  private final QueueSubscriptions subscriptions;
  private final BridgeMetrics metrics;

  ClientQueues(
      BridgeBrokers brokers,
      AccessPolicy accessPolicy,
      QueueSubscriptions subscriptions,
      BridgeMetrics metrics) {
    this.brokers = brokers;
    this.accessPolicy = accessPolicy;
    this.subscriptions = subscriptions;
    this.metrics = metrics;
  }

  /**
   * Begins to consume a queue.
   *
   * @return completes when the answer is queued; fails with a {@code BridgeException}
   * @throws BridgeException {@code badRequest} if the name or the selector is invalid
   */
  CompletionStage<?> subscribe(ConnectedClient client, QueueSubscribe command) {
    DestinationName name = DestinationName.parse(command.queue());
    int cost = command.selector().map(brokers.main().broker()::requireSelector).orElse(0);
    QueueSubscription present = client.queues().get(command.queue());
    if (present != null && present.isAlive()) {
      if (present.prefetch() != command.prefetch()
          || !present.selector().equals(command.selector())) {
        throw BridgeException.badRequest(
            "the client consumes the queue already, with another prefetch or selector");
      }
      client.tell(new Notice.QueueAnswer(command.correlationId()));
      return null;
    }
    return start(client, name, command, cost, ATTEMPTS)
        .thenAccept(subscription -> begin(client, command, subscription));
  }

  private CompletionStage<QueueSubscription> start(
      ConnectedClient client,
      DestinationName name,
      QueueSubscribe command,
      int cost,
      int attempts) {
    Identity identity = client.identity();
    return accessPolicy
        .mayReceive(identity, name, Kind.QUEUE)
        .thenCompose(
            grant -> {
              QueueSubscription subscription =
                  new QueueSubscription(
                      client,
                      identity,
                      grant,
                      command.selector(),
                      command.prefetch(),
                      Optional.empty(),
                      metrics);
              return subscriptions.start(subscription, cost).thenApply(started -> subscription);
            })
        .thenCompose(
            subscription -> {
              // A change of rights is numbered before it looks at the subscriptions.
              if (client.identity() == identity
                  && accessPolicy.isCurrent(identity, subscription.grant())) {
                return CompletableFuture.completedFuture(subscription);
              }
              subscriptions.end(subscription);
              return attempts == 1
                  ? CompletableFuture.failedFuture(BridgeException.notAuthorized())
                  : start(client, name, command, cost, attempts - 1);
            });
  }

  private void begin(
      ConnectedClient client, QueueSubscribe command, QueueSubscription subscription) {
    if (!subscription.isAlive()) {
      throw BridgeException.notAuthorized();
    }
    client.queues().put(command.queue(), subscription);
    client.tell(new Notice.QueueAnswer(command.correlationId()));
    subscriptions.begin(subscription);
  }

  /**
   * Ends the consumption of a queue; a queue that is not consumed counts as success.
   *
   * @return completes when the broker has taken back the messages and the answer is queued
   */
  CompletionStage<?> unsubscribe(ConnectedClient client, QueueUnsubscribe command) {
    QueueSubscription present = client.queues().remove(command.queue());
    CompletionStage<Void> ended =
        present == null ? CompletableFuture.completedFuture(null) : subscriptions.end(present);
    return ended.handle(
        (done, lost) -> {
          // With the connection the broker has the messages, too.
          client.tell(new Notice.QueueAnswer(command.correlationId()));
          return null;
        });
  }

  /**
   * Settles messages. While the client consumes anything, the broker's next message is expected
   * together with the answer.
   *
   * @return completes when the broker has processed the settlements and the answer is queued
   */
  CompletionStage<?> settle(ConnectedClient client, Settle command) {
    CompletionStage<List<String>> settled =
        client
            .deliveries()
            .map(deliveries -> settle(deliveries, command))
            .orElseGet(() -> CompletableFuture.completedFuture(command.deliveries()));
    boolean consumes = !client.queues().isEmpty() || !client.durables().isEmpty();
    return settled.thenAccept(
        failed -> {
          Notice answer = new Notice.Settled(command.correlationId(), failed);
          if (consumes && failed.isEmpty()) {
            client.tellWithNext(answer);
          } else {
            client.tell(answer);
          }
        });
  }

  private CompletionStage<List<String>> settle(ClientDeliveries deliveries, Settle command) {
    if (command instanceof Release release) {
      return deliveries.release(release.deliveries(), release.delay());
    }
    if (command instanceof Reject reject) {
      reject.reason().ifPresent(this::requireCarried);
      return deliveries.reject(reject.deliveries(), reject.reason());
    }
    return deliveries.acknowledge(((Ack) command).deliveries());
  }

  private void requireCarried(String reason) {
    if (!brokers.all().stream().allMatch(broker -> broker.broker().carriesText(reason))) {
      throw BridgeException.badRequest("reason has characters that the broker does not support");
    }
  }

  /** Ends all consumption of a client, and releases its messages. Runs as a command. */
  void endAll(ConnectedClient client) {
    client.deliveries().ifPresent(ClientDeliveries::close);
    client.queues().values().forEach(subscriptions::end);
    client.queues().clear();
  }
}
