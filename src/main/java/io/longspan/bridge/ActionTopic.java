package io.longspan.bridge;

import io.longspan.bridge.MessageBroker.TopicConsumer;
import io.longspan.catalogue.BrokerDestination;
import io.longspan.catalogue.BrokerDestination.Kind;
import io.longspan.catalogue.MessageForm;
import io.longspan.concurrent.InternalErrors;
import io.longspan.envelope.ActionMessages;
import io.longspan.envelope.ActionMessages.GoalEvent;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.BrokerMessage;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One action of commlib, with the goals that clients of this bridge have. One consumer receives the
 * topics of the action, so that progress and end of a goal keep their order.
 *
 * <p>Messages of several delivery threads are handled one at a time, in turns: a thread that finds
 * another one at work leaves its message to that one. Nothing blocks.
 */
final class ActionTopic {
  /** The maximum number of messages that wait for a turn. */
  static final int MAX_WAITING = 10_000;

  /** How many messages are kept for a goal whose acceptance is still on its way. */
  static final int MAX_EARLY = 64;

  /** The maximum size of one of them, in characters of feedback. */
  static final int MAX_EARLY_CHARACTERS = 4_096;

  /** How long the answer to {@code get_result} may take, in milliseconds. */
  static final long RESULT_TIMEOUT = 10_000;

  private static final Logger LOG = LoggerFactory.getLogger(ActionTopic.class);

  private final String action;
  private final String user;
  private final BridgeMetrics metrics;
  private final Scheduler scheduler;
  private final SharedReplyConsumer consumer;

  /** The goals, with what to do if the consumer is lost. Thread-safe. */
  private final Map<ActionGoal, Runnable> goals = new ConcurrentHashMap<>();

  /** Guarded by itself. */
  private final Queue<Runnable> waiting = new ArrayDeque<>(4);

  /** Guarded by {@code waiting}. */
  private boolean busy;

  /** Owned by the running turn: messages that may belong to a goal which is not accepted yet. */
  private final Deque<GoalEvent> early = new ArrayDeque<>(4);

  /** Whether the action was used since the last check. */
  private volatile boolean used;

  /** The consumer that is open; null: none. */
  private volatile TopicConsumer open;

  private volatile boolean closed;

  /**
   * Creates an action whose consumer is not open.
   *
   * @param action the JMS name of the action
   * @param user the user in whose turn the consumer is opened
   */
  ActionTopic(
      String action,
      String user,
      MessageBroker broker,
      BridgeMetrics metrics,
      Scheduler scheduler) {
    this.action = action;
    this.user = user;
    this.metrics = metrics;
    this.scheduler = scheduler;
    BrokerDestination topics = new BrokerDestination(Kind.TOPIC, action + ".*", true);
    this.consumer =
        new SharedReplyConsumer(
            () ->
                broker
                    .subscribe(user, topics, Optional.empty(), this::received)
                    .stage()
                    .thenApply(this::opened),
            this::lost);
  }

  String action() {
    return action;
  }

  String user() {
    return user;
  }

  CompletionStage<Object> open() {
    return consumer.open();
  }

  private TopicConsumer opened(TopicConsumer now) {
    open = now;
    if (closed) {
      now.close();
    }
    return now;
  }

  /** Keeps the consumer open until the next check but one. */
  void use() {
    used = true;
  }

  /** Returns whether the action has no goals, and was not used since the last call. */
  boolean isIdle() {
    boolean idle = goals.isEmpty() && !used;
    used = false;
    return idle;
  }

  /**
   * Adds a goal before it is sent.
   *
   * @param whenLost called if the consumer ends
   */
  void add(ActionGoal goal, Runnable whenLost) {
    goals.put(goal, whenLost);
    if (closed) {
      goals.remove(goal);
      throw BridgeException.brokerUnavailable(null);
    }
  }

  /** Removes a goal; nothing more is delivered to it. */
  void remove(ActionGoal goal) {
    goals.remove(goal);
  }

  private void lost() {
    List.copyOf(goals.values()).forEach(Runnable::run);
  }

  /** Closes the consumer for good. */
  void close() {
    closed = true;
    TopicConsumer last = open;
    if (last != null) {
      last.close();
    }
  }

  /** Returns a listener that handles its messages in turns. */
  Consumer<BrokerMessage> inTurn(Consumer<BrokerMessage> listener) {
    return message -> run(() -> listener.accept(message));
  }

  private void run(Runnable turn) {
    synchronized (waiting) {
      if (waiting.size() >= MAX_WAITING) {
        LOG.warn("too many messages of an action wait, one is discarded action={}", action);
        metrics.unknownAnswer();
        return;
      }
      waiting.add(turn);
      if (busy) {
        return;
      }
      busy = true;
    }
    Runnable next;
    while ((next = next()) != null) {
      InternalErrors.guard(() -> "a message of the action " + action, next);
    }
  }

  private Runnable next() {
    synchronized (waiting) {
      Runnable next = waiting.poll();
      busy = next != null;
      return next;
    }
  }

  /** Receives a message of a topic or a request of the action. Runs on a JMS delivery thread. */
  private void received(BrokerMessage message) {
    String name = message.destination();
    for (String topic : List.of(ActionMessages.FEEDBACK, ActionMessages.STATUS)) {
      if (name.equals(action + topic) && !goals.isEmpty()) {
        BrokerMessage read = Envelopes.read(MessageForm.COMMLIB_TOPIC, message, metrics);
        Optional<GoalEvent> event = ActionMessages.event(topic, read);
        if (event.isPresent()) {
          run(() -> event(event.get()));
        } else if (!read.isUnsupported()) {
          LOG.warn("message of an action is not readable topic={}", name);
          metrics.malformedEnvelope();
        }
      }
    }
  }

  private void event(GoalEvent event) {
    for (ActionGoal goal : goals.keySet()) {
      if (goal.hasId(event.goalId())) {
        deliver(goal, event);
        return;
      }
    }
    if (goals.keySet().stream().noneMatch(ActionGoal::isSent)) {
      early.clear();
      return;
    }
    if (event.feedback().filter(text -> text.length() > MAX_EARLY_CHARACTERS).isPresent()
        || early.size() >= MAX_EARLY) {
      LOG.debug("early message of a goal discarded action={}", action);
      metrics.unknownAnswer();
      if (early.size() < MAX_EARLY) {
        return;
      }
      early.removeFirst();
    }
    early.add(event);
  }

  private void deliver(ActionGoal goal, GoalEvent event) {
    if (goal.event(event)) {
      scheduler.schedule(() -> run(goal::endWithoutResult), RESULT_TIMEOUT);
    }
  }

  /** Handles the answer to {@code send_goal}, in a turn. */
  void answered(ActionGoal goal, BrokerMessage message) {
    if (goal.answered(message)) {
      for (GoalEvent event : List.copyOf(early)) {
        if (goal.hasId(event.goalId())) {
          early.remove(event);
          deliver(goal, event);
        }
      }
    }
  }

  /** Cancels a goal. */
  CompletionStage<?> cancel(ActionGoal goal) {
    CompletableFuture<Void> sent = new CompletableFuture<>();
    run(
        () ->
            goal.cancel()
                .whenComplete(
                    (done, failure) -> {
                      if (failure == null) {
                        sent.complete(null);
                      } else {
                        sent.completeExceptionally(failure);
                      }
                    }));
    return sent;
  }
}
