package io.longspan.client;

import io.longspan.client.Incoming.Answer;
import io.longspan.client.Incoming.TopicsRevoked;
import io.longspan.client.TopicSubscription.Failure;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;

/**
 * The topics of a client. Listeners of the same topic and selector share one subscription of the
 * bridge. A topic is in the map before the bridge is asked, so that a message that overtakes the
 * answer is delivered. Used on the loop only.
 */
final class Topics {
  /** Topics of one command. */
  private static final int CHUNK = 500;

  /** What happens to topics. */
  interface Listener {
    void topicsRevoked(List<String> topics, String reason);

    void deliver(Consumer<Message> listener, Message message);
  }

  private enum State {
    WANTED,
    ASKED,
    ACTIVE
  }

  private static final class Topic {
    final String name;
    final String selector;
    final Set<Subscribed> subscriptions = new LinkedHashSet<>();
    State state = State.WANTED;

    /** Identifies the latest command; answers to older ones are ignored. */
    Object asking;

    /** Whether it was subscribed once; then it is re-created in new sessions. */
    boolean established;

    CompletableFuture<Map<String, Failure>> ready;
    String lastSeen;

    Topic(String name, String selector) {
      this.name = name;
      this.selector = selector;
    }
  }

  /** The subscription of one listener. */
  private final class Subscribed {
    final Consumer<Message> listener;
    final Set<Topic> topics = new LinkedHashSet<>();
    final List<Failure> failed = new ArrayList<>();

    Subscribed(Consumer<Message> listener) {
      this.listener = listener;
    }
  }

  private final Session session;
  private final Loop loop;
  private final Backoff backoff;
  private final Listener listener;
  private final Map<String, Topic> topics = new LinkedHashMap<>();
  private int asking;

  Topics(Session session, Loop loop, Backoff backoff, Listener listener) {
    this.session = session;
    this.loop = loop;
    this.backoff = backoff;
    this.listener = listener;
  }

  List<String> names() {
    return List.copyOf(topics.keySet());
  }

  /** Whether no command is in flight. */
  boolean isIdle() {
    return asking == 0;
  }

  /** Subscribes; completes on the loop, with the subscription or a {@link LongspanException}. */
  CompletableFuture<TopicSubscription> subscribe(
      List<String> names, String selector, Consumer<Message> to) {
    if (!session.isConnected()) {
      return CompletableFuture.failedFuture(
          new LongspanException.NotSent("The client is not connected"));
    }
    Subscribed subscription = new Subscribed(to);
    List<Topic> fresh = new ArrayList<>();
    for (String name : new LinkedHashSet<>(names)) {
      Topic topic = topics.get(name);
      if (topic == null) {
        topic = new Topic(name, selector);
        topics.put(name, topic);
        fresh.add(topic);
      } else if (!Objects.equals(topic.selector, selector)) {
        subscription.failed.add(
            new Failure(name, "already subscribed with another selector", false));
        continue;
      }
      topic.subscriptions.add(subscription);
      subscription.topics.add(topic);
    }
    List<Topic> asked = List.copyOf(subscription.topics);
    if (!fresh.isEmpty()) {
      CompletableFuture<Map<String, Failure>> ready = ask(fresh, selector);
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
        return CompletableFuture.supplyAsync(() -> leave(subscription), loop)
            .thenCompose(answered -> answered);
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
    CompletableFuture<Void> done = new CompletableFuture<>();
    session
        .control(Map.of("type", "topicUnsubscribe", "topics", ended))
        .whenComplete(
            (answer, failure) -> {
              // Without a connection the session ends, and its subscriptions with it.
              if (failure instanceof LongspanException.Refused) {
                done.completeExceptionally(failure);
              } else {
                done.complete(null);
              }
            });
    return done;
  }

  void dispatch(Message message) {
    Topic topic = topics.get(message.subscription().orElse(""));
    if (topic == null) {
      return;
    }
    // The id of a part of a snapshot is the service's.
    if (!message.isSnapshot()) {
      topic.lastSeen = message.messageId().orElse(null);
    }
    for (Subscribed subscription : List.copyOf(topic.subscriptions)) {
      listener.deliver(subscription.listener, message);
    }
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

  /** Marks all topics as missing; returns those whose messages cannot be requested. */
  List<String> reset() {
    List<String> lost = new ArrayList<>();
    for (Topic topic : topics.values()) {
      topic.state = State.WANTED;
      topic.asking = null;
      if (topic.established && topic.lastSeen == null) {
        lost.add(topic.name);
      }
    }
    return lost;
  }

  /** Subscribes to the topics that the session lacks. */
  void recreate() {
    if (!session.isConnected()) {
      return;
    }
    Map<String, List<Topic>> alike = new HashMap<>();
    for (Topic topic : topics.values()) {
      if (topic.state == State.WANTED && topic.established) {
        alike.computeIfAbsent(topic.selector, selector -> new ArrayList<>()).add(topic);
      }
    }
    alike.forEach(
        (selector, all) -> {
          for (int from = 0; from < all.size(); from += CHUNK) {
            askAgain(List.copyOf(all.subList(from, Math.min(all.size(), from + CHUNK))), selector);
          }
        });
  }

  void clear() {
    List.copyOf(topics.values()).forEach(this::drop);
  }

  private void askAgain(List<Topic> all, String selector) {
    ask(all, selector)
        .whenComplete(
            (failures, failure) -> {
              if (failure == null) {
                backoff.reset();
                failures.forEach(
                    (name, refused) -> listener.topicsRevoked(List.of(name), refused.error()));
              } else if (failure instanceof LongspanException.Refused refused
                  && !refused.isTemporary()) {
                List<String> names = all.stream().map(topic -> topic.name).toList();
                end(new TopicsRevoked(names, refused.bridgeCode()));
              } else {
                loop.later(backoff.next(), this::recreate);
              }
            });
  }

  /** Completes with the failed topics, which were removed. */
  private CompletableFuture<Map<String, Failure>> ask(List<Topic> all, String selector) {
    Object command = new Object();
    Map<String, String> seen = new LinkedHashMap<>();
    for (Topic topic : all) {
      topic.state = State.ASKED;
      topic.asking = command;
      if (topic.lastSeen != null) {
        seen.put(topic.name, topic.lastSeen);
      }
    }
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("type", "topicSubscribe");
    data.put("topics", all.stream().map(topic -> topic.name).toList());
    if (selector != null) {
      data.put("selector", selector);
    }
    if (!seen.isEmpty()) {
      data.put("resumeFrom", seen);
    }
    asking++;
    CompletableFuture<Map<String, Failure>> result = new CompletableFuture<>();
    session
        .control(data)
        .whenComplete(
            (answer, failure) -> {
              asking--;
              if (failure != null) {
                all.stream()
                    .filter(topic -> topic.asking == command)
                    .forEach(topic -> topic.state = State.WANTED);
                result.completeExceptionally(failure);
              } else {
                result.complete(accept(all, command, answer));
              }
              session.callEnded();
            });
    return result;
  }

  private Map<String, Failure> accept(List<Topic> all, Object command, Answer answer) {
    Map<String, Failure> failures = new LinkedHashMap<>();
    for (int i = 0; i < answer.failedTopics().size(); i++) {
      String name = answer.failedTopics().get(i);
      boolean told = i < answer.topicErrors().size();
      boolean temporary =
          i < answer.topicTemporary().size() && Boolean.TRUE.equals(answer.topicTemporary().get(i));
      failures.put(
          name, new Failure(name, told ? answer.topicErrors().get(i) : "refused", temporary));
    }
    for (Topic topic : all) {
      if (topic.asking == command) {
        topic.state = State.ACTIVE;
        topic.established = true;
        if (failures.containsKey(topic.name)) {
          drop(topic);
        }
      }
    }
    return failures;
  }

  private void drop(Topic topic) {
    topic.subscriptions.forEach(subscription -> subscription.topics.remove(topic));
    topic.subscriptions.clear();
    topics.remove(topic.name, topic);
  }
}
