package io.longspan.bayeux;

import io.longspan.bridge.BayeuxJMSBridge;
import java.util.Queue;
import org.cometd.bayeux.server.ServerMessage;
import org.cometd.bayeux.server.ServerSession;
import org.cometd.server.ext.AcknowledgedMessagesExtension;

/** Ends a session that asked for acknowledgements and leaves too many messages unacknowledged. */
final class SlowAcknowledger implements AcknowledgedMessagesExtension.Listener {

  @Override
  public void onBatchQueueMaxed(ServerSession session, Queue<ServerMessage> queue) {
    SessionLifecycle.clientOf(session)
        .ifPresent(client -> client.end(BayeuxJMSBridge.SLOW_CONSUMER));
  }
}
