package io.longspan.bayeux;

import io.longspan.bridge.BayeuxJMSBridge;
import io.longspan.bridge.ClientSession;
import io.longspan.bridge.Ticker;
import io.longspan.config.LongspanConfig.Limits;
import io.longspan.protocol.SendCommand;
import io.longspan.protocol.SendDecoder;
import org.cometd.bayeux.Promise;
import org.cometd.bayeux.server.ServerChannel;
import org.cometd.bayeux.server.ServerMessage;
import org.cometd.bayeux.server.ServerSession;

/**
 * Handles messages on the bridge channel (protocol section 3). The publish reply is the receipt: it
 * is sent when the broker has accepted or rejected the message. The message is not published to any
 * Bayeux subscriber.
 *
 * <p>Called on a container thread or on a thread of CometD; never blocks.
 */
final class BridgeChannelHandler implements ServerChannel.MessageListener {
  private final BayeuxJMSBridge bridge;
  private final Ticker ticker;
  private final SendDecoder decoder;

  BridgeChannelHandler(BayeuxJMSBridge bridge, Limits limits, Ticker ticker) {
    this.bridge = bridge;
    this.ticker = ticker;
    this.decoder =
        new SendDecoder(limits.messageBytes(), limits.propertyBytes(), limits.jsonDepth());
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
      Object data = message.getData();
      BayeuxClientChannel ownChannel = ((BridgeSession) sender).channel().orElseThrow();
      reply.follow(
          ownChannel
              .lastRequests()
              .sendOnce(
                  reply.id(),
                  () ->
                      bridge.send(
                          client,
                          () -> decode(data, ownChannel),
                          () -> decoder.correlationIdOf(data))));
    } catch (RuntimeException | Error x) {
      reply.fail(x);
    }
  }

  private SendCommand decode(Object data, BayeuxClientChannel ownChannel) {
    SendCommand command = decoder.decode(data);
    if (command.headers().correlationId().isPresent()) {
      RequestReceipts.expectAnswer(ownChannel);
    }
    return command;
  }
}
