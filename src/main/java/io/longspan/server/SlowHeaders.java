package io.longspan.server;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http.HttpParser;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.internal.HttpConnection;
import org.eclipse.jetty.util.NanoTime;
import org.eclipse.jetty.util.component.AbstractLifeCycle;
import org.eclipse.jetty.websocket.core.WebSocketConnection;

/**
 * Closes connections whose request's header does not end within a time. Jetty's idle time-out
 * begins anew with each byte, so that a byte now and then would hold a connection for ever.
 *
 * <p>Looks at all connections from time to time, on the connector's scheduler; what it reads of a
 * parser that another thread runs may be a moment old, so a header must be seen unfinished twice.
 */
final class SlowHeaders extends AbstractLifeCycle implements Runnable {

  private final ServerConnector connector;
  private final Duration limit;
  private final Runnable after;

  /** Owned by the scheduler's task in progress. */
  private Map<EndPoint, Unfinished> seen = new HashMap<>();

  /** A header that was unfinished at a time, after so many requests of its connection. */
  private record Unfinished(long since, long requestsBefore) {}

  /**
   * Creates it, to be started.
   *
   * @param limit how long a header may take
   * @param after is run after each look
   */
  SlowHeaders(ServerConnector connector, Duration limit, Runnable after) {
    this.connector = connector;
    this.limit = limit;
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
      if (connection instanceof HttpConnection http) {
        if (isInHeader(http.getParser())) {
          look(endPoint, http.getMessagesIn(), now);
        }
      } else if (!(connection instanceof WebSocketConnection)) {
        // It is still sending what comes before HTTP, such as the PROXY protocol.
        look(endPoint, 0, now);
      }
    }
    seen = now;
    after.run();
    if (isRunning()) {
      schedule();
    }
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
      endPoint.close(new TimeoutException("the request's header is too slow"));
    }
  }
}
