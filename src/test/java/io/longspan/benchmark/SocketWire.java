package io.longspan.benchmark;

import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolConfig;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolHandler;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolHandler.ClientHandshakeStateEvent;
import io.netty.handler.codec.http.websocketx.WebSocketFrameAggregator;
import io.netty.handler.codec.http.websocketx.WebSocketVersion;
import java.net.URI;

/** Bayeux over a WebSocket. */
final class SocketWire extends Wire<TextWebSocketFrame> {

  private SocketWire(LoadClient client) {
    super(client);
  }

  /** Prepares a connection that is being opened. */
  static void install(ChannelPipeline pipeline, URI endpoint, Login login, LoadClient client) {
    DefaultHttpHeaders headers = new DefaultHttpHeaders();
    headers.add(HttpHeaderNames.COOKIE, login.cookie());
    if (!login.authorization().isEmpty()) {
      headers.add(HttpHeaderNames.AUTHORIZATION, login.authorization());
    }
    WebSocketClientProtocolConfig config =
        WebSocketClientProtocolConfig.newBuilder()
            .webSocketUri("ws" + endpoint.toString().substring("http".length()))
            .version(WebSocketVersion.V13)
            .customHeaders(headers)
            .maxFramePayloadLength(MAX_LENGTH)
            .withUTF8Validator(false)
            .handshakeTimeoutMillis(60_000)
            .build();
    pipeline.addLast(
        new HttpClientCodec(),
        new HttpObjectAggregator(MAX_LENGTH),
        new WebSocketClientProtocolHandler(config),
        new WebSocketFrameAggregator(MAX_LENGTH),
        new SocketWire(client));
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event == ClientHandshakeStateEvent.HANDSHAKE_COMPLETE) {
      open(context.channel());
    }
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, TextWebSocketFrame frame) {
    client().received(frame.content());
  }

  @Override
  public String connectionType() {
    return "websocket";
  }

  @Override
  public boolean isPolling() {
    return false;
  }

  @Override
  public void send(String json) {
    Channel channel = channel();
    channel.writeAndFlush(
        new TextWebSocketFrame(ByteBufUtil.writeUtf8(channel.alloc(), json)),
        channel.voidPromise());
  }

  @Override
  public void sendAside(String json) {
    send(json);
  }
}
