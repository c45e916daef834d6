package io.longspan.bridge;

import io.longspan.bridge.SharedSubscription.Beginning;
import io.longspan.concurrent.InternalErrors;
import io.longspan.protocol.Answer;
import io.longspan.protocol.Answer.GapReason;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.ControlCommand.TopicSubscribe;
import io.longspan.protocol.ControlCommand.TopicUnsubscribe;
import io.longspan.protocol.DestinationName;
import io.longspan.protocol.ErrorCode;
import io.longspan.security.AccessPolicy;
import io.longspan.security.Identity;
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

/**
 * The use cases of subscribing and unsubscribing: each topic is parsed, authorised and opened on
 * its own, and one answer tells about all (protocol section 2).
 */
final class ClientSubscriber {
  /** How often a topic is tried again because rights changed meanwhile, before it is refused. */
  private static final int ATTEMPTS = 10;

  private final MessageBroker broker;
  private final AccessPolicy accessPolicy;
  private final TopicSubscriptions subscriptions;
  private final TopicQuota quota;
  private final int topicsPerClient;

  ClientSubscriber(
      MessageBroker broker,
      AccessPolicy accessPolicy,
      TopicSubscriptions subscriptions,
      TopicQuota quota,
      int topicsPerClient) {
    this.broker = broker;
    this.accessPolicy = accessPolicy;
    this.subscriptions = subscriptions;
    this.quota = quota;
    this.topicsPerClient = topicsPerClient;
  }

  /**
   * Subscribes a client; runs as a command of its mailbox.
   *
   * @return completes when the client has its answer
   * @throws BridgeException where the whole message is refused
   */
  CompletionStage<?> subscribe(ConnectedClient client, TopicSubscribe command) {
    int selectorCost = command.selector().map(broker::requireSelector).orElse(0);
    Set<String> topics = new LinkedHashSet<>(command.topics());
    if (topics.size() > topicsPerClient) {
      throw BridgeException.tooLarge(tooManyTopics());
    }
    Map<String, CompletableFuture<Outcome>> results = new LinkedHashMap<>();
    int room = topicsPerClient - topicCount(client);
    for (String topic : topics) {
      ClientSubscription present = client.topics().get(topic);
      if (present != null) {
        results.put(topic, again(present, command.selector()));
      } else if (room == 0) {
        results.put(topic, refused(BridgeException.limitExceeded(tooManyTopics())));
      } else {
        room--;
        results.put(topic, start(client, topic, command.selector(), selectorCost));
      }
    }
    return CompletableFuture.allOf(results.values().toArray(CompletableFuture[]::new))
        .thenApply(all -> finish(client, command, results));
  }

  /**
   * What became of one topic; either is null. A stage that has failed instead would hold a stack
   * trace for each topic, for as long as the others take.
   */
  private record Outcome(ClientSubscription subscription, BridgeException refusal) {
    static Outcome of(ClientSubscription subscription, Throwable failure) {
      return new Outcome(subscription, failure == null ? null : refusalOf(failure));
    }
  }

  private static BridgeException refusalOf(Throwable failure) {
    return BridgeException.from(
        failure, fault -> InternalErrors.report("subscribing to a topic", fault));
  }

  private static CompletableFuture<Outcome> refused(BridgeException refusal) {
    return CompletableFuture.completedFuture(new Outcome(null, refusal));
  }

  private String tooManyTopics() {
    return "a client may have %d topics".formatted(topicsPerClient);
  }

  /** A topic that is subscribed counts as success only while its messages can come. */
  private CompletableFuture<Outcome> again(ClientSubscription present, Optional<String> selector) {
    return present.key().selector().equals(selector)
        ? subscriptions.ensureOpen(present).handle((open, failure) -> present(present, failure))
        : refused(BridgeException.badRequest("the topic is subscribed with another selector"));
  }

  /** Whoever tells of the outcome knows what to say of a right that was taken away. */
  private static Outcome present(ClientSubscription present, Throwable failure) {
    return Outcome.of(present, present.isRevoked() ? null : failure);
  }

  private CompletableFuture<Outcome> start(
      ConnectedClient client, String topic, Optional<String> selector, int selectorCost) {
    try {
      quota.requireRoom(client.identity().user());
      return start(client, DestinationName.parsePattern(topic), selector, selectorCost, ATTEMPTS)
          .handle(Outcome::of);
    } catch (RuntimeException | Error failure) {
      // The other topics of the message have their outcomes.
      return refused(refusalOf(failure));
    }
  }

  private CompletableFuture<ClientSubscription> start(
      ConnectedClient client,
      DestinationName topic,
      Optional<String> selector,
      int selectorCost,
      int attempts) {
    Identity identity = client.identity();
    return accessPolicy
        .maySubscribe(identity, topic)
        .thenCompose(
            grant -> {
              ClientSubscription subscription =
                  new ClientSubscription(
                      client, identity, new TopicSubscriptions.Key(grant, selector));
              subscriptions.charge(subscription, selectorCost);
              return join(subscription).thenApply(joined -> subscription);
            })
        .thenCompose(
            subscription -> {
              if (isStillGranted(subscription)) {
                return CompletableFuture.completedFuture(subscription);
              }
              subscription.leave();
              subscriptions.leave(subscription);
              return attempts == 1
                  ? CompletableFuture.failedFuture(BridgeException.notAuthorized())
                  : start(client, topic, selector, selectorCost, attempts - 1);
            })
        .toCompletableFuture();
  }

  private CompletionStage<Void> join(ClientSubscription subscription) {
    ConnectedClient client = subscription.client();
    client.joins(subscription);
    CompletionStage<Void> joining = subscriptions.join(subscription);
    if (client.isGone()) {
      // Whoever has abandoned it may have looked before it had joined.
      end(subscription);
    }
    return joining.handle((joined, failure) -> joined(subscription, failure));
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
   * Cancels the subscriptions that a client waits for: its session has ended. Called on any thread;
   * never blocks.
   */
  void abandon(ConnectedClient client) {
    client.joinsNoMore().forEach(this::end);
  }

  /**
   * A right that was taken away between the decision and here must win: a revocation looks at every
   * subscription after the change was counted, so it has either seen this one, or the change is
   * seen here.
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
    List<String> notRecovered = new ArrayList<>();
    results.forEach(
        (topic, result) -> {
          Outcome outcome = result.join();
          if (outcome.refusal() != null) {
            failures.put(topic, outcome.refusal());
            return;
          }
          ClientSubscription subscription = outcome.subscription();
          Optional<String> after = Optional.ofNullable(command.resumeFrom().get(topic));
          Beginning beginning = subscriptions.begin(subscription, after);
          if (beginning != Beginning.NONE) {
            begun.add(subscription);
            client.topics().put(topic, subscription);
            after.ifPresent(
                id -> (beginning == Beginning.RECOVERED ? recovered : notRecovered).add(topic));
          } else if (subscription.isRevoked()) {
            failures.put(topic, BridgeException.notAuthorized());
          }
        });
    Optional<BridgeException> whole =
        failures.size() == results.size() ? whole(failures.values()) : Optional.empty();
    client.tell(new Answer.Topics(command.correlationId(), failures, whole, recovered));
    if (!notRecovered.isEmpty()) {
      client.tell(Answer.Gap.unknown(notRecovered, GapReason.NOT_RECOVERABLE));
    }
    begun.stream().filter(s -> !s.confirm()).forEach(AccessRevocation::tell);
    return null;
  }

  /** Returns why the bridge could subscribe none of the topics; empty where it is the topics. */
  private static Optional<BridgeException> whole(Collection<BridgeException> failures) {
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

  /** Ends subscriptions; runs as a command of the client's mailbox. */
  void unsubscribe(ConnectedClient client, TopicUnsubscribe command) {
    for (String topic : command.topics()) {
      ClientSubscription present = client.topics().remove(topic);
      if (present != null) {
        end(present);
      }
    }
    client.tell(new Answer.Topics(command.correlationId(), Map.of(), Optional.empty(), List.of()));
  }

  /** Returns how many topics a client has a right to; runs as a command of its mailbox. */
  private static int topicCount(ConnectedClient client) {
    client.topics().values().removeIf(ClientSubscription::isRevoked);
    return client.topics().size();
  }

  /** Returns whether messages of each topic of a client can come; a command of its mailbox. */
  boolean isEveryTopicOpen(ConnectedClient client) {
    return client.topics().values().stream()
        .allMatch(subscription -> !subscription.isAlive() || subscriptions.isOpen(subscription));
  }

  /**
   * Returns the topics that are open again, and of which the client has not been told that messages
   * may be missing; a command of its mailbox.
   */
  List<String> topicsWithGap(ConnectedClient client) {
    return client.topics().values().stream()
        .filter(subscription -> !subscription.isRevoked() && subscriptions.isOpen(subscription))
        .filter(ClientSubscription::takeGap)
        .map(subscription -> subscription.topic().value())
        .toList();
  }

  /** Ends every subscription of a client; runs as a command of its mailbox. */
  void unsubscribeAll(ConnectedClient client) {
    client.topics().values().forEach(this::end);
    client.topics().clear();
  }

  private void end(ClientSubscription subscription) {
    subscription.leave();
    subscription.client().outbox().discardWithheld(subscription);
    subscriptions.leave(subscription);
  }
}
