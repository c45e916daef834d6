package io.longspan.jms;

import jakarta.jms.ConnectionFactory;
import org.apache.activemq.artemis.api.core.Interceptor;
import org.apache.activemq.artemis.api.core.Message;
import org.apache.activemq.artemis.core.message.impl.CoreMessage;
import org.apache.activemq.artemis.core.protocol.core.Packet;
import org.apache.activemq.artemis.core.protocol.core.impl.wireformat.SessionReceiveMessage;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.apache.activemq.artemis.spi.core.protocol.RemotingConnection;

/**
 * Inspects packets of the broker before the client of Artemis processes them.
 *
 * <p>If a message is marked as compressed but lacks its uncompressed size, the client closes the
 * whole connection. Any sender can write such a message. This interceptor removes the mark and
 * makes the message unreadable. It runs on the connection's reading thread for each packet and must
 * not block.
 */
final class ArtemisPackets implements Interceptor {
  /** No message has this type, so the client reports the message as unreadable. */
  private static final byte UNREADABLE = 127;

  private ArtemisPackets() {}

  /** Adds the interceptor to a factory if it is a factory of Artemis; otherwise does nothing. */
  static void protect(ConnectionFactory factory) {
    if (factory instanceof ActiveMQConnectionFactory artemis) {
      artemis.getServerLocator().addIncomingInterceptor(new ArtemisPackets());
    }
  }

  @Override
  public boolean intercept(Packet packet, RemotingConnection connection) {
    if (packet instanceof SessionReceiveMessage received
        && received.getMessage() instanceof CoreMessage message
        && message.containsProperty(Message.HDR_LARGE_COMPRESSED)
        && !(message.getObjectProperty(Message.HDR_LARGE_BODY_SIZE) instanceof Long)) {
      message.removeProperty(Message.HDR_LARGE_COMPRESSED);
      message.setType(UNREADABLE);
    }
    return true;
  }
}
