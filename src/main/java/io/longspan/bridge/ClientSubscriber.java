package io.longspan.bridge;

import io.longspan.access.AccessPolicy;
import io.longspan.bridge.SharedSubscription.Beginning;
import io.longspan.catalogue.TopicPolicy.Snapshot;
import io.longspan.concurrent.InternalErrors;
import io.longspan.identity.Identity;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.ControlCommand.TopicSubscribe;
import io.longspan.protocol.ControlCommand.TopicUnsubscribe;
import io.longspan.protocol.DestinationName;
import io.longspan.protocol.ErrorCode;
import io.longspan.protocol.Notice;
import io.longspan.protocol.Notice.GapReason;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The use cases of subscribing and unsubscribing (protocol section 2). Each topic is parsed,
 * authorised and opened on its own. One answer reports all topics.
 */
final class ClientSubscriber {
  /** The number of attempts to subscribe to a topic if rights change meanwhile. */
  private static final int ATTEMPTS = 10;

  /** The same for a topic with a snapshot, each attempt of which asks a service. */
  private static final int ATTEMPTS_WITH_SNAPSHOT = 2;

  private final BridgeBrokers brokers;
  private final AccessPolicy accessPolicy;
  private final TopicSubscriptions subscriptions;
  private final SnapshotQuestions snapshots;
  private final TopicQuota quota;
  private final BridgePresence presence;
  private final ClientPresence presenceRights;
  private final int topicsPerClient;

  ClientSubscriber(
      BridgeBrokers brokers,
      AccessPolicy accessPolicy,
      TopicSubscriptions subscriptions,
      SnapshotQuestions snapshots,
      TopicQuota quota,
      BridgePresence presence,
      ClientPresence presenceRights,
      int topicsPerClient) {
    this.brokers = brokers;
    this.accessPolicy = accessPolicy;
    this.subscriptions = subscriptions;
    this.snapshots = snapshots;
    this.quota = quota;
    this.presence = presence;
    this.presenceRights = presenceRights;
    this.topicsPerClient = topicsPerClient;
  }

  /**
   * Subscribes a client to topics. Runs as a command of its mailbox.
   *
   * @return completes when the answer is queued
   * @throws BridgeException {@code badRequest} if the selector is invalid, {@code limitExceeded} if
   *     the message alone has too many topics
   */
  CompletionStage<?> subscribe(ConnectedClient client, TopicSubscribe command) {
    int selectorCost = command.selector().map(brokers.main().broker()::requireSelector).orElse(0);
    Set<String> topics = new LinkedHashSet<>(command.topics());
    if (topics.size() > topicsPerClient) {
      throw BridgeException.tooLarge(tooManyTopics());
    }
    Map<String, CompletableFuture<Outcome>> results = new LinkedHashMap<>();
    int room = topicsPerClient - topicCount(client);
    for (String topic : topics) {
      ClientSubscription present = client.topics().get(topic);
      QueueSubscription durable = client.durables().get(topic);
      if (durable != null && durable.isAlive()) {
        results.put(
            topic,
            refused(
                BridgeException.badRequest(
                    "the client has a durable subscription of the topic already")));
      } else if (present != null) {
        results.put(
            topic, ifAllowed(client, topic, command, () -> again(present, command.selector())));
      } else if (room == 0) {
        results.put(topic, refused(BridgeException.limitExceeded(tooManyTopics())));
      } else {
        room--;
        results.put(
            topic,
            ifAllowed(client, topic, command, () -> start(client, topic, command, selectorCost)));
      }
    }
    return CompletableFuture.allOf(results.values().toArray(CompletableFuture[]::new))
        .thenApply(all -> finish(client, command, results));
  }

  /** Subscribes to a topic, unless the client wants to see its presence and may not. */
  private CompletableFuture<Outcome> ifAllowed(
      ConnectedClient client,
      String topic,
      TopicSubscribe command,
      Supplier<CompletableFuture<Outcome>> subscribe) {
    return command.presence()
        ? presenceRights
            .refusal(client, topic)
            .thenCompose(refusal -> refusal == null ? subscribe.get() : refused(refusal))
        : subscribe.get();
  }

  /**
   * The outcome for one topic; one of the two is null. A failed stage instead would keep a stack
   * trace for each topic, until the last topic is done.
   */
  private record Outcome(ClientSubscription subscription, BridgeException refusal) {
    static Outcome of(ClientSubscription subscription, Throwable failure) {
      return new Outcome(subscription, failure == null ? null : refusalOf(failure));
    }
  }

  private static BridgeException refusalOf(Throwable failure) {
    return BridgeException.from(
        failure, fault -> InternalErrors.report("the subscription to a topic", fault));
  }

  private static CompletableFuture<Outcome> refused(BridgeException refusal) {
    return CompletableFuture.completedFuture(new Outcome(null, refusal));
  }

  private String tooManyTopics() {
    return "a client may have at most %d topics".formatted(topicsPerClient);
  }

  /** A repeated subscription succeeds only if its consumer is open or can be opened. */
  private CompletableFuture<Outcome> again(ClientSubscription present, Optional<String> selector) {
    return present.key().selector().equals(selector)
        ? subscriptions.ensureOpen(present).handle((open, failure) -> present(present, failure))
        : refused(
            BridgeException.badRequest(
                "the client is already subscribed to the topic with another selector"));
  }

  /** A revoked subscription is not a failure here: {@link #finish} reports the revocation. */
  private static Outcome present(ClientSubscription present, Throwable failure) {
    return Outcome.of(present, present.isRevoked() ? null : failure);
  }

  private CompletableFuture<Outcome> start(
      ConnectedClient client, String topic, TopicSubscribe command, int selectorCost) {
    try {
      quota.requireRoom(client.identity().user());
      return start(client, DestinationName.parsePattern(topic), command, selectorCost, ATTEMPTS)
          .handle(Outcome::of);
    } catch (RuntimeException | Error failure) {
      // Refuse this topic only: the other topics of the message have their own outcomes.
      return refused(refusalOf(failure));
    }
  }

  private CompletableFuture<ClientSubscription> start(
      ConnectedClient client,
      DestinationName topic,
      TopicSubscribe command,
      int selectorCost,
      int attempts) {
    Identity identity = client.identity();
    return accessPolicy
        .maySubscribe(identity, topic)
        .thenCompose(
            grant -> {
              ClientSubscription subscription =
                  new ClientSubscription(
                      client, identity, new TopicSubscriptions.Key(grant, command.selector()));
              subscriptions.charge(subscription, selectorCost);
              Optional<String> after = Optional.ofNullable(command.resumeFrom().get(topic.value()));
              return join(subscription, after).thenApply(joined -> subscription);
            })
        .thenCompose(
            subscription -> {
              if (isStillGranted(subscription)) {
                return CompletableFuture.completedFuture(subscription);
              }
              subscription.leave();
              subscriptions.leave(subscription);
              int left =
                  subscription.snapshot() == null
                      ? attempts - 1
                      : Math.min(attempts, ATTEMPTS_WITH_SNAPSHOT) - 1;
              return left == 0
                  ? CompletableFuture.failedFuture(BridgeException.notAuthorized())
                  : start(client, topic, command, selectorCost, left);
            })
        .toCompletableFuture();
  }

  private CompletionStage<Void> join(ClientSubscription subscription, Optional<String> after) {
    ConnectedClient client = subscription.client();
    client.at(brokers.of(subscription.key().grant().destination()));
    client.joins(subscription);
    CompletionStage<Void> joining =
        subscriptions.join(subscription).thenCompose(open -> awaitSnapshot(subscription, after));
    if (client.isGone()) {
      // abandon() may have listed the pending subscriptions before this one was among them.
      end(subscription);
    }
    return joining.handle((joined, failure) -> joined(subscription, failure));
  }

  /**
   * Waits for the snapshot of the topic, if it has one, unless the client can resume without it. If
   * that fails, the subscription is removed.
   */
  private CompletionStage<Void> awaitSnapshot(
      ClientSubscription subscription, Optional<String> after) {
    Optional<Snapshot> wanted = subscription.policy().snapshot();
    if (wanted.isEmpty()
        || after.filter(id -> subscriptions.canResume(subscription, id)).isPresent()) {
      return CompletableFuture.completedFuture(null);
    }
    CompletionStage<Void> waiting;
    try {
      waiting = snapshots.await(subscription, subscriptions.sharedBy(subscription), wanted.get());
    } catch (RuntimeException refusal) {
      waiting = CompletableFuture.failedFuture(refusal);
    }
    return waiting.whenComplete(
        (there, failure) -> {
          if (failure != null) {
            subscriptions.leave(subscription);
          }
        });
  }

  private static Void joined(ClientSubscription subscription, Throwable failure) {
    subscription.client().joined(subscription);
    if (failure == null) {
      return null;
    }
    // A consumer that nobody waits for any more is not opened.
    throw subscription.isRevoked() ? BridgeException.notAuthorized() : refusalOf(failure);
  }

  /**
   * Cancels the pending subscriptions of a client whose session is being terminated. Called on any
   * thread; never blocks.
   */
  void abandon(ConnectedClient client) {
    client.joinsNoMore().forEach(this::end);
  }

  /**
   * Returns whether the right still holds. A right that is revoked between the decision and here
   * must win. A revocation numbers the change before it scans the subscriptions. So either the scan
   * finds this subscription, or the number is seen here.
   */
  private boolean isStillGranted(ClientSubscription subscription) {
    return accessPolicy.isCurrent(subscription.identity(), subscription.key().grant())
        && subscription.client().identity() == subscription.identity();
  }

  private Object finish(
      ConnectedClient client,
      TopicSubscribe command,
      Map<String, CompletableFuture<Outcome>> results) {
    Map<String, BridgeException> failures = new LinkedHashMap<>();
    List<ClientSubscription> begun = new ArrayList<>();
    List<String> recovered = new ArrayList<>();
    results.forEach(
        (topic, result) -> {
          Outcome outcome = result.join();
          if (outcome.refusal() != null) {
            failures.put(topic, outcome.refusal());
            return;
          }
          ClientSubscription subscription = outcome.subscription();
          if (subscription.snapshot() != null
              && !subscription.isDelivering()
              && !isStillGranted(subscription)) {
            // Messages that were held since may be those of a time without the right.
            failures.put(topic, rightsChanged(subscription));
            end(subscription);
            return;
          }
          Optional<String> after = Optional.ofNullable(command.resumeFrom().get(topic));
          Beginning beginning = subscriptions.begin(subscription, after, command.last());
          if (beginning == Beginning.WITHOUT_SNAPSHOT && !subscription.isRevoked()) {
            failures.put(topic, subscription.snapshotFailure().refusal());
            end(subscription);
          } else if (beginning != Beginning.NONE && beginning != Beginning.WITHOUT_SNAPSHOT) {
            begun.add(subscription);
            client.topics().put(topic, subscription);
            presence.joined(subscription);
            if (after.isPresent() && beginning == Beginning.RECOVERED) {
              recovered.add(topic);
            }
          } else if (subscription.isRevoked()) {
            failures.put(topic, BridgeException.notAuthorized());
          }
        });
    Optional<BridgeException> whole =
        failures.size() == results.size() ? whole(failures.values()) : Optional.empty();
    client.tell(
        command.answer(new Notice.Topics(command.correlationId(), failures, whole, recovered)));
    List<String> notRecovered =
        begun.stream()
            .filter(ClientSubscription::takeNotRecovered)
            .map(subscription -> subscription.topic().value())
            .toList();
    if (!notRecovered.isEmpty()) {
      client.tell(Notice.Gap.unknown(notRecovered, GapReason.NOT_RECOVERABLE));
    }
    begun.stream().filter(s -> !s.confirm()).forEach(AccessRevocation::tell);
    if (command.presence()) {
      results.keySet().stream()
          .filter(topic -> !failures.containsKey(topic) && client.topics().containsKey(topic))
          .forEach(topic -> presence.watch(client.topics().get(topic)));
    }
    return null;
  }

  private static BridgeException rightsChanged(ClientSubscription subscription) {
    return subscription.isRevoked()
        ? BridgeException.notAuthorized()
        : BridgeException.limitExceeded("rights changed before the snapshot came; subscribe again");
  }

  /**
   * Returns the common failure, if the bridge or a limit prevented all topics. Empty if the reasons
   * are the topics' own. Must be called only if every topic has failed.
   */
  static Optional<BridgeException> whole(Collection<BridgeException> failures) {
    return failures.stream()
        .filter(f -> f.code() == ErrorCode.BROKER_UNAVAILABLE)
        .findFirst()
        .or(() -> shared(failures, ErrorCode.LIMIT_EXCEEDED))
        .or(() -> shared(failures, ErrorCode.INTERNAL_ERROR));
  }

  private static Optional<BridgeException> shared(
      Collection<BridgeException> failures, ErrorCode code) {
    return failures.stream().allMatch(f -> f.code() == code)
        ? failures.stream().findFirst()
        : Optional.empty();
  }

  /** Unsubscribes from topics. Runs as a command of the client's mailbox. */
  void unsubscribe(ConnectedClient client, TopicUnsubscribe command) {
    for (String topic : command.topics()) {
      ClientSubscription present = client.topics().remove(topic);
      if (present != null) {
        end(present);
      }
    }
    client.tell(new Notice.Topics(command.correlationId(), Map.of(), Optional.empty(), List.of()));
  }

  /**
   * Returns the number of a client's topics that were not revoked. Runs as a command of its
   * mailbox.
   */
  private static int topicCount(ConnectedClient client) {
    client.topics().values().removeIf(ClientSubscription::isRevoked);
    return client.topics().size();
  }

  /**
   * Returns whether the consumers of all topics of a client at a broker are open. Runs as a command
   * of its mailbox.
   */
  boolean isEveryTopicOpen(ConnectedClient client, BridgeBroker broker) {
    return topics(client, broker)
        .allMatch(subscription -> !subscription.isAlive() || subscriptions.isOpen(subscription));
  }

  private static Stream<ClientSubscription> topics(ConnectedClient client, BridgeBroker broker) {
    return client.topics().values().stream()
        .filter(
            subscription ->
                subscription.key().grant().destination().broker().equals(broker.name()));
  }

  /**
   * Returns the topics at a broker that are open and have a gap that was not announced, and marks
   * these gaps as announced. Runs as a command of the client's mailbox.
   */
  List<String> topicsWithGap(ConnectedClient client, BridgeBroker broker) {
    return topics(client, broker)
        .filter(subscription -> !subscription.isRevoked() && subscriptions.isOpen(subscription))
        .filter(ClientSubscription::takeGap)
        .map(subscription -> subscription.topic().value())
        .toList();
  }

  /** Ends every subscription of a client. Runs as a command of its mailbox. */
  void unsubscribeAll(ConnectedClient client) {
    client.topics().values().forEach(this::end);
    client.topics().clear();
  }

  private void end(ClientSubscription subscription) {
    subscription.leave();
    presence.left(subscription);
    subscription.client().outbox().discardWithheld(subscription);
    subscriptions.leave(subscription);
  }
}
