package io.longspan.bridge;

import io.longspan.bridge.MessageBroker.Outbound;
import io.longspan.bridge.MessageBroker.ReplyEndpoint;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.BrokerDestination;
import io.longspan.protocol.BrokerMessage;
import io.longspan.protocol.MessageBody;
import io.longspan.protocol.SendCommand.Headers;
import io.longspan.security.RequestSender;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** Requests of the bridge itself, answered on a temporary topic of its own. */
public final class BrokerRequests implements RequestSender {
  /** How long an answer may take, in milliseconds. */
  static final long TIMEOUT = 5_000;

  private final String bridgeId;
  private final MessageBroker broker;
  private final Scheduler scheduler;
  private final ConcurrentMap<String, CompletableFuture<BrokerMessage>> pending =
      new ConcurrentHashMap<>();
  private volatile ReplyEndpoint endpoint;

  /** Creates a sender that works once {@link #open} was called on a connection. */
  public BrokerRequests(String bridgeId, MessageBroker broker, Scheduler scheduler) {
    this.bridgeId = bridgeId;
    this.broker = broker;
    this.scheduler = scheduler;
  }

  /** Opens the temporary topic on a new connection. */
  void open() {
    broker.openReplyEndpoint(this::answered).thenAccept(opened -> endpoint = opened);
  }

  /** Fails what waits: its answers can no longer come. */
  void connectionLost() {
    endpoint = null;
    pending.values().forEach(f -> f.completeExceptionally(BridgeException.brokerUnavailable(null)));
    pending.clear();
  }

  private void answered(BrokerMessage answer) {
    answer.correlationId().map(pending::remove).ifPresent(waiting -> waiting.complete(answer));
  }

  @Override
  public CompletionStage<BrokerMessage> request(String queue, String json) {
    ReplyEndpoint replyTo = endpoint;
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
              if (failure != null && pending.remove(correlationId) != null) {
                answer.completeExceptionally(failure);
              }
            });
    return answer;
  }

  private void giveUp(String correlationId) {
    CompletableFuture<BrokerMessage> waiting = pending.remove(correlationId);
    if (waiting != null) {
      waiting.completeExceptionally(
          BridgeException.brokerUnavailable(new IllegalStateException("no answer in time")));
    }
  }
}
