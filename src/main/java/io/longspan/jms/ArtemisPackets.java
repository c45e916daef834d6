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
 * Looks at what a broker sends before Artemis' client does. The client gives its whole connection
 * up when a message says that it is compressed and does not say how large it was; any sender can
 * write such a message. Runs on the connection's thread for each packet.
 */
final class ArtemisPackets implements Interceptor {
  /** No message has this type, so it is reported as unreadable. */
  private static final byte UNREADABLE = 127;

  private ArtemisPackets() {}

  /** Protects the connections of a factory, if it is one of Artemis' client. */
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
