package io.longspan.bridge;

import io.longspan.audit.AuditSink;
import io.longspan.bridge.MessageBroker.Outbound;
import io.longspan.catalogue.BrokerDestination;
import io.longspan.protocol.MessageBody;
import io.longspan.protocol.SendCommand.Headers;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Sends the audit log to a JMS topic, one message for each event. */
public final class AuditTopic implements AuditSink {
  private final MessageBroker broker;
  private final String bridgeId;
  private final BrokerDestination topic;

  /**
   * Creates a sink.
   *
   * @param broker the default broker
   * @param topic a JMS name that no catalogue entry can reach
   */
  public AuditTopic(MessageBroker broker, String bridgeId, String topic) {
    this.broker = broker;
    this.bridgeId = bridgeId;
    this.topic = BrokerDestination.topic(topic);
  }

  @Override
  public void write(List<String> lines) throws IOException {
    List<CompletableFuture<String>> sent = new ArrayList<>();
    for (String line : lines) {
      Outbound message =
          new Outbound(
              new Outbound.To(topic),
              Headers.DEFAULT,
              Map.of("bridgeId", bridgeId, "bodyFormat", "json"),
              new MessageBody.Text(line, "json"),
              Optional.empty());
      sent.add(broker.send(message, "audit").toCompletableFuture());
    }
    try {
      CompletableFuture.allOf(sent.toArray(CompletableFuture[]::new))
          .get(2 * broker.sendTimeout(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException refused) {
      throw new IOException("the broker has not accepted the events", refused);
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", ended);
    }
  }

  /** The broker is closed by its owner. */
  @Override
  public void close() {}
}
