package io.longspan.bridge;

import io.longspan.access.RequestSender;
import io.longspan.bridge.MessageBroker.NamedReplyDestination;
import io.longspan.bridge.MessageBroker.Outbound;
import io.longspan.bridge.MessageBroker.ReplyDestination;
import io.longspan.bridge.MessageBroker.Source;
import io.longspan.bridge.MessageBroker.TopicConsumer;
import io.longspan.catalogue.BrokerDestination;
import io.longspan.catalogue.BrokerDestination.Kind;
import io.longspan.config.LongspanConfig.Replies;
import io.longspan.config.LongspanConfig.ReplyMode;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.BrokerMessage;
import io.longspan.protocol.MessageBody;
import io.longspan.protocol.SendCommand.Headers;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Sends the bridge's own requests to one broker, and receives the answers on a reply destination of
 * the bridge.
 *
 * <p>Called on any thread; never blocks.
 */
public final class BrokerRequests implements RequestSender {
  /** Receives an answer. Called on a JMS delivery thread or any other; must not block. */
  interface Answer {
    /** Handles a message of the answer; returns whether it is the last one. */
    boolean received(BrokerMessage part);

    /** Handles that no further message can arrive. */
    void failed(BridgeException why);
  }

  /** Makes the message of a request. */
  @FunctionalInterface
  interface Request {
    /**
     * Returns the message.
     *
     * @param correlationId the correlation id that the message must have
     * @param replyTo the destination for the answer
     */
    Outbound message(String correlationId, ReplyDestination replyTo);
  }

  /** The time to wait for an answer, in milliseconds. */
  static final long TIMEOUT = 5_000;

  /**
   * The user in whose turn the reply destination for snapshots is opened; no user has this name.
   */
  private static final String SNAPSHOTS = "\0snapshots";

  private final String bridgeId;
  private final ReplyMode mode;
  private final ReplyNames names;
  private final MessageBroker broker;
  private final Scheduler scheduler;
  private final boolean forSnapshots;
  private final ConcurrentMap<String, Answer> pending = new ConcurrentHashMap<>();

  /** The destination for the answers; null while none is open. */
  private volatile ReplyDestination replyDestination;

  /**
   * Identifies the reply destination that is wanted, so that an older one is closed; null without a
   * connection.
   */
  private volatile Object current;

  /**
   * Creates a sender. Requests fail with {@code brokerUnavailable} until {@link #open} has
   * succeeded.
   *
   * @param replies how answers come back
   */
  public BrokerRequests(
      String bridgeId, Replies replies, MessageBroker broker, Scheduler scheduler) {
    this(bridgeId, replies, broker, scheduler, false);
  }

  /**
   * Creates a sender.
   *
   * @param forSnapshots whether the answers are snapshots, which have a reply destination of their
   *     own: they can be large, and must not delay answers about rights
   */
  BrokerRequests(
      String bridgeId,
      Replies replies,
      MessageBroker broker,
      Scheduler scheduler,
      boolean forSnapshots) {
    this.forSnapshots = forSnapshots;
    this.bridgeId = bridgeId;
    this.mode = replies.mode();
    this.names = ReplyNames.of(replies, bridgeId);
    this.broker = broker;
    this.scheduler = scheduler;
  }

  /**
   * Opens the reply destination on a new connection; failed attempts are retried.
   *
   * @return completes with the first attempt; cancelled if the connection is lost before
   */
  CompletableFuture<Boolean> open(Reopenings reopenings) {
    Object wanted = new Object();
    current = wanted;
    return reopenings.start(this, () -> openReplyDestination(wanted, reopenings), () -> {});
  }

  /** Returns whether the reply destination is open. */
  boolean isOpen() {
    return replyDestination != null;
  }

  private CompletionStage<Void> openReplyDestination(Object wanted, Reopenings reopenings) {
    return openReplyDestination()
        .thenAccept(
            opened -> {
              if (current != wanted) {
                opened.close();
                return;
              }
              replyDestination = opened;
              opened.lost().thenRun(() -> lost(opened, reopenings));
            });
  }

  private CompletionStage<ReplyDestination> openReplyDestination() {
    String user = forSnapshots ? SNAPSHOTS : "";
    return switch (mode) {
      case TEMPORARY_TOPIC -> broker.openTemporary(Kind.TOPIC, user, new Answers());
      case TEMPORARY_QUEUE -> broker.openTemporary(Kind.QUEUE, user, new Answers());
      case TOPIC -> consume(forSnapshots ? names.newSnapshotTopic() : names.newOwnTopic());
      case QUEUE -> consume(forSnapshots ? names.snapshotQueue() : names.ownQueue());
    };
  }

  private CompletionStage<ReplyDestination> consume(BrokerDestination destination) {
    return (forSnapshots
            ? broker.consumeReplies(destination, this::answered)
            : broker.consumeOwnReplies(destination, this::answered))
        .thenApply(consumer -> new Consumed(destination, consumer));
  }

  /** A reply destination with a name, and its consumer. */
  private record Consumed(BrokerDestination destination, TopicConsumer consumer)
      implements NamedReplyDestination {
    @Override
    public CompletionStage<Void> close() {
      return consumer.close();
    }

    @Override
    public CompletionStage<Void> lost() {
      return consumer.lost();
    }
  }

  private void lost(ReplyDestination lost, Reopenings reopenings) {
    if (replyDestination == lost) {
      reopenings.lost(this);
      connectionLost();
      lost.close();
      open(reopenings);
    }
  }

  /** Fails the requests in flight: their answers cannot arrive any more. */
  void connectionLost() {
    current = null;
    replyDestination = null;
    for (String request : pending.keySet()) {
      fail(request, BridgeException.brokerUnavailable(null));
    }
  }

  private final class Answers implements MessageBroker.AnswerListener {
    @Override
    public void accept(BrokerMessage message) {
      answered(message);
    }

    @Override
    public void failed(Optional<String> request, BridgeException why) {
      request.ifPresent(id -> fail(id, why));
    }
  }

  private void answered(BrokerMessage message) {
    message
        .correlationId()
        .ifPresent(
            id -> {
              Answer answer = pending.get(id);
              if (answer != null && answer.received(message)) {
                pending.remove(id, answer);
              }
            });
  }

  @Override
  public CompletionStage<BrokerMessage> request(String queue, String json) {
    CompletableFuture<BrokerMessage> answer = new CompletableFuture<>();
    Answer first =
        new Answer() {
          @Override
          public boolean received(BrokerMessage message) {
            answer.complete(message);
            return true;
          }

          @Override
          public void failed(BridgeException why) {
            answer.completeExceptionally(why);
          }
        };
    Optional<String> asked =
        ask(
            (correlationId, replyTo) ->
                new Outbound(
                    new Outbound.To(BrokerDestination.queue(queue)),
                    headers(correlationId, TIMEOUT),
                    Map.of("bridgeId", bridgeId, "bodyFormat", "json"),
                    new MessageBody.Text(json, "json"),
                    Optional.of(replyTo)),
            Optional.empty(),
            first);
    asked.ifPresent(id -> scheduler.schedule(() -> giveUp(id), TIMEOUT));
    return answer;
  }

  /**
   * Returns the headers of a request.
   *
   * @param timeToLive in milliseconds
   */
  static Headers headers(String correlationId, long timeToLive) {
    return new Headers(
        Optional.of(correlationId), Optional.empty(), Headers.DEFAULT_PRIORITY, false, timeToLive);
  }

  /**
   * Sends a request. The caller bounds how long it waits for the answer, and calls {@link #forget}.
   *
   * @param source the sender; empty for the bridge itself
   * @param answer receives the answer, or one failure
   * @return the correlation id; empty if the request has ended already
   */
  Optional<String> ask(Request request, Optional<Source> source, Answer answer) {
    ReplyDestination replyTo = replyDestination;
    if (replyTo == null) {
      answer.failed(BridgeException.brokerUnavailable(null));
      return Optional.empty();
    }
    String correlationId = UUID.randomUUID().toString();
    pending.put(correlationId, answer);
    try {
      Outbound message = request.message(correlationId, replyTo);
      broker
          .send(message, source.orElseGet(() -> new Source("", correlationId)))
          .whenComplete(
              (sent, failure) -> {
                if (failure != null) {
                  fail(correlationId, BridgeException.from(failure));
                }
              });
    } catch (RuntimeException failure) {
      fail(correlationId, BridgeException.from(failure));
    }
    return pending.containsKey(correlationId) ? Optional.of(correlationId) : Optional.empty();
  }

  /** Stops waiting for an answer, without a failure. */
  void forget(String correlationId) {
    pending.remove(correlationId);
  }

  private void giveUp(String correlationId) {
    fail(
        correlationId,
        BridgeException.brokerUnavailable(new IllegalStateException("no answer in time")));
  }

  private void fail(String correlationId, BridgeException failure) {
    Answer waiting = pending.remove(correlationId);
    if (waiting != null) {
      waiting.failed(failure);
    }
  }

  @Override
  public String toString() {
    return (forSnapshots ? "snapshots bridge=" : "requests bridge=") + bridgeId;
  }
}
