package io.longspan.bayeux;

import java.util.List;
import java.util.Queue;
import org.cometd.bayeux.server.ServerMessage;
import org.cometd.server.BayeuxServerImpl;
import org.cometd.server.ServerSessionImpl;

/**
 * A CometD session that holds recalled messages back. It is where every transport, with
 * acknowledgements or without, takes what it writes; a listener could do it too, but CometD goes on
 * when a listener fails.
 */
final class BridgeSession extends ServerSessionImpl {

  BridgeSession(BayeuxServerImpl server) {
    super(server);
  }

  @Override
  public List<ServerMessage> takeQueue(List<ServerMessage.Mutable> replies) {
    List<ServerMessage> taken = super.takeQueue(replies);
    if (taken.stream().anyMatch(BridgeSession::isRecalled)) {
      return taken.stream().filter(message -> !isRecalled(message)).toList();
    }
    return taken;
  }

  /** Frees what recalled messages occupy. The session's lock is held. */
  static void discardRecalled(Queue<ServerMessage> queue) {
    queue.removeIf(BridgeSession::isRecalled);
  }

  private static boolean isRecalled(ServerMessage message) {
    return message instanceof UserChannelMessage own && own.isRecalled();
  }
}
