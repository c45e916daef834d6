package io.longspan.server;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http.HttpParser;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.internal.HttpConnection;
import org.eclipse.jetty.util.NanoTime;
import org.eclipse.jetty.util.component.AbstractLifeCycle;
import org.eclipse.jetty.websocket.core.WebSocketConnection;

/**
 * Closes connections whose request header, or TLS handshake, is not complete in time. Jetty's idle
 * timeout restarts with each byte, so a few bytes could otherwise hold a connection forever. With
 * HTTP/2 it also closes connections that let nothing pass ({@link BoundedHttp2Connection#sweep}).
 *
 * <p>Checks all connections periodically on the connector's scheduler. Another thread runs the
 * parser, so its state may be stale; a header must therefore be incomplete at two checks.
 */
final class SlowHeaders extends AbstractLifeCycle implements Runnable {

  /** Protocol of an {@code SSLSession} before the end of its first handshake. */
  private static final String NO_PROTOCOL = "NONE";

  private final ServerConnector connector;
  private final Duration limit;
  private final long bytesPerSecond;
  private final Runnable after;

  /** Used only by the scheduled task. */
  private Map<EndPoint, Unfinished> seen = new HashMap<>();

  /**
   * An incomplete header: time of the first check, and number of earlier requests on the
   * connection.
   */
  private record Unfinished(long since, long requestsBefore) {}

  /**
   * Creates the checker; {@code start} starts it.
   *
   * @param limit deadline for a header
   * @param after runs after each check
   */
  SlowHeaders(ServerConnector connector, Duration limit, Runnable after) {
    this(connector, limit, SlowTransfers.BYTES_PER_SECOND, after);
  }

  /**
   * Creates the checker; {@code start} starts it.
   *
   * @param limit deadline for a header, and grace period of a connection of HTTP/2 that is stuck
   * @param bytesPerSecond minimum rate of such a connection
   * @param after runs after each check
   */
  SlowHeaders(ServerConnector connector, Duration limit, long bytesPerSecond, Runnable after) {
    this.connector = connector;
    this.limit = limit;
    this.bytesPerSecond = bytesPerSecond;
    this.after = after;
  }

  @Override
  protected void doStart() {
    schedule();
  }

  private void schedule() {
    connector.getScheduler().schedule(this, limit.toMillis() / 2, TimeUnit.MILLISECONDS);
  }

  @Override
  public void run() {
    Map<EndPoint, Unfinished> now = new HashMap<>();
    for (EndPoint endPoint : connector.getConnectedEndPoints()) {
      Connection connection = endPoint.getConnection();
      if (connection instanceof SslConnection tls && hasHandshaken(tls)) {
        connection = tls.getSslEndPoint().getConnection();
      }
      if (connection instanceof HttpConnection http) {
        if (isInHeader(http.getParser())) {
          look(endPoint, http.getMessagesIn(), now);
        }
      } else if (connection instanceof BoundedHttp2Connection http2) {
        if (http2.isIncomplete()) {
          look(endPoint, http2.completed(), now);
        }
        http2.sweep(limit, bytesPerSecond);
      } else if (!(connection instanceof WebSocketConnection)) {
        // It still sends what precedes HTTP: the PROXY protocol or the handshake of TLS.
        look(endPoint, 0, now);
      }
    }
    seen = now;
    after.run();
    if (isRunning()) {
      schedule();
    }
  }

  private static boolean hasHandshaken(SslConnection tls) {
    return !tls.getSSLEngine().getSession().getProtocol().equals(NO_PROTOCOL);
  }

  private static boolean isInHeader(HttpParser parser) {
    return parser.inHeaderState() && !parser.isStart();
  }

  private void look(EndPoint endPoint, long requests, Map<EndPoint, Unfinished> now) {
    Unfinished before = seen.get(endPoint);
    if (before == null || before.requestsBefore() != requests) {
      now.put(endPoint, new Unfinished(NanoTime.now(), requests));
    } else if (NanoTime.since(before.since()) < limit.toNanos()) {
      now.put(endPoint, before);
    } else {
      endPoint.close(new TimeoutException("the request's header was received too slowly"));
    }
  }
}
