package io.longspan.benchmark;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Bayeux over long polling: one connection for everything that happens one after another, and a
 * second one, opened when it is needed, for what is sent while a poll is held.
 */
final class PollingWire extends Wire<FullHttpResponse> {
  private final URI endpoint;
  private final Deque<String> aside = new ArrayDeque<>();
  private final String authorization;
  private String cookie;
  private Channel second;
  private boolean secondIsBusy;

  private PollingWire(URI endpoint, Login login, LoadClient client) {
    super(client);
    this.endpoint = endpoint;
    this.cookie = login.cookie();
    this.authorization = login.authorization();
  }

  /** Prepares a connection that is being opened. */
  static void install(ChannelPipeline pipeline, URI endpoint, Login login, LoadClient client) {
    install(pipeline, new PollingWire(endpoint, login, client));
  }

  private static void install(ChannelPipeline pipeline, ChannelHandler handler) {
    pipeline.addLast(new HttpClientCodec(), new HttpObjectAggregator(MAX_LENGTH), handler);
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    open(context.channel());
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, FullHttpResponse response) {
    if (isValid(response)) {
      keepCookie(response);
      client().received(response.content());
    }
  }

  /** CometD knows a browser by its cookie. */
  private void keepCookie(FullHttpResponse response) {
    String set = response.headers().get(HttpHeaderNames.SET_COOKIE);
    if (set != null && set.startsWith("BAYEUX_BROWSER=")) {
      String browser = set.substring(0, set.indexOf(';'));
      cookie = cookie.isEmpty() ? browser : cookie + "; " + browser;
    }
  }

  private boolean isValid(FullHttpResponse response) {
    boolean good = response.status().equals(HttpResponseStatus.OK);
    if (!good) {
      client().lost(new IOException(response.status().toString()));
      channel().close();
    }
    return good;
  }

  @Override
  public String connectionType() {
    return "long-polling";
  }

  @Override
  public boolean isPolling() {
    return true;
  }

  @Override
  public void send(String json) {
    write(channel(), json);
  }

  private void write(Channel to, String json) {
    ByteBuf body = ByteBufUtil.writeUtf8(to.alloc(), json);
    FullHttpRequest request =
        new DefaultFullHttpRequest(
            HttpVersion.HTTP_1_1, HttpMethod.POST, endpoint.getRawPath(), body);
    request
        .headers()
        .add(HttpHeaderNames.HOST, endpoint.getRawAuthority())
        .add(HttpHeaderNames.CONTENT_TYPE, "application/json;charset=UTF-8")
        .add(HttpHeaderNames.COOKIE, cookie)
        .add(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes());
    if (!authorization.isEmpty()) {
      request.headers().add(HttpHeaderNames.AUTHORIZATION, authorization);
    }
    to.writeAndFlush(request, to.voidPromise());
  }

  @Override
  public void sendAside(String json) {
    aside.add(json);
    if (second == null) {
      secondIsBusy = true;
      openSecond();
    } else {
      sendNext();
    }
  }

  private void openSecond() {
    Bootstrap bootstrap =
        new Bootstrap()
            .group(channel().eventLoop())
            .channel(channel().getClass())
            .handler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel opened) {
                    install(opened.pipeline(), new Aside());
                  }
                });
    second =
        bootstrap
            .connect(endpoint.getHost(), endpoint.getPort())
            .addListener(ChannelFutureListener.CLOSE_ON_FAILURE)
            .channel();
  }

  private void sendNext() {
    if (!secondIsBusy && !aside.isEmpty()) {
      secondIsBusy = true;
      write(second, aside.remove());
    }
  }

  @Override
  public void close() {
    super.close();
    if (second != null) {
      second.close();
    }
  }

  /** What answers on the second connection. */
  private final class Aside extends SimpleChannelInboundHandler<FullHttpResponse> {
    @Override
    public void channelActive(ChannelHandlerContext context) {
      secondIsBusy = false;
      sendNext();
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpResponse response) {
      if (isValid(response)) {
        secondIsBusy = false;
        client().receivedAside(response.content());
        sendNext();
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      client().lost(cause);
      PollingWire.this.close();
    }
  }
}
