package io.longspan.bridge;

import io.longspan.catalogue.AccountRight;
import io.longspan.catalogue.AccountRight.Action;
import io.longspan.catalogue.BrokerDestination;
import java.util.ArrayList;
import java.util.List;

/**
 * The JMS topics between bridges, services and operators, at the default broker. No catalogue entry
 * can name them.
 */
public final class OwnTopics {
  static final String CLIENTS = "bridge/clients";
  static final String PUSH = "bridge/push";
  static final String COMMANDS = "bridge/commands";
  static final String AUTHORIZATION_EVENTS = "bridge/authorization-events";
  static final String DURABLE_SUBSCRIPTIONS = "bridge/durable-subscriptions";
  static final String PRESENCE = "bridge/presence";

  private OwnTopics() {}

  /**
   * Returns the rights that the bridge's account needs on these topics, and those that only others
   * should have.
   *
   * @param presence whether an entry of the catalogue has presence
   * @param durable whether an entry of the catalogue has durable subscriptions
   */
  public static List<AccountRight> accountRights(boolean presence, boolean durable) {
    List<AccountRight> rights = new ArrayList<>();
    rights.add(needed(CLIENTS, Action.SEND, "tells services which clients are connected"));
    rights.add(excess(CLIENTS, Action.RECEIVE, "only services receive from it"));
    rights.add(needed(PUSH, Action.RECEIVE, "messages to users"));
    rights.add(excess(PUSH, Action.SEND, "only services send messages to users"));
    rights.add(needed(COMMANDS, Action.RECEIVE, "commands of operators"));
    rights.add(excess(COMMANDS, Action.SEND, "only operators send commands"));
    rights.add(needed(AUTHORIZATION_EVENTS, Action.RECEIVE, "changes of rights"));
    rights.add(
        excess(AUTHORIZATION_EVENTS, Action.SEND, "only the authorisation service sends to it"));
    if (presence) {
      rights.add(needed(PRESENCE, Action.SEND, "who is present"));
      rights.add(needed(PRESENCE, Action.RECEIVE, "who is present"));
    }
    if (durable) {
      rights.add(needed(DURABLE_SUBSCRIPTIONS, Action.SEND, "take-over between bridges"));
      rights.add(needed(DURABLE_SUBSCRIPTIONS, Action.RECEIVE, "take-over between bridges"));
    }
    return List.copyOf(rights);
  }

  private static AccountRight needed(String topic, Action action, String reason) {
    return AccountRight.needed(BrokerDestination.topic(topic), action, false, reason);
  }

  private static AccountRight excess(String topic, Action action, String reason) {
    return AccountRight.excess(BrokerDestination.topic(topic), action, false, reason);
  }
}
