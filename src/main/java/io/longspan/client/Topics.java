package io.longspan.client;

import io.longspan.client.Deliveries.Delivery;
import io.longspan.client.Incoming.Answer;
import io.longspan.client.Incoming.TopicsRevoked;
import io.longspan.client.TopicSubscription.Failure;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The topics of a client. Listeners of the same topic and options share one subscription of the
 * bridge. A topic is in the map before the bridge is asked, so that a message that overtakes the
 * answer is delivered. Used on the loop only.
 */
final class Topics {
  /** Topics of one command. */
  private static final int CHUNK = 500;

  /** What happens to topics. */
  interface Listener {
    void topicsRevoked(List<String> topics, String reason);

    /** Messages of the topic may be missing, from before now. */
    void topicMissed(String topic);

    /** Hands over a message that nobody acknowledges; it is dropped if too many wait. */
    void deliver(Function<Message, CompletionStage<?>> handler, Message message);
  }

  private enum State {
    WANTED,
    ASKED,
    ACTIVE
  }

  private static final class Topic {
    final String name;
    final TopicOptions options;
    final Set<Subscribed> subscriptions = new LinkedHashSet<>();
    State state = State.WANTED;

    /** Identifies the latest command; answers to older ones are ignored. */
    Object asking;

    /** Whether it was subscribed once; then it is re-created in new sessions. */
    boolean established;

    CompletableFuture<Map<String, Failure>> ready;
    String lastSeen;

    /** Whether messages are missing that cannot be requested; told when it is subscribed. */
    boolean missed;

    /** The processing of the messages so far, of a durable subscription. */
    CompletableFuture<Void> turn = CompletableFuture.completedFuture(null);

    Topic(String name, TopicOptions options) {
      this.name = name;
      this.options = options;
    }
  }

  /** The subscription of one listener. */
  private final class Subscribed {
    final Function<Message, CompletionStage<?>> handler;
    final Set<Topic> topics = new LinkedHashSet<>();
    final List<Failure> failed = new ArrayList<>();

    Subscribed(Function<Message, CompletionStage<?>> handler) {
      this.handler = handler;
    }
  }

  private final Session session;
  private final Loop loop;
  private final Callbacks callbacks;
  private final Deliveries deliveries;
  private final Backoff backoff;
  private final Listener listener;
  private final Map<String, Topic> topics = new LinkedHashMap<>();

  Topics(
      Session session,
      Loop loop,
      Callbacks callbacks,
      Deliveries deliveries,
      Backoff backoff,
      Listener listener) {
    this.session = session;
    this.loop = loop;
    this.callbacks = callbacks;
    this.deliveries = deliveries;
    this.backoff = backoff;
    this.listener = listener;
  }

  /** Returns a handler that has processed a message when its listener returns. */
  static Function<Message, CompletionStage<?>> handler(Consumer<Message> listener) {
    return message -> {
      listener.accept(message);
      return null;
    };
  }

  List<String> names() {
    return List.copyOf(topics.keySet());
  }

  /** Subscribes; completes on the loop, with the subscription or a {@link LongspanException}. */
  CompletableFuture<TopicSubscription> subscribe(
      List<String> names, TopicOptions options, Function<Message, CompletionStage<?>> to) {
    if (!session.isConnected()) {
      return CompletableFuture.failedFuture(
          new LongspanException.NotSent("The client is not connected"));
    }
    Subscribed subscription = new Subscribed(to);
    List<Topic> fresh = new ArrayList<>();
    for (String name : new LinkedHashSet<>(names)) {
      Topic topic = topics.get(name);
      if (topic == null) {
        topic = new Topic(name, options);
        topics.put(name, topic);
        fresh.add(topic);
      } else if (!topic.options.equals(options)) {
        subscription.failed.add(
            new Failure(name, "already subscribed with another selector or durable name", false));
        continue;
      }
      topic.subscriptions.add(subscription);
      subscription.topics.add(topic);
    }
    List<Topic> asked = List.copyOf(subscription.topics);
    if (!fresh.isEmpty()) {
      CompletableFuture<Map<String, Failure>> ready = ask(fresh, options);
      ready.exceptionally(
          failure -> {
            fresh.forEach(this::drop);
            return null;
          });
      fresh.forEach(topic -> topic.ready = ready);
    }
    CompletableFuture<?>[] all =
        asked.stream().map(topic -> topic.ready).toArray(CompletableFuture<?>[]::new);
    CompletableFuture<TopicSubscription> result = new CompletableFuture<>();
    CompletableFuture.allOf(all)
        .whenCompleteAsync((done, failure) -> finish(subscription, asked, result), loop);
    return result;
  }

  private void finish(
      Subscribed subscription, List<Topic> asked, CompletableFuture<TopicSubscription> result) {
    LongspanException first = null;
    for (Topic topic : asked) {
      try {
        Failure failure = topic.ready.join().get(topic.name);
        if (failure != null) {
          subscription.failed.add(failure);
        }
      } catch (CompletionException x) {
        LongspanException error = (LongspanException) x.getCause();
        first = first == null ? error : first;
        subscription.failed.add(new Failure(topic.name, error.getMessage(), error.isTemporary()));
      }
    }
    if (!subscription.failed.isEmpty() && subscription.topics.isEmpty()) {
      result.completeExceptionally(
          first == null ? new LongspanException.TopicSubscribe(subscription.failed) : first);
    } else {
      result.complete(view(subscription));
    }
  }

  private TopicSubscription view(Subscribed subscription) {
    List<Failure> failed = List.copyOf(subscription.failed);
    return new TopicSubscription() {
      @Override
      public List<String> topics() {
        return CompletableFuture.supplyAsync(
                () -> subscription.topics.stream().map(topic -> topic.name).toList(), loop)
            .join();
      }

      @Override
      public List<Failure> failed() {
        return failed;
      }

      @Override
      public CompletableFuture<Void> unsubscribe() {
        return callbacks.onLoop(() -> leave(subscription));
      }
    };
  }

  private CompletableFuture<Void> leave(Subscribed subscription) {
    List<String> ended = new ArrayList<>();
    for (Topic topic : List.copyOf(subscription.topics)) {
      topic.subscriptions.remove(subscription);
      if (topic.subscriptions.isEmpty()) {
        drop(topic);
        ended.add(topic.name);
      }
    }
    subscription.topics.clear();
    if (ended.isEmpty() || !session.isConnected()) {
      return CompletableFuture.completedFuture(null);
    }
    return session.unsubscribe(Map.of("type", "topicUnsubscribe", "topics", ended));
  }

  /** Deletes durable subscriptions; completes on the loop, or with what was refused. */
  CompletableFuture<Void> forget(List<String> names, String durable) {
    for (String name : names) {
      Topic topic = topics.get(name);
      // A listener may have subscribed to the same topic in another way.
      if (topic != null && durable.equals(topic.options.durable())) {
        drop(topic);
      }
    }
    return session
        .control(
            Map.of("type", "topicUnsubscribe", "topics", names, "durable", durable, "forget", true))
        .thenAccept(
            answer -> {
              Map<String, Failure> failures = failures(answer);
              if (!failures.isEmpty()) {
                throw new LongspanException.TopicSubscribe(List.copyOf(failures.values()));
              }
            });
  }

  void dispatch(Message message) {
    Topic topic = topics.get(message.subscription().orElse(""));
    if (topic == null) {
      return;
    }
    tellMissed(topic);
    // The id of a part of a snapshot is the service's.
    if (!message.isSnapshot()) {
      topic.lastSeen = message.messageId().orElse(null);
    }
    if (message.delivery().isPresent()) {
      Delivery delivery = deliveries.add(message.delivery().get());
      topic.turn = topic.turn.thenCompose(before -> process(topic, message, delivery));
      return;
    }
    for (Subscribed subscription : List.copyOf(topic.subscriptions)) {
      listener.deliver(subscription.handler, message);
    }
  }

  /** Processes a message that is acknowledged; completes on the loop, and never fails. */
  private CompletableFuture<Void> process(Topic topic, Message message, Delivery delivery) {
    // It is delivered again, in a new session or to the next subscriber.
    if (delivery.isVoid() || topic.subscriptions.isEmpty()) {
      delivery.settle(Deliveries.RELEASE);
      return CompletableFuture.completedFuture(null);
    }
    CompletableFuture<?>[] all =
        topic.subscriptions.stream()
            .map(subscription -> callbacks.handle(() -> subscription.handler.apply(message)))
            .toArray(CompletableFuture<?>[]::new);
    return CompletableFuture.allOf(all)
        .handle(
            (done, failure) -> {
              delivery.settle(failure == null ? Deliveries.ACK : Deliveries.RELEASE);
              return null;
            });
  }

  /** The bridge has ended topics. */
  void end(TopicsRevoked event) {
    for (String name : event.topics()) {
      Topic topic = topics.get(name);
      if (topic != null) {
        drop(topic);
      }
    }
    listener.topicsRevoked(event.topics(), event.reason());
  }

  /** Marks all topics as missing. Follow it with {@link #recreate}. */
  void reset() {
    for (Topic topic : topics.values()) {
      topic.state = State.WANTED;
      topic.asking = null;
      topic.missed |=
          topic.established && topic.lastSeen == null && topic.options.durable() == null;
    }
  }

  /** Subscribes to the topics that the session lacks. */
  void recreate() {
    if (!session.isConnected()) {
      return;
    }
    Map<TopicOptions, List<Topic>> alike = new HashMap<>();
    for (Topic topic : topics.values()) {
      if (topic.state == State.WANTED && topic.established) {
        alike.computeIfAbsent(topic.options, options -> new ArrayList<>()).add(topic);
      }
    }
    alike.forEach(
        (options, all) -> {
          for (int from = 0; from < all.size(); from += CHUNK) {
            askAgain(List.copyOf(all.subList(from, Math.min(all.size(), from + CHUNK))), options);
          }
        });
  }

  void clear() {
    List.copyOf(topics.values()).forEach(this::drop);
  }

  private void askAgain(List<Topic> all, TopicOptions options) {
    ask(all, options)
        .whenComplete(
            (failures, failure) -> {
              if (failure == null) {
                failures.values().forEach(this::refusedAgain);
                if (failures.values().stream().anyMatch(Failure::temporary)) {
                  loop.later(backoff.next(), this::recreate);
                } else {
                  backoff.reset();
                }
              } else if (failure instanceof LongspanException.Refused refused
                  && !refused.isTemporary()) {
                List<String> names = all.stream().map(topic -> topic.name).toList();
                end(new TopicsRevoked(names, refused.bridgeCode()));
              } else {
                loop.later(backoff.next(), this::recreate);
              }
            });
  }

  private void refusedAgain(Failure failure) {
    if (!failure.temporary()) {
      listener.topicsRevoked(List.of(failure.topic()), failure.error());
    }
  }

  /**
   * Completes with the failed topics. They were removed, except those that were subscribed before
   * and have failed for now.
   */
  private CompletableFuture<Map<String, Failure>> ask(List<Topic> all, TopicOptions options) {
    Object command = new Object();
    Map<String, String> seen = new LinkedHashMap<>();
    for (Topic topic : all) {
      topic.state = State.ASKED;
      topic.asking = command;
      // The broker knows where a durable subscription goes on.
      if (topic.lastSeen != null && options.durable() == null) {
        seen.put(topic.name, topic.lastSeen);
      }
    }
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("type", "topicSubscribe");
    data.put("topics", all.stream().map(topic -> topic.name).toList());
    if (options.selector() != null) {
      data.put("selector", options.selector());
    }
    if (options.durable() != null) {
      data.put("durable", options.durable());
    }
    if (!seen.isEmpty()) {
      data.put("resumeFrom", seen);
    }
    CompletableFuture<Map<String, Failure>> result = new CompletableFuture<>();
    session
        .control(data)
        .whenComplete(
            (answer, failure) -> {
              if (failure != null) {
                all.stream()
                    .filter(topic -> topic.asking == command)
                    .forEach(topic -> topic.state = State.WANTED);
                result.completeExceptionally(failure);
              } else {
                result.complete(accept(all, command, answer));
              }
            });
    return result;
  }

  private static Map<String, Failure> failures(Answer answer) {
    Map<String, Failure> failures = new LinkedHashMap<>();
    for (int i = 0; i < answer.failedTopics().size(); i++) {
      String name = answer.failedTopics().get(i);
      boolean told = i < answer.topicErrors().size();
      boolean temporary =
          i < answer.topicTemporary().size() && Boolean.TRUE.equals(answer.topicTemporary().get(i));
      failures.put(
          name, new Failure(name, told ? answer.topicErrors().get(i) : "refused", temporary));
    }
    return failures;
  }

  private Map<String, Failure> accept(List<Topic> all, Object command, Answer answer) {
    Map<String, Failure> failures = failures(answer);
    for (Topic topic : all) {
      if (topic.asking == command) {
        accept(topic, failures.get(topic.name));
      }
    }
    return failures;
  }

  private void accept(Topic topic, Failure failure) {
    if (failure == null) {
      topic.state = State.ACTIVE;
      topic.established = true;
      tellMissed(topic);
    } else if (topic.established && failure.temporary()) {
      topic.state = State.WANTED;
    } else {
      drop(topic);
    }
  }

  /** The answer to the subscribe command or the first message tells it, whichever is first. */
  private void tellMissed(Topic topic) {
    if (topic.missed) {
      topic.missed = false;
      listener.topicMissed(topic.name);
    }
  }

  private void drop(Topic topic) {
    topic.subscriptions.forEach(subscription -> subscription.topics.remove(topic));
    topic.subscriptions.clear();
    topics.remove(topic.name, topic);
  }
}
