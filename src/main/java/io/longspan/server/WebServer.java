package io.longspan.server;

import io.longspan.budget.MemoryBudget;
import io.longspan.config.LongspanConfig;
import io.longspan.identity.TokenVerifier;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.eclipse.jetty.alpn.server.ALPNServerConnectionFactory;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The embedded Jetty server, with its connection limits and timeouts. */
final class WebServer implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(WebServer.class);

  private static final int HEADER_BYTES = 16 * 1024;
  private static final int WAITING_CONNECTIONS = 1024;

  /** Name of HTTP/1.1 in ALPN, which distinguishes case. */
  private static final String ALPN_HTTP_1 = "http/1.1";

  /** Idle timeout beyond the longest time that a request is held. */
  private static final Duration IDLE_MARGIN = Duration.ofSeconds(30);

  /** Deadline for a request header; grace period for bodies and responses. */
  private static final Duration GRACE = Duration.ofSeconds(20);

  /** One of them selects and one accepts, so two handle requests on a single processor. */
  private static final int THREADS_PER_PROCESSOR = 4;

  private static final int MAX_BLOCKING_THREADS = 200;
  private static final int MAX_OPERATOR_THREADS = 16;

  private static final Duration LAST_ANSWERS = Duration.ofSeconds(2);

  private final LongspanConfig config;
  private final LongspanConfig.Http http;
  private final Server server;
  private final ServerConnector connector;
  private final QueuedThreadPool blocking = new QueuedThreadPool(MAX_BLOCKING_THREADS, 0);
  private final QueuedThreadPool operators = new QueuedThreadPool(MAX_OPERATOR_THREADS, 0);
  private final AddressLimit addressLimit;
  private final StrangerConnections strangers;

  /** The server's certificate; null if it speaks plain HTTP. */
  private final ServerCertificate certificate;

  private final GracefulHandler graceful = new GracefulHandler();

  /** Set by {@link #bind}. */
  private InetSocketAddress address;

  /** Set by {@link #serve}. */
  private WebApplication application;

  private WebServer(LongspanConfig config) throws StartException {
    QueuedThreadPool threads = new QueuedThreadPool(httpThreads());
    threads.setName("http");
    blocking.setName("http-blocking");
    operators.setName("http-operator");
    this.config = config;
    this.http = config.http();
    TrustedProxies proxies = new TrustedProxies(http.trustedProxies());
    this.addressLimit = new AddressLimit(config.limits().connectionsPerAddress(), proxies);
    this.strangers =
        new StrangerConnections(
            MemoryBudget.strangerBytes(config.limits().totalBytes()),
            config.limits().connectionsPerUser(),
            proxies::contains);
    this.server = new Server(threads);
    this.certificate = http.tls().isPresent() ? ServerCertificate.of(http.tls().get()) : null;
    this.connector = new ServerConnector(server, protocols(proxies));
    connector.setHost(http.host());
    connector.setPort(http.port());
    connector.setAcceptQueueSize(WAITING_CONNECTIONS);
    connector.setIdleTimeout(config.session().timeout().plus(IDLE_MARGIN).toMillis());
    connector.addBean(addressLimit);
    server.addConnector(connector);
    server.addBean(blocking);
    server.addBean(operators);
    server.addBean(new SlowHeaders(connector, GRACE, strangers::report));
    if (certificate != null) {
      server.addBean(certificate.checkedBy(connector.getScheduler()));
    }
    server.setErrorHandler(new QuietErrors());
  }

  /**
   * Binds the address; serves nothing yet.
   *
   * @throws StartException if the address is not available, or the certificate not usable
   */
  static WebServer bind(LongspanConfig config) throws StartException {
    WebServer bound = new WebServer(config);
    try {
      bound.connector.open();
      bound.address =
          (InetSocketAddress)
              ((ServerSocketChannel) bound.connector.getTransport()).getLocalAddress();
      return bound;
    } catch (IOException | UnresolvedAddressException unavailable) {
      Throwable reason = unavailable.getCause() == null ? unavailable : unavailable.getCause();
      throw new StartException(
          "http.host \"%s\", http.port \"%d\": cannot listen there: %s"
              .formatted(bound.http.host(), bound.http.port(), reason.getMessage()),
          unavailable);
    }
  }

  /** Starts the application and serves it; blocks until it runs. Called once. */
  void serve(WebApplication served) throws Exception {
    application = served;
    served.setAttribute(
        WebApplication.REFUSED_CONNECTIONS_ATTRIBUTE, (LongSupplier) addressLimit::refused);
    served.setAttribute(
        WebApplication.DISPLACED_CONNECTIONS_ATTRIBUTE, (LongSupplier) strangers::displaced);
    if (certificate != null) {
      served.setAttribute(
          WebApplication.CERTIFICATE_EXPIRY_ATTRIBUTE, (LongSupplier) certificate::expires);
      served.setAttribute(
          WebApplication.CERTIFICATE_FAILURES_ATTRIBUTE, (LongSupplier) certificate::failures);
    }
    graceful.setHandler(
        new TraceRefusal(
            new Http2WebSockets(new BlockingRequests(served, rootPath(), operators, blocking))));
    Handler timed =
        new StrangerRequests(
            new ForwardedLimit(
                new SlowTransfers(graceful, GRACE, SlowTransfers.BYTES_PER_SECOND), addressLimit));
    server.setHandler(isLocal() ? new LoopbackHosts(timed, config) : timed);
    server.start();
  }

  /** Returns whether the server listens on a loopback address. */
  boolean isLocal() {
    return address.getAddress().isLoopbackAddress();
  }

  /** Returns whether an HTTP thread takes a task in time; blocks for that time at most. */
  boolean isResponsive(Duration patience) throws InterruptedException {
    CountDownLatch taken = new CountDownLatch(1);
    try {
      server.getThreadPool().execute(taken::countDown);
    } catch (RejectedExecutionException full) {
      return false;
    }
    return taken.await(patience.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Returns the URL of the application. */
  String address() {
    return "%s://%s:%d%s"
        .formatted(
            certificate == null ? "http" : "https", reachableHost(), address.getPort(), rootPath());
  }

  /**
   * Drains the application, then stops; blocks. Connections stay open until the application has
   * stopped, so that it can send last messages to its clients.
   */
  @Override
  public void close() throws Exception {
    if (application != null && application.isStarted()) {
      drain();
      graceful
          .shutdown()
          .completeOnTimeout(null, LAST_ANSWERS.toMillis(), TimeUnit.MILLISECONDS)
          .get();
      application.stop();
    }
    connector.close();
    server.stop();
  }

  private void drain() {
    try {
      application.drain().run();
    } catch (RuntimeException failure) {
      LOG.warn("Draining failed, clients are disconnected at once", failure);
    }
  }

  private String reachableHost() {
    if (address.getAddress().isAnyLocalAddress()) {
      return "127.0.0.1";
    }
    return http.host().contains(":") ? "[" + http.host() + "]" : http.host();
  }

  /** Returns the context path with a trailing slash. */
  private String rootPath() {
    return http.contextPath().equals("/") ? "/" : http.contextPath() + "/";
  }

  /**
   * Few threads on purpose: with as many threads as polls, the one thread that receives from the
   * broker would get little processor time. These threads block only for token keys.
   */
  private static int httpThreads() {
    return TokenVerifier.MAX_WAITING
        + THREADS_PER_PROCESSOR * Runtime.getRuntime().availableProcessors();
  }

  /**
   * Returns the protocols of a connection, the outermost first. Only trusted proxies may state the
   * client of a connection or request.
   */
  private ConnectionFactory[] protocols(TrustedProxies proxies) {
    HttpConfiguration messages = messages();
    Deque<ConnectionFactory> protocols = new ArrayDeque<>();
    protocols.add(BoundedHttpConnection.factory(messages, strangers));
    if (http.http2()) {
      messages.addCustomizer(new Http2Requests(HEADER_BYTES));
      addHttp2(protocols, messages);
    }
    if (certificate != null) {
      protocols.addFirst(certificate.protocol(protocols.getFirst().getProtocol()));
    }
    if (!proxies.isEmpty()) {
      messages.addCustomizer(new ForwardedRequests(proxies));
      protocols.addFirst(new TrustedProxyProtocol(proxies, protocols.getFirst().getProtocol()));
    }
    return protocols.toArray(ConnectionFactory[]::new);
  }

  /** Without TLS, HTTP/1.1 finds the protocol when a client begins with HTTP/2. */
  private void addHttp2(Deque<ConnectionFactory> protocols, HttpConfiguration messages) {
    if (certificate == null) {
      protocols.addLast(new BoundedHttp2Factory(messages, BoundedHttp2Factory.PLAIN, strangers));
      return;
    }
    protocols.addLast(new BoundedHttp2Factory(messages, BoundedHttp2Factory.TLS, strangers));
    ALPNServerConnectionFactory selection =
        new ALPNServerConnectionFactory(BoundedHttp2Factory.TLS, ALPN_HTTP_1);
    selection.setDefaultProtocol(ALPN_HTTP_1);
    protocols.addFirst(selection);
  }

  private static HttpConfiguration messages() {
    HttpConfiguration messages = new HttpConfiguration();
    messages.setSendServerVersion(false);
    messages.setSendXPoweredBy(false);
    messages.setRequestHeaderSize(HEADER_BYTES);
    messages.setResponseHeaderSize(HEADER_BYTES);
    // WebSocket text is decoded byte by byte, which is slow outside the heap.
    messages.setUseInputDirectByteBuffers(false);
    // The header cache needs 96 KiB for each connection, even if it is almost empty.
    messages.setHeaderCacheSize(0);
    return messages;
  }
}
