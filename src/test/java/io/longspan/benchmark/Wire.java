package io.longspan.benchmark;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import java.io.IOException;

/**
 * How a client's texts get to the server; used on the event loop's thread.
 *
 * @param <T> what its connection receives
 */
abstract class Wire<T> extends SimpleChannelInboundHandler<T> {
  /** The largest message that is taken, in bytes. */
  static final int MAX_LENGTH = 64 << 20;

  private final LoadClient client;

  /** Set when texts can be sent. */
  private Channel channel;

  Wire(LoadClient client) {
    this.client = client;
  }

  LoadClient client() {
    return client;
  }

  Channel channel() {
    return channel;
  }

  /** Texts can be sent: the client begins. */
  void open(Channel opened) {
    channel = opened;
    client.open(this);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    client.lost(cause);
    context.close();
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    client.lost(new IOException("closed"));
  }

  /** Bayeux's name of the transport. */
  abstract String connectionType();

  /** Whether each answer has to be followed by a request, since nothing else brings more. */
  abstract boolean isPolling();

  /** Sends a text; where only one can be under way, none is. */
  abstract void send(String json);

  /** Sends a text while a poll is held. */
  abstract void sendAside(String json);

  /** Ends it without a word. */
  void close() {
    channel.close();
  }
}
