package io.longspan.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A server with few threads, and requests that keep theirs for as long as they like. */
final class BlockingRequestsTest {
  private static final int THREADS = 8;

  private final QueuedThreadPool few = new QueuedThreadPool(THREADS);
  private final QueuedThreadPool blocking = new QueuedThreadPool(2 * THREADS, 0);
  private final QueuedThreadPool operators = new QueuedThreadPool();
  private final Server server = new Server(few);
  private final ServerConnector connector = new ServerConnector(server, 1, 1);
  private final HttpClient http = HttpClient.newHttpClient();
  private final CountDownLatch mayGo = new CountDownLatch(1);
  private final CountDownLatch waiting = new CountDownLatch(2 * THREADS);

  @BeforeEach
  void start() throws Exception {
    connector.setHost("127.0.0.1");
    server.addConnector(connector);
    server.addBean(blocking);
    server.addBean(operators);
    server.setHandler(new BlockingRequests(new Application(), "/app/", operators, blocking));
    server.start();
  }

  @AfterEach
  void stop() throws Exception {
    mayGo.countDown();
    server.stop();
  }

  /** Answers at once at the Bayeux endpoint, and when it may elsewhere. */
  private final class Application extends Handler.Abstract {
    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
      String path = Request.getPathInContext(request);
      if (path.equals("/app/nothing")) {
        return false;
      }
      if (path.equals("/app/broken")) {
        throw new IllegalStateException("broken");
      }
      if (!path.startsWith("/app/cometd/") && !path.startsWith("/app/health/")) {
        waiting.countDown();
        mayGo.await();
      }
      callback.succeeded();
      return true;
    }
  }

  private CompletableFuture<Integer> get(String path) {
    URI uri = URI.create("http://127.0.0.1:" + connector.getLocalPort() + path);
    return http.sendAsync(HttpRequest.newBuilder(uri).build(), BodyHandlers.discarding())
        .thenApply(HttpResponse::statusCode);
  }

  @Test
  void requestsThatWaitKeepNoThreadFromTheBayeuxEndpoint() throws Exception {
    List<CompletableFuture<Integer>> waiters =
        Stream.generate(() -> get("/app/cometdish")).limit(2L * THREADS).toList();
    waiting.await();
    assertThat(get("/app/cometd/connect").join()).isEqualTo(200);
    assertThat(waiters).noneMatch(CompletableFuture::isDone);
    mayGo.countDown();
    assertThat(waiters).allMatch(waiter -> waiter.join() == 200);
  }

  @Test
  void operatorsHaveThreadsOfTheirOwn() throws Exception {
    List<CompletableFuture<Integer>> waiters =
        Stream.generate(() -> get("/app/index.html")).limit(4L * THREADS).toList();
    waiting.await();
    assertThat(get("/app/health/live").get(60, TimeUnit.SECONDS)).isEqualTo(200);
    assertThat(waiters).noneMatch(CompletableFuture::isDone);
  }

  @Test
  void whatNobodyHandlesAndWhatFailsIsAnsweredAllTheSame() {
    assertThat(get("/app/nothing").join()).isEqualTo(404);
    assertThat(get("/app/broken").join()).isEqualTo(500);
  }
}
