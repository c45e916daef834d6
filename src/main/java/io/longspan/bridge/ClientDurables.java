package io.longspan.bridge;

import io.longspan.access.AccessPolicy;
import io.longspan.access.QueueGrant;
import io.longspan.audit.AuditEvent;
import io.longspan.audit.AuditLog;
import io.longspan.bridge.QueueSubscription.Durable;
import io.longspan.catalogue.BrokerDestination.Kind;
import io.longspan.catalogue.DurableSubscription;
import io.longspan.concurrent.InternalErrors;
import io.longspan.identity.Identity;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.ControlCommand.TopicSubscribe;
import io.longspan.protocol.ControlCommand.TopicUnsubscribe;
import io.longspan.protocol.DestinationName;
import io.longspan.protocol.ErrorCode;
import io.longspan.protocol.Notice;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The use cases of durable subscriptions (protocol section 16). Commands run in the client's
 * mailbox, which waits for the broker. Each topic is authorised and opened on its own.
 */
final class ClientDurables {
  /** The number of attempts to subscribe if rights change meanwhile. */
  private static final int ATTEMPTS = 10;

  /** How long a new session waits for another bridge to end its consumer, in milliseconds. */
  static final long PATIENCE = 10_000;

  /** The interval between two attempts meanwhile, in milliseconds. */
  static final long RETRY = 200;

  private final BridgeBrokers brokers;
  private final AccessPolicy accessPolicy;
  private final QueueSubscriptions subscriptions;
  private final DurableHolders holders;
  private final BridgeMetrics metrics;
  private final AuditLog audit;
  private final Scheduler scheduler;
  private final Ticker ticker;
  private final int topicsPerClient;

  ClientDurables(
      BridgeBrokers brokers,
      AccessPolicy accessPolicy,
      QueueSubscriptions subscriptions,
      DurableHolders holders,
      BridgeMetrics metrics,
      AuditLog audit,
      Scheduler scheduler,
      Ticker ticker,
      int topicsPerClient) {
    this.brokers = brokers;
    this.accessPolicy = accessPolicy;
    this.subscriptions = subscriptions;
    this.holders = holders;
    this.metrics = metrics;
    this.audit = audit;
    this.scheduler = scheduler;
    this.ticker = ticker;
    this.topicsPerClient = topicsPerClient;
  }

  /**
   * Begins durable subscriptions, and takes them over from other sessions.
   *
   * @return completes when the answer is queued
   * @throws BridgeException {@code badRequest} if the selector is invalid, {@code limitExceeded} if
   *     the message alone has too many topics
   */
  CompletionStage<?> subscribe(ConnectedClient client, TopicSubscribe command) {
    int cost = command.selector().map(brokers.main().broker()::requireSelector).orElse(0);
    return each(
        command.topics(),
        topic -> subscribe(client, topic, command, cost),
        (begun, failures) -> {
          begun.forEach((topic, subscription) -> client.durables().put(topic, subscription));
          client.tell(command.answer(answer(command.correlationId(), failures, begun.size())));
          begun.values().forEach(subscriptions::begin);
        });
  }

  private CompletionStage<QueueSubscription> subscribe(
      ConnectedClient client, String topic, TopicSubscribe command, int cost) {
    DestinationName name = DestinationName.parse(topic);
    String given = command.durable().orElseThrow();
    ClientSubscription other = client.topics().get(topic);
    QueueSubscription present = client.durables().get(topic);
    if (present != null && present.isAlive()) {
      if (!present.isNamed(given) || !present.selector().equals(command.selector())) {
        throw BridgeException.badRequest(
            "the client is already subscribed to the topic with another durable name or selector");
      }
      return CompletableFuture.completedFuture(present);
    }
    if (other != null && !other.isRevoked()) {
      throw BridgeException.badRequest("the client is already subscribed to the topic");
    }
    return start(client, name, given, command.selector(), cost, ATTEMPTS);
  }

  private CompletionStage<QueueSubscription> start(
      ConnectedClient client,
      DestinationName name,
      String given,
      Optional<String> selector,
      int cost,
      int attempts) {
    Identity identity = client.identity();
    return accessPolicy
        .mayReceive(identity, name, Kind.TOPIC)
        .thenCompose(
            grant -> {
              QueueSubscription subscription =
                  new QueueSubscription(
                      client,
                      identity,
                      grant,
                      selector,
                      1,
                      Optional.of(
                          new Durable(given, durable(identity, grant, given), holders.now())),
                      metrics);
              return open(subscription, cost).thenApply(open -> subscription);
            })
        .thenCompose(
            subscription -> {
              // A change of rights is numbered before it looks at the subscriptions.
              if (client.identity() == identity
                  && accessPolicy.isCurrent(identity, subscription.grant())) {
                return CompletableFuture.completedFuture(subscription);
              }
              return subscriptions
                  .end(subscription)
                  .handle((ended, lost) -> null)
                  .thenCompose(
                      ended ->
                          attempts == 1
                              ? CompletableFuture.failedFuture(BridgeException.notAuthorized())
                              : start(client, name, given, selector, cost, attempts - 1));
            });
  }

  private static DurableSubscription durable(Identity identity, QueueGrant grant, String given) {
    return DurableSubscription.of(identity.user(), grant.destination(), given);
  }

  /**
   * Takes the subscription over here first, which makes room for it. A session without room takes
   * nothing over from another bridge.
   */
  private CompletionStage<Void> open(QueueSubscription subscription, int cost) {
    long deadline = ticker.millis() + PATIENCE;
    return holders
        .take(subscription)
        .thenCompose(
            free -> {
              subscriptions.charge(subscription, cost);
              holders.claim(subscription);
              return patiently(
                  () -> subscriptions.open(subscription),
                  () -> holders.claim(subscription),
                  deadline);
            })
        .whenComplete(
            (open, failure) -> {
              if (failure != null) {
                subscriptions.end(subscription);
              }
            });
  }

  /** Repeats a call while another bridge has the subscription. */
  private CompletionStage<Void> patiently(
      Supplier<CompletionStage<Void>> call, Runnable claim, long deadline) {
    return call.get()
        .exceptionallyCompose(
            failure -> {
              if (BridgeException.from(failure).code() != ErrorCode.IN_USE
                  || ticker.millis() >= deadline) {
                return CompletableFuture.failedFuture(failure);
              }
              claim.run();
              CompletableFuture<Void> again = new CompletableFuture<>();
              scheduler.schedule(() -> again.complete(null), RETRY);
              return again.thenCompose(due -> patiently(call, claim, deadline));
            });
  }

  /**
   * Ends the durable subscription of a topic; the broker goes on keeping its messages.
   *
   * @return completes when the broker has taken the messages back; never fails
   */
  CompletionStage<Void> end(ConnectedClient client, String topic) {
    QueueSubscription present = client.durables().remove(topic);
    return present == null
        ? CompletableFuture.completedFuture(null)
        : subscriptions.end(present).exceptionally(lost -> null);
  }

  /**
   * Deletes durable subscriptions with their messages, whoever uses them.
   *
   * @return completes when the answer is queued
   */
  CompletionStage<?> forget(ConnectedClient client, TopicUnsubscribe command) {
    return this.<Boolean>each(
        command.topics(),
        topic -> forget(client, DestinationName.parse(topic), command.forget().orElseThrow()),
        (deleted, failures) ->
            client.tell(answer(command.correlationId(), failures, deleted.size())));
  }

  private CompletionStage<Boolean> forget(
      ConnectedClient client, DestinationName name, String given) {
    Identity identity = client.identity();
    QueueSubscription own = client.durables().get(name.value());
    CompletionStage<Void> ended =
        own != null && own.isNamed(given)
            ? end(client, name.value())
            : CompletableFuture.completedFuture(null);
    return ended
        .thenCompose(over -> accessPolicy.mayReceive(identity, name, Kind.TOPIC))
        .thenCompose(grant -> delete(identity.user(), durable(identity, grant, given)))
        .thenApply(
            deleted -> {
              audit.record(
                  AuditEvent.durableForgotten(
                      identity.user(), client.bridgeClientId(), name.value(), given));
              return true;
            });
  }

  /**
   * Deletes a durable subscription with its messages, whoever uses it.
   *
   * @param user the user that it belongs to
   * @return completes when the broker has deleted it
   */
  CompletionStage<Void> delete(String user, DurableSubscription subscription) {
    long deadline = ticker.millis() + PATIENCE;
    return holders
        .takeToDelete(subscription)
        .thenCompose(
            free ->
                patiently(
                    () ->
                        brokers
                            .of(subscription.topic())
                            .broker()
                            .deleteSubscription(user, subscription),
                    () -> holders.claimToDelete(subscription),
                    deadline))
        .thenRun(() -> holders.deleted(subscription));
  }

  /** Ends all durable subscriptions of a client. Runs as a command of its mailbox. */
  void endAll(ConnectedClient client) {
    client.durables().values().forEach(subscriptions::end);
    client.durables().clear();
  }

  /** Receives what became of each topic. */
  @FunctionalInterface
  private interface Outcome<T> {
    void of(Map<String, T> done, Map<String, BridgeException> failures);
  }

  /** Does something for each topic, and reports all topics together. */
  private <T> CompletionStage<?> each(
      List<String> given, Function<String, CompletionStage<T>> work, Outcome<T> report) {
    Set<String> topics = new LinkedHashSet<>(given);
    if (topics.size() > topicsPerClient) {
      throw BridgeException.tooLarge(
          "a client may have at most %d topics".formatted(topicsPerClient));
    }
    Map<String, CompletableFuture<T>> results = new LinkedHashMap<>();
    for (String topic : topics) {
      CompletionStage<T> stage;
      try {
        stage = work.apply(topic);
      } catch (RuntimeException | Error failure) {
        stage = CompletableFuture.failedFuture(failure);
      }
      results.put(topic, stage.toCompletableFuture());
    }
    return CompletableFuture.allOf(results.values().toArray(CompletableFuture[]::new))
        .handle(
            (all, any) -> {
              Map<String, T> done = new LinkedHashMap<>();
              Map<String, BridgeException> failures = new LinkedHashMap<>();
              results.forEach((topic, result) -> sort(topic, result, done, failures));
              report.of(done, failures);
              return null;
            });
  }

  private static <T> void sort(
      String topic,
      CompletableFuture<T> result,
      Map<String, T> done,
      Map<String, BridgeException> failures) {
    try {
      T value = result.join();
      if (value instanceof QueueSubscription subscription && !subscription.isAlive()) {
        failures.put(topic, subscription.whyEnded());
      } else {
        done.put(topic, value);
      }
    } catch (RuntimeException failure) {
      failures.put(
          topic,
          BridgeException.from(
              failure, fault -> InternalErrors.report("a durable subscription", fault)));
    }
  }

  private static Notice answer(
      String correlationId, Map<String, BridgeException> failures, int successes) {
    Optional<BridgeException> whole =
        successes > 0 ? Optional.empty() : ClientSubscriber.whole(failures.values());
    return new Notice.Topics(correlationId, failures, whole, List.of());
  }
}
