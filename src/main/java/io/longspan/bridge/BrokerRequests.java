package io.longspan.bridge;

import io.longspan.access.RequestSender;
import io.longspan.bridge.MessageBroker.Outbound;
import io.longspan.bridge.MessageBroker.TemporaryTopic;
import io.longspan.catalogue.BrokerDestination;
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
 * Sends the bridge's own requests, and receives the answers on a temporary topic of the bridge.
 *
 * <p>Called on any thread; never blocks.
 */
public final class BrokerRequests implements RequestSender {
  /** The time to wait for an answer, in milliseconds. */
  static final long TIMEOUT = 5_000;

  private final String bridgeId;
  private final MessageBroker broker;
  private final Scheduler scheduler;
  private final ConcurrentMap<String, CompletableFuture<BrokerMessage>> pending =
      new ConcurrentHashMap<>();

  /** The temporary topic; null while none is open. */
  private volatile TemporaryTopic endpoint;

  /**
   * Identifies the temporary topic that is wanted, so that an older one is closed; null without a
   * connection.
   */
  private volatile Object current;

  /**
   * Creates a sender. Requests fail with {@code brokerUnavailable} until {@link #open} has
   * succeeded.
   */
  public BrokerRequests(String bridgeId, MessageBroker broker, Scheduler scheduler) {
    this.bridgeId = bridgeId;
    this.broker = broker;
    this.scheduler = scheduler;
  }

  /** Opens the temporary topic on a new connection; failed attempts are retried. */
  void open(Reopenings reopenings) {
    Object wanted = new Object();
    current = wanted;
    reopenings.start(this, () -> openEndpoint(wanted, reopenings), () -> {});
  }

  private CompletionStage<Void> openEndpoint(Object wanted, Reopenings reopenings) {
    return broker
        .openTemporaryTopic(this::answered)
        .thenAccept(
            opened -> {
              if (current != wanted) {
                opened.close();
                return;
              }
              endpoint = opened;
              opened.lost().thenRun(() -> lost(opened, reopenings));
            });
  }

  private void lost(TemporaryTopic lost, Reopenings reopenings) {
    if (endpoint == lost) {
      reopenings.lost(this);
      connectionLost();
      lost.close();
      open(reopenings);
    }
  }

  /** Fails the requests in flight: their answers cannot arrive any more. */
  void connectionLost() {
    current = null;
    endpoint = null;
    for (String request : pending.keySet()) {
      fail(request, BridgeException.brokerUnavailable(null));
    }
  }

  private void answered(BrokerMessage answer) {
    answer.correlationId().map(pending::remove).ifPresent(waiting -> waiting.complete(answer));
  }

  @Override
  public CompletionStage<BrokerMessage> request(String queue, String json) {
    TemporaryTopic replyTo = endpoint;
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
