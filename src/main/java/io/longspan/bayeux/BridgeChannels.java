package io.longspan.bayeux;

import io.longspan.protocol.UserChannel;

/** The names of the bridge's Bayeux channels (protocol section 1). */
final class BridgeChannels {
  private final String root;

  BridgeChannels(String root) {
    this.root = root;
  }

  String control() {
    return root + "/control";
  }

  String bridge() {
    return root + "/bridge";
  }

  String user(String user, String clientId) {
    return UserChannel.of(root, user, clientId);
  }
}
