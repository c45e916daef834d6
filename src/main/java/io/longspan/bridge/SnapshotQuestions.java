package io.longspan.bridge;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.longspan.bridge.MessageBroker.Outbound;
import io.longspan.bridge.MessageBroker.ReplyDestination;
import io.longspan.bridge.MessageBroker.Source;
import io.longspan.budget.MemoryBudget;
import io.longspan.catalogue.BrokerDestination;
import io.longspan.catalogue.TopicPolicy.Snapshot;
import io.longspan.identity.Identity;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.DestinationName;
import io.longspan.protocol.MessageBody;
import io.longspan.protocol.PayloadEncoder;
import io.longspan.protocol.SendCommand;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;

/**
 * Asks services for the state of topics, for clients that subscribe (protocol section 17). The
 * question is a request in the name of the client's user.
 *
 * <p>Called on any thread; never blocks.
 */
final class SnapshotQuestions {
  /** How long after its question an answer is shared, in milliseconds. */
  static final long SHARED_FOR = 1000;

  private final Map<String, BrokerRequests> requests;
  private final BridgeBrokers brokers;
  private final MemoryBudget memory;
  private final IdentityStamp stamp;
  private final PayloadEncoder encoder;
  private final BridgeMetrics metrics;
  private final Executor commandPool;
  private final Scheduler scheduler;
  private final Ticker ticker;
  private final ObjectMapper json = new ObjectMapper();

  /** Reply destinations that are being opened, by the broker's name. */
  private final ConcurrentMap<String, CompletableFuture<Boolean>> opening =
      new ConcurrentHashMap<>();

  /**
   * Creates the use case.
   *
   * @param requests sends the questions to each broker, by the broker's name; opened on demand
   */
  SnapshotQuestions(
      Map<String, BrokerRequests> requests,
      BridgeBrokers brokers,
      MemoryBudget memory,
      IdentityStamp stamp,
      PayloadEncoder encoder,
      BridgeMetrics metrics,
      Executor commandPool,
      Scheduler scheduler,
      Ticker ticker) {
    this.requests = requests;
    this.brokers = brokers;
    this.memory = memory;
    this.stamp = stamp;
    this.encoder = encoder;
    this.metrics = metrics;
    this.commandPool = commandPool;
    this.scheduler = scheduler;
    this.ticker = ticker;
  }

  /**
   * Waits for the snapshot of a topic whose consumer is open. From the call on, messages are held
   * to follow the snapshot.
   *
   * @return completes when the snapshot is there; fails with a {@code BridgeException}
   */
  CompletionStage<Void> await(
      ClientSubscription subscription, SharedSubscription shared, Snapshot wanted) {
    SnapshotRounds.Joined joined = shared.awaitSnapshot(subscription, wanted.shared());
    if (joined.started()) {
      SnapshotRound round = joined.round();
      if (wanted.shared()) {
        scheduler.schedule(() -> shared.closeToOthers(round), SHARED_FOR);
      }
      // A consumer's thread must not sign.
      commandPool.execute(() -> ask(subscription, shared, round, wanted.service()));
    }
    return joined.answered();
  }

  /** Fails the questions in flight at a broker: their answers cannot arrive any more. */
  void connectionLost(BridgeBroker broker) {
    requests(broker).connectionLost();
  }

  private BrokerRequests requests(BridgeBroker broker) {
    return Optional.ofNullable(requests.get(broker.name())).orElseThrow();
  }

  private void ask(
      ClientSubscription subscription,
      SharedSubscription shared,
      SnapshotRound round,
      BrokerDestination service) {
    SnapshotQuestion question =
        new SnapshotQuestion(
            subscription,
            shared,
            round,
            encoder,
            memory.user(subscription.identity().user()),
            ticker);
    metrics.snapshotAsked();
    watch(question);
    BridgeBroker broker = brokers.of(service);
    opened(broker)
        .thenAcceptAsync(
            isOpen -> {
              if (!isOpen) {
                question.failed(BridgeException.brokerUnavailable(null));
                return;
              }
              send(subscription, broker, service, question, shared, round);
            },
            commandPool)
        .exceptionally(
            failure -> {
              question.failed(BridgeException.from(failure));
              return null;
            });
  }

  private void send(
      ClientSubscription subscription,
      BridgeBroker broker,
      BrokerDestination service,
      SnapshotQuestion question,
      SharedSubscription shared,
      SnapshotRound round) {
    Identity identity = subscription.identity();
    Source source =
        new Source(identity.user(), subscription.client().bridgeClientId(), identity.roles());
    Optional<String> id =
        requests(broker)
            .ask(
                (correlationId, replyTo) ->
                    message(subscription, broker.broker(), service, correlationId, replyTo),
                Optional.of(source),
                question);
    Runnable cancel =
        () -> {
          id.ifPresent(requests(broker)::forget);
          question.cancel();
        };
    if (!shared.whenCancelled(round, cancel)) {
      cancel.run();
    }
  }

  private void watch(SnapshotQuestion question) {
    question.check().ifPresent(left -> scheduler.schedule(() -> watch(question), left));
  }

  /** Opens the reply destination, unless it is open. */
  private CompletableFuture<Boolean> opened(BridgeBroker broker) {
    BrokerRequests there = requests(broker);
    if (there.isOpen() || !broker.broker().isConnected()) {
      return CompletableFuture.completedFuture(there.isOpen());
    }
    CompletableFuture<Boolean> mine = new CompletableFuture<>();
    CompletableFuture<Boolean> present = opening.putIfAbsent(broker.name(), mine);
    if (present != null) {
      return present;
    }
    there
        .open(broker.reopenings())
        .whenComplete(
            (isOpen, failure) -> {
              opening.remove(broker.name(), mine);
              mine.complete(failure == null && isOpen);
            });
    return mine;
  }

  private Outbound message(
      ClientSubscription subscription,
      MessageBroker broker,
      BrokerDestination service,
      String correlationId,
      ReplyDestination replyTo) {
    Identity identity = subscription.identity();
    String clientId = subscription.client().bridgeClientId();
    MessageBody body =
        new MessageBody.Text(question(subscription.topic().value(), identity.user()), "json");
    Map<String, Object> properties = new HashMap<>();
    stamp.identify(properties, identity, clientId, body);
    IdentityStamp.requireCarried(broker, properties);
    stamp.sign(
        properties,
        identity,
        clientId,
        Optional.of(correlationId),
        new SendCommand.Destination(DestinationName.parse(service.name())),
        replyTo.name(),
        body);
    return new Outbound(
        new Outbound.To(service),
        BrokerRequests.headers(correlationId, SnapshotQuestion.MAX_TIME),
        properties,
        body,
        Optional.of(replyTo));
  }

  private String question(String topic, String user) {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("operation", "snapshot");
    members.put("topic", topic);
    members.put("user", user);
    try {
      return json.writeValueAsString(members);
    } catch (JsonProcessingException x) {
      throw new IllegalStateException("strings are JSON values", x);
    }
  }
}
