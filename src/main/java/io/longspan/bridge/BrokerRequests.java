package io.longspan.bridge;

import io.longspan.access.RequestSender;
import io.longspan.bridge.MessageBroker.NamedReplyDestination;
import io.longspan.bridge.MessageBroker.Outbound;
import io.longspan.bridge.MessageBroker.ReplyDestination;
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
 * Sends the bridge's own requests, and receives the answers on a reply destination of the bridge.
 *
 * <p>Called on any thread; never blocks.
 */
public final class BrokerRequests implements RequestSender {
  /** The time to wait for an answer, in milliseconds. */
  static final long TIMEOUT = 5_000;

  private final String bridgeId;
  private final ReplyMode mode;
  private final ReplyNames names;
  private final MessageBroker broker;
  private final Scheduler scheduler;
  private final ConcurrentMap<String, CompletableFuture<BrokerMessage>> pending =
      new ConcurrentHashMap<>();

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
    this.bridgeId = bridgeId;
    this.mode = replies.mode();
    this.names = ReplyNames.of(replies, bridgeId);
    this.broker = broker;
    this.scheduler = scheduler;
  }

  /** Opens the reply destination on a new connection; failed attempts are retried. */
  void open(Reopenings reopenings) {
    Object wanted = new Object();
    current = wanted;
    reopenings.start(this, () -> openReplyDestination(wanted, reopenings), () -> {});
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
    return switch (mode) {
      case TEMPORARY_TOPIC -> broker.openTemporary(Kind.TOPIC, "", this::answered);
      case TEMPORARY_QUEUE -> broker.openTemporary(Kind.QUEUE, "", this::answered);
      case TOPIC -> consume(names.newOwnTopic());
      case QUEUE -> consume(names.ownQueue());
    };
  }

  private CompletionStage<ReplyDestination> consume(BrokerDestination destination) {
    return broker
        .consumeOwnReplies(destination, this::answered)
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

  private void answered(BrokerMessage answer) {
    answer.correlationId().map(pending::remove).ifPresent(waiting -> waiting.complete(answer));
  }

  @Override
  public CompletionStage<BrokerMessage> request(String queue, String json) {
    ReplyDestination replyTo = replyDestination;
    if (replyTo == null) {
      return CompletableFuture.failedFuture(BridgeException.brokerUnavailable(null));
    }
    String correlationId = UUID.randomUUID().toString();
    CompletableFuture<BrokerMessage> answer = new CompletableFuture<>();
    pending.put(correlationId, answer);
    scheduler.schedule(() -> giveUp(correlationId), TIMEOUT);
    Headers headers =
        new Headers(
            Optional.of(correlationId), Optional.empty(), Headers.DEFAULT_PRIORITY, false, TIMEOUT);
    broker
        .send(
            new Outbound(
                new Outbound.To(BrokerDestination.queue(queue)),
                headers,
                Map.of("bridgeId", bridgeId, "bodyFormat", "json"),
                new MessageBody.Text(json, "json"),
                Optional.of(replyTo)),
            correlationId)
        .whenComplete(
            (sent, failure) -> {
              if (failure != null) {
                fail(correlationId, failure);
              }
            });
    return answer;
  }

  private void giveUp(String correlationId) {
    fail(
        correlationId,
        BridgeException.brokerUnavailable(new IllegalStateException("no answer in time")));
  }

  private void fail(String correlationId, Throwable failure) {
    CompletableFuture<BrokerMessage> waiting = pending.remove(correlationId);
    if (waiting != null) {
      waiting.completeExceptionally(failure);
    }
  }

  @Override
  public String toString() {
    return "requests bridge=" + bridgeId;
  }
}
