package io.longspan.bridge;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.longspan.bridge.MessageBroker.Outbound;
import io.longspan.bridge.MessageBroker.ReplyDestination;
import io.longspan.catalogue.BrokerDestination;
import io.longspan.protocol.MessageBody;
import io.longspan.protocol.SendCommand.Headers;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * Publishes each connect and each end of a client on {@code bridge/clients} (protocol section 8).
 */
final class ClientEvents {
  private static final BrokerDestination TOPIC = BrokerDestination.topic(OwnTopics.CLIENTS);

  private final MessageBroker broker;
  private final String bridgeId;
  private final ObjectMapper json = new ObjectMapper();

  ClientEvents(MessageBroker broker, String bridgeId) {
    this.broker = broker;
    this.bridgeId = bridgeId;
  }

  /**
   * Publishes an event.
   *
   * @param event {@code connected} or {@code disconnected}
   * @param reason why the client connected or ended
   * @param replyTo the client's reply destination; empty during an outage, and if it takes only
   *     answers to requests
   * @return completes when the broker has accepted the event
   */
  CompletionStage<?> publish(
      String event, String reason, ConnectedClient client, Optional<ReplyDestination> replyTo) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("event", event);
    fields.put("reason", reason);
    fields.put("user", client.identity().user());
    fields.put("bridgeClientId", client.bridgeClientId());
    fields.put("bridgeId", bridgeId);
    return broker.send(
        new Outbound(
            new Outbound.To(TOPIC),
            Headers.DEFAULT,
            Map.of("event", event, "bridgeId", bridgeId, "bodyFormat", "json"),
            new MessageBody.Text(text(fields), "json"),
            replyTo),
        client.bridgeClientId());
  }

  private String text(Map<String, Object> fields) {
    try {
      return json.writeValueAsString(fields);
    } catch (JsonProcessingException x) {
      throw new IllegalStateException("an event holds only strings", x);
    }
  }
}
