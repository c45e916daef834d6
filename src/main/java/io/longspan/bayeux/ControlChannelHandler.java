package io.longspan.bayeux;

import io.longspan.bridge.BayeuxJMSBridge;
import io.longspan.bridge.ClientSession;
import io.longspan.bridge.Ticker;
import io.longspan.protocol.ControlCommand;
import io.longspan.protocol.ControlDecoder;
import org.cometd.bayeux.Promise;
import org.cometd.bayeux.server.ServerChannel;
import org.cometd.bayeux.server.ServerMessage;
import org.cometd.bayeux.server.ServerSession;

/**
 * Handles messages on the control channel (protocol section 2). The answer is delivered on the user
 * channel. The message is not published to any Bayeux subscriber.
 *
 * <p>Called on a container thread or on a thread of CometD; never blocks.
 */
final class ControlChannelHandler implements ServerChannel.MessageListener {
  private final BayeuxJMSBridge bridge;
  private final Ticker ticker;
  private final ControlDecoder decoder = new ControlDecoder();

  ControlChannelHandler(BayeuxJMSBridge bridge, Ticker ticker) {
    this.bridge = bridge;
    this.ticker = ticker;
  }

  @Override
  public void onMessage(
      ServerSession sender,
      ServerChannel channel,
      ServerMessage.Mutable message,
      Promise<Boolean> promise) {
    PublishReply reply = new PublishReply(message, promise);
    SessionLifetime.of(sender).ifPresent(lifetime -> lifetime.active(ticker.millis()));
    try {
      ClientSession client = SessionLifecycle.clientOf(sender).orElseThrow();
      RequestReceipts.expectAnswer(((BridgeSession) sender).channel().orElseThrow());
      Object data = message.getData();
      try {
        bridge.requireAllowance(client);
        ControlCommand command = decoder.decode(data);
        if (command instanceof ControlCommand.Connect) {
          bridge.control(client, command, () -> HandshakeAdmission.releasePlace(sender));
        } else {
          bridge.control(client, command);
        }
      } catch (RuntimeException | Error failure) {
        bridge.refuse(client, decoder.correlationIdOf(data), failure);
      }
      reply.succeed();
    } catch (RuntimeException | Error x) {
      reply.fail(x);
    }
  }
}
