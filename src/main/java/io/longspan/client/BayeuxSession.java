package io.longspan.client;

import java.util.List;
import java.util.Map;

/**
 * A Bayeux session.
 *
 * @param root the root of the channels
 * @param version of the bridge's protocol that both sides speak
 */
record BayeuxSession(
    String clientId,
    String userChannel,
    String root,
    String bridgeId,
    String user,
    String version) {

  /** Versions of the protocol, the newest first. */
  private static final List<String> VERSIONS = List.of("1.2", "1.1");

  /** Reads the reply to a handshake; null if the server is not a bridge. */
  static BayeuxSession of(Map<String, Object> reply) {
    Map<String, Object> bridge = Json.object(Json.object(reply, "ext"), "bridge");
    String channel = Json.text(bridge, "userChannel");
    String clientId = Json.text(reply, "clientId");
    if (channel == null || clientId == null || !channel.contains("/user/")) {
      return null;
    }
    List<String> spoken = Json.texts(bridge, "protocolVersions");
    return new BayeuxSession(
        clientId,
        channel,
        channel.substring(0, channel.indexOf("/user/")),
        Json.text(bridge, "bridgeId"),
        Json.text(bridge, "user"),
        VERSIONS.stream().filter(spoken::contains).findFirst().orElse("1.1"));
  }
}
