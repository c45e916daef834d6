package io.longspan.runtime;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.longspan.bridge.BayeuxJMSBridge;
import io.longspan.bridge.BridgeOperations;
import io.longspan.budget.MemoryBudget;
import io.longspan.catalogue.FiguresTopic;
import io.longspan.local.LocalMessage;
import io.longspan.local.broker.LocalBroker;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Publishes what happens on this bridge to {@link FiguresTopic}, for the operator page. Does
 * nothing while nobody is subscribed. {@code docs/operations.md} describes the message.
 */
final class LiveFigures implements Runnable {
  /** Period of the messages, in milliseconds. */
  static final long PERIOD = 1000;

  /** The number of clients whose outboxes are listed. */
  private static final int OUTBOXES = 8;

  private final String bridgeId;
  private final BayeuxJMSBridge bridge;
  private final BridgeMeterBinder meters;
  private final MemoryBudget memory;
  private final LocalBroker local;
  private final ObjectMapper json = new ObjectMapper();

  LiveFigures(
      String bridgeId,
      BayeuxJMSBridge bridge,
      BridgeMeterBinder meters,
      MemoryBudget memory,
      LocalBroker local) {
    this.bridgeId = bridgeId;
    this.bridge = bridge;
    this.meters = meters;
    this.memory = memory;
    this.local = local;
  }

  /** Publishes once. A message for which there is no room is left out; the next one has it all. */
  @Override
  public void run() {
    if (local.isSubscribed(FiguresTopic.NAME)) {
      local.publishOwn(FiguresTopic.NAME, new LocalMessage(Map.of(), text()));
    }
  }

  private String text() {
    try {
      return json.writeValueAsString(figures());
    } catch (JsonProcessingException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private Map<String, Object> figures() {
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("bridgeId", bridgeId);
    figures.put("time", System.currentTimeMillis());
    figures.put("draining", bridge.isDraining());
    bridge.trouble().ifPresent(trouble -> figures.put("trouble", trouble));
    figures.put("sessions", bridge.sessionCount());
    figures.put("connected", bridge.connectedCount());
    figures.put("subscriptions", bridge.subscriptionCount());
    figures.put("queueConsumers", bridge.queueConsumerCount());
    figures.put("memoryBytes", memory.process().used());
    figures.put("memoryLimit", memory.process().limit());
    figures.put("brokers", bridge.brokers().stream().map(BrokerFields::of).toList());
    figures.put("outboxes", outboxes());
    figures.putAll(meters.totals());
    return figures;
  }

  private List<Map<String, Object>> outboxes() {
    return bridge.operations().biggestOutboxes(OUTBOXES).stream().map(LiveFigures::outbox).toList();
  }

  private static Map<String, Object> outbox(BridgeOperations.Client client) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("user", client.user());
    fields.put("clientId", client.clientId());
    fields.put("messages", client.queuedMessages());
    fields.put("bytes", client.queuedBytes());
    return fields;
  }
}
