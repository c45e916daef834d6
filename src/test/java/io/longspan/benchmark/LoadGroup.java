package io.longspan.benchmark;

import io.longspan.wire.Transport;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntFunction;

/** Many clients of one server, on one thread. */
final class LoadGroup implements AutoCloseable {
  private static final int CONNECT_SECONDS = 300;

  private final EventLoopGroup loops =
      Epoll.isAvailable() ? new EpollEventLoopGroup(1) : new NioEventLoopGroup(1);
  private final EventLoop loop = loops.next();
  private final ServerUnderLoad server;
  private final Transport transport;
  private final IntFunction<Login> logins;
  private final Recorder recorder = new Recorder();
  private final Queue<LoadClient> clients = new ConcurrentLinkedQueue<>();

  /** Creates a group whose clients are known by a cookie. */
  LoadGroup(ServerUnderLoad server, Transport transport) {
    this(server, transport, server::cookie);
  }

  /**
   * Creates a group.
   *
   * @param logins how each client, by its number, proves its user
   */
  LoadGroup(ServerUnderLoad server, Transport transport, IntFunction<Login> logins) {
    this.server = server;
    this.transport = transport;
    this.logins = logins;
  }

  Recorder recorder() {
    return recorder;
  }

  List<LoadClient> clients() {
    return List.copyOf(clients);
  }

  /** Runs something on the thread of all clients. */
  void run(Runnable task) {
    loop.execute(task);
  }

  /**
   * Connects clients and blocks until all are ready.
   *
   * @param atOnce how many may be on their way
   * @param topics what each subscribes to
   */
  void connect(int count, int atOnce, IntFunction<List<String>> topics) {
    Semaphore permits = new Semaphore(atOnce);
    AtomicReference<Throwable> failure = new AtomicReference<>();
    try {
      for (int i = 0; i < count && failure.get() == null; i++) {
        if (!permits.tryAcquire(CONNECT_SECONDS, TimeUnit.SECONDS)) {
          throw new IllegalStateException("clients do not get connected");
        }
        open(i, topics.apply(i))
            .whenComplete(
                (client, x) -> {
                  if (x != null) {
                    failure.set(x);
                  }
                  permits.release();
                });
      }
      if (!permits.tryAcquire(atOnce, CONNECT_SECONDS, TimeUnit.SECONDS)) {
        throw new IllegalStateException("clients do not get ready");
      }
    } catch (InterruptedException x) {
      Thread.currentThread().interrupt();
    }
    if (failure.get() != null) {
      throw new IllegalStateException("a client could not connect", failure.get());
    }
  }

  /** Opens one client. */
  CompletableFuture<LoadClient> open(int number, List<String> topics) {
    URI endpoint = server.endpoint();
    Login login = logins.apply(number);
    LoadClient client = new LoadClient(server.dialect(), topics, recorder);
    clients.add(client);
    new Bootstrap()
        .group(loop)
        .channel(Epoll.isAvailable() ? EpollSocketChannel.class : NioSocketChannel.class)
        .option(ChannelOption.TCP_NODELAY, true)
        .handler(
            new ChannelInitializer<>() {
              @Override
              protected void initChannel(Channel channel) {
                if (transport == Transport.WEBSOCKET) {
                  SocketWire.install(channel.pipeline(), endpoint, login, client);
                } else {
                  PollingWire.install(channel.pipeline(), endpoint, login, client);
                }
              }
            })
        .connect(endpoint.getHost(), endpoint.getPort())
        .addListener(
            done -> {
              if (!done.isSuccess()) {
                client.lost(done.cause());
              }
            });
    return client.ready();
  }

  /** Forgets a client that has gone. */
  void forget(LoadClient client) {
    clients.remove(client);
  }

  /** Ends all sessions, so that the server has nothing to do for them any more. */
  @Override
  public void close() {
    clients.forEach(client -> run(client::leave));
    Measurement.sleep(Duration.ofMillis(1000 + clients.size()));
    clients.forEach(client -> run(client::close));
    loops.shutdownGracefully(0, 10, TimeUnit.SECONDS).awaitUninterruptibly();
  }
}
