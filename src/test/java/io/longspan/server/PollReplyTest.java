package io.longspan.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.longspan.config.LongspanConfig;
import io.longspan.demo.LocalEchoService;
import io.longspan.load.LightClient;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.ee11.servlet.FilterHolder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a reply over long polling costs the container. */
@Timeout(120)
final class PollReplyTest {
  private static final int REQUESTS = 50;
  private static final int SHORT = 512;

  /** Its reply is larger than what is collected. */
  private static final int LONG = 70_000;

  private final AtomicInteger replies = new AtomicInteger();
  private final AtomicInteger writes = new AtomicInteger();

  /** Each needs a thread of the container before the first byte can be written. */
  private final AtomicInteger listeners = new AtomicInteger();

  @TempDir Path folder;

  /** Counts how the application writes its responses. */
  private final class Counter extends HttpFilter {
    private static final long serialVersionUID = 1L;

    @Override
    protected void doFilter(
        HttpServletRequest request, HttpServletResponse response, FilterChain chain)
        throws IOException, ServletException {
      replies.incrementAndGet();
      chain.doFilter(
          request,
          new HttpServletResponseWrapper(response) {
            @Override
            public ServletOutputStream getOutputStream() throws IOException {
              return new CountingStream(super.getOutputStream());
            }
          });
    }
  }

  private final class CountingStream extends ServletOutputStream {
    private final ServletOutputStream out;

    CountingStream(ServletOutputStream out) {
      this.out = out;
    }

    @Override
    public boolean isReady() {
      return out.isReady();
    }

    @Override
    public void setWriteListener(WriteListener listener) {
      listeners.incrementAndGet();
      out.setWriteListener(listener);
    }

    @Override
    public void write(int b) throws IOException {
      out.write(b);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      writes.incrementAndGet();
      out.write(bytes, offset, length);
    }
  }

  private void exchange(int requests, int length) throws Exception {
    Path users = Files.writeString(folder.resolve("users"), "alice: alice");
    Path catalogue =
        Files.writeString(
            folder.resolve("catalogue.yaml"),
            "destinations:\n  - {name: services/local-echo, kind: local, send: [\"*\"]}\n");
    LongspanConfig config =
        Configs.with(
            Map.of(
                "broker.provider",
                "none",
                "users",
                users.toString(),
                "catalogue",
                catalogue.toString(),
                "session.drainTimeout",
                "0s"));
    ClassLoader classes = getClass().getClassLoader();
    try (WebServer server = WebServer.bind(config)) {
      WebApplication application =
          new WebApplication(
              Path.of("webapp").toRealPath(), config, UserAccounts.of(config), classes);
      application.setTempDirectory(folder.resolve("work").toFile());
      application.register(new LocalEchoService());
      FilterHolder counter = new FilterHolder(new Counter());
      counter.setAsyncSupported(true);
      application.addFilter(counter, "/cometd/*", EnumSet.of(DispatcherType.REQUEST));
      server.serve(application);
      Answers answers = new Answers();
      URI endpoint = URI.create(server.address() + "cometd");
      try (LightClient client =
          new LightClient(HttpClient.newHttpClient(), endpoint, "alice", "alice", false, answers)) {
        client.connect();
        answers.connected.await();
        for (int i = 0; i < requests; i++) {
          client.send(
              "services/local-echo",
              Map.of("JMSCorrelationID", "r-" + i),
              Map.of("text", "x".repeat(length)));
          answers.received.acquire();
        }
      }
    }
  }

  private static final class Answers implements LightClient.Listener {
    private final CountDownLatch connected = new CountDownLatch(1);
    private final Semaphore received = new Semaphore(0);

    @Override
    public void connected() {
      connected.countDown();
    }

    @Override
    public void received(JsonNode data) {
      if (data.path("properties").has("JMSCorrelationID")) {
        received.release();
      }
    }

    @Override
    public void lost(String why) {}
  }

  @Test
  void aReplyIsOneWriteAndWaitsForNoThreadOfTheContainer() throws Exception {
    exchange(REQUESTS, SHORT);
    assertThat(listeners).hasValue(0);
    // The poll that the end of the client breaks off may have no reply.
    assertThat(writes.get()).isBetween(2 * REQUESTS, replies.get());
  }

  @Test
  void aLargeReplyIsStreamed() throws Exception {
    exchange(1, LONG);
    assertThat(listeners).hasValue(1);
  }
}
