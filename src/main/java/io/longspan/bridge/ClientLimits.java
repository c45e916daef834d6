package io.longspan.bridge;

import io.longspan.config.LongspanConfig.Limits;
import java.util.LinkedHashMap;
import java.util.Map;

/** The limits that a client can observe itself, for the answer to {@code connect}. */
final class ClientLimits {
  private ClientLimits() {}

  /**
   * Returns the limits by their names in the answer.
   *
   * @param sendTimeout the maximum time until a send is confirmed or refused, in milliseconds
   */
  static Map<String, Object> members(Limits limits, long sendTimeout) {
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
    members.put("sendTimeout", sendTimeout);
    return members;
  }
}
