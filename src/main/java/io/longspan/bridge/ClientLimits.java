package io.longspan.bridge;

import io.longspan.config.LongspanConfig.Limits;
import java.util.LinkedHashMap;
import java.util.Map;

/** The limits that a client can respect by itself, as the answer to {@code connect} has them. */
final class ClientLimits {
  private ClientLimits() {}

  static Map<String, Object> members(Limits limits) {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("messageBytes", limits.messageBytes());
    members.put("propertyBytes", limits.propertyBytes());
    members.put("jsonDepth", limits.jsonDepth());
    members.put("topicsPerClient", limits.topicsPerClient());
    members.put("sessionsPerUser", limits.sessionsPerUser());
    members.put("requestsInFlight", limits.requestsInFlight());
    members.put("queueMessages", limits.queueMessages());
    members.put("queueBytes", limits.queueBytes());
    members.put("messagesPerSecond", limits.messagesPerSecond());
    return members;
  }
}
