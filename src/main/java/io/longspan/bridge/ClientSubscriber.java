package io.longspan.bridge;

import io.longspan.bridge.ClientSession.Subscribed;
import io.longspan.protocol.Answer;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.ControlCommand.TopicSubscribe;
import io.longspan.protocol.ControlCommand.TopicUnsubscribe;
import io.longspan.protocol.DestinationName;
import io.longspan.protocol.ErrorCode;
import io.longspan.security.AccessPolicy;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
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
  private final MessageBroker broker;
  private final AccessPolicy accessPolicy;
  private final TopicSubscriptions subscriptions;
  private final int topicsPerClient;

  ClientSubscriber(
      MessageBroker broker,
      AccessPolicy accessPolicy,
      TopicSubscriptions subscriptions,
      int topicsPerClient) {
    this.broker = broker;
    this.accessPolicy = accessPolicy;
    this.subscriptions = subscriptions;
    this.topicsPerClient = topicsPerClient;
  }

  /**
   * Subscribes a client; runs as a command of its mailbox.
   *
   * @return completes when the client has its answer
   * @throws BridgeException where the whole message is refused
   */
  CompletionStage<?> subscribe(ClientSession session, TopicSubscribe command) {
    command.selector().ifPresent(broker::requireSelector);
    Set<String> topics = new LinkedHashSet<>(command.topics());
    if (topics.size() > topicsPerClient) {
      throw tooManyTopics();
    }
    Map<String, CompletableFuture<Subscribed>> results = new LinkedHashMap<>();
    int room = topicsPerClient - session.topics().size();
    for (String topic : topics) {
      Subscribed present = session.topics().get(topic);
      if (present != null) {
        results.put(topic, again(present, command.selector()));
      } else if (room == 0) {
        results.put(topic, CompletableFuture.failedFuture(tooManyTopics()));
      } else {
        room--;
        results.put(topic, start(session, topic, command.selector()));
      }
    }
    return CompletableFuture.allOf(results.values().toArray(CompletableFuture[]::new))
        .handle((all, failure) -> finish(session, command.correlationId(), results));
  }

  private BridgeException tooManyTopics() {
    return BridgeException.limitExceeded("a client may have %d topics".formatted(topicsPerClient));
  }

  private static CompletableFuture<Subscribed> again(
      Subscribed present, Optional<String> selector) {
    return present.selector().equals(selector)
        ? CompletableFuture.completedFuture(present)
        : CompletableFuture.failedFuture(
            BridgeException.badRequest("the topic is subscribed with another selector"));
  }

  private CompletableFuture<Subscribed> start(
      ClientSession session, String topic, Optional<String> selector) {
    try {
      return accessPolicy
          .maySubscribe(session.identity(), DestinationName.parsePattern(topic))
          .thenCompose(
              grant -> {
                TopicSubscriptions.Key key = new TopicSubscriptions.Key(grant, selector);
                return subscriptions
                    .join(key, session)
                    .thenApply(joined -> new Subscribed(key, selector));
              })
          .toCompletableFuture();
    } catch (BridgeException refusal) {
      return CompletableFuture.failedFuture(refusal);
    }
  }

  private static Object finish(
      ClientSession session,
      String correlationId,
      Map<String, CompletableFuture<Subscribed>> results) {
    Map<String, BridgeException> failures = new LinkedHashMap<>();
    results.forEach(
        (topic, result) ->
            result.whenComplete(
                (subscribed, failure) -> {
                  if (failure == null) {
                    session.topics().put(topic, subscribed);
                  } else {
                    failures.put(topic, BridgeException.from(failure));
                  }
                }));
    boolean overLimit =
        !failures.isEmpty()
            && failures.size() == results.size()
            && failures.values().stream().allMatch(f -> f.code() == ErrorCode.LIMIT_EXCEEDED);
    session.tell(new Answer.Topics(correlationId, failures, overLimit));
    return null;
  }

  /** Ends subscriptions; runs as a command of the client's mailbox. */
  void unsubscribe(ClientSession session, TopicUnsubscribe command) {
    for (String topic : command.topics()) {
      Subscribed present = session.topics().remove(topic);
      if (present != null) {
        subscriptions.leave(present.key(), session);
      }
    }
    session.tell(new Answer.Topics(command.correlationId(), Map.of(), false));
  }

  /** Ends every subscription of a client; runs as a command of its mailbox. */
  void unsubscribeAll(ClientSession session) {
    session.topics().values().forEach(present -> subscriptions.leave(present.key(), session));
    session.topics().clear();
  }
}
