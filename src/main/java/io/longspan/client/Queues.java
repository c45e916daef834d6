package io.longspan.client;

import io.longspan.client.Deliveries.Delivery;
import io.longspan.client.Incoming.QueuesRevoked;
import java.lang.System.Logger.Level;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** The queues that a client consumes (protocol section 15). Used on the loop only. */
final class Queues {

  /** What happens to queues. */
  interface Listener {
    void queuesRevoked(List<String> queues, String reason);
  }

  /** The consumption of one queue. */
  private static final class Consumer {
    final String queue;
    final QueueOptions options;
    final Function<QueueMessage, CompletionStage<?>> handler;

    /** Whether the bridge has confirmed it; then it begins again in a new session. */
    boolean established;

    /** Identifies the command that has begun it in this session; null if there is none. */
    Object begun;

    Consumer(
        String queue, QueueOptions options, Function<QueueMessage, CompletionStage<?>> handler) {
      this.queue = queue;
      this.options = options;
      this.handler = handler;
    }

    Map<String, Object> command() {
      Map<String, Object> command = new LinkedHashMap<>();
      command.put("type", "queueSubscribe");
      command.put("queue", queue);
      if (options.prefetch() != QueueOptions.NONE.prefetch()) {
        command.put("prefetch", options.prefetch());
      }
      if (options.selector() != null) {
        command.put("selector", options.selector());
      }
      return command;
    }
  }

  private final Session session;
  private final Loop loop;
  private final Callbacks callbacks;
  private final Deliveries deliveries;
  private final Backoff backoff;
  private final Listener listener;
  private final Map<String, Consumer> consumers = new LinkedHashMap<>();

  Queues(
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

  /** Begins to consume; completes on the loop. */
  CompletableFuture<QueueSubscription> subscribe(
      String queue, QueueOptions options, Function<QueueMessage, CompletionStage<?>> handler) {
    if (consumers.containsKey(queue)) {
      throw new IllegalStateException("queue: " + queue + " is already consumed");
    }
    if (!session.isConnected()) {
      throw new LongspanException.NotSent("The client is not connected");
    }
    Consumer consumer = new Consumer(queue, options, handler);
    // Before the bridge is asked, so that a message that overtakes the answer is processed.
    consumers.put(queue, consumer);
    CompletableFuture<QueueSubscription> result = new CompletableFuture<>();
    ask(consumer)
        .whenComplete(
            (begun, failure) -> {
              if (failure == null) {
                result.complete(view(consumer));
              } else {
                consumers.remove(queue, consumer);
                result.completeExceptionally(failure);
              }
            });
    return result;
  }

  private QueueSubscription view(Consumer consumer) {
    return new QueueSubscription() {
      @Override
      public String queue() {
        return consumer.queue;
      }

      @Override
      public CompletableFuture<Void> unsubscribe() {
        return callbacks.onLoop(
            () ->
                consumers.remove(consumer.queue, consumer)
                    ? leave(consumer.queue)
                    : CompletableFuture.completedFuture(null));
      }
    };
  }

  void dispatch(Message message) {
    String queue = message.queue().orElse("");
    String handle = message.delivery().orElse("");
    Consumer consumer = consumers.get(queue);
    if (consumer == null) {
      // The bridge releases it, if it was not on its way when the consumption ended.
      leave(queue)
          .exceptionally(
              failure -> {
                Loop.LOG.log(Level.INFO, "a queue that is not consumed could not be left", failure);
                return null;
              });
      return;
    }
    Delivery delivery = deliveries.add(handle);
    QueueMessage given =
        new QueueMessage(message, command -> callbacks.onLoop(() -> delivery.settle(command)));
    callbacks
        .handle(() -> consumer.handler.apply(given))
        .whenComplete(
            (done, failure) ->
                delivery.settle(failure == null ? Deliveries.ACK : Deliveries.RELEASE));
  }

  /** The bridge has ended the consumption. */
  void end(QueuesRevoked event) {
    event.queues().forEach(consumers::remove);
    listener.queuesRevoked(event.queues(), event.reason());
  }

  /** Marks all consumers as missing in a new session. */
  void reset() {
    consumers.values().forEach(consumer -> consumer.begun = null);
  }

  /** Begins those again that the session lacks. */
  void recreate() {
    for (Consumer consumer : List.copyOf(consumers.values())) {
      if (consumer.established && consumer.begun == null && session.isConnected()) {
        askAgain(consumer);
      }
    }
  }

  void clear() {
    consumers.clear();
  }

  private CompletableFuture<Void> ask(Consumer consumer) {
    Object command = new Object();
    consumer.begun = command;
    CompletableFuture<Void> result = new CompletableFuture<>();
    session
        .control(consumer.command())
        .whenComplete(
            (answer, failure) -> {
              if (failure == null) {
                consumer.established = true;
                result.complete(null);
              } else {
                if (consumer.begun == command) {
                  consumer.begun = null;
                }
                result.completeExceptionally(failure);
              }
            });
    return result;
  }

  private void askAgain(Consumer consumer) {
    ask(consumer)
        .whenComplete(
            (begun, failure) -> {
              boolean current = consumers.get(consumer.queue) == consumer;
              if (failure == null) {
                backoff.reset();
              } else if (!current || consumer.begun != null) {
                Loop.LOG.log(Level.DEBUG, "a later command decides about {0}", consumer.queue);
              } else if (failure instanceof LongspanException.Refused refused
                  && !refused.isTemporary()) {
                end(new QueuesRevoked(List.of(consumer.queue), refused.bridgeCode()));
              } else {
                loop.later(backoff.next(), this::recreate);
              }
            });
  }

  private CompletableFuture<Void> leave(String queue) {
    return session.unsubscribe(Map.of("type", "queueUnsubscribe", "queue", queue));
  }
}
