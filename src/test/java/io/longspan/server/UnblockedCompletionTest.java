package io.longspan.server;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import org.eclipse.jetty.ee11.servlet.ServletContextHandler;
import org.eclipse.jetty.ee11.servlet.ServletHolder;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the embedded server promises by {@code io.longspan.unblockedCompletion}. */
@Timeout(60)
final class UnblockedCompletionTest {
  private static final int LARGEST_BODY = (64 << 10) - 1;
  private static final int LARGEST_BUFFER = 64 << 10;
  private static final int SMALL_SOCKET_BUFFER = 4 << 10;

  private final Server server = new Server();
  private final ServerConnector connector = new ServerConnector(server);
  private final Queue<AsyncContext> held = new ConcurrentLinkedQueue<>();
  private final Semaphore served = new Semaphore(0);
  private final Queue<Thread> writers = new ConcurrentLinkedQueue<>();

  @BeforeEach
  void start() throws Exception {
    ServletContextHandler application = new ServletContextHandler();
    ServletHolder holder =
        new ServletHolder(
            new HttpServlet() {
              private static final long serialVersionUID = 1L;

              @Override
              protected void doGet(HttpServletRequest request, HttpServletResponse response) {
                AsyncContext context = request.startAsync();
                context.setTimeout(0);
                held.add(context);
              }
            });
    holder.setAsyncSupported(true);
    application.addServlet(holder, "/");
    server.setHandler(
        new WriterRecorder(
            new SlowTransfers(
                application, Duration.ofSeconds(20), SlowTransfers.BYTES_PER_SECOND)));
    connector.setHost("127.0.0.1");
    connector.setAcceptedSendBufferSize(SMALL_SOCKET_BUFFER);
    server.addConnector(connector);
    server.start();
  }

  @AfterEach
  void stop() throws Exception {
    server.stop();
  }

  /** Notes the threads that write to clients. */
  private final class WriterRecorder extends Handler.Wrapper {
    WriterRecorder(Handler next) {
      super(next);
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
      boolean handled =
          super.handle(
              request,
              new Response.Wrapper(request, response) {
                @Override
                public void write(boolean last, ByteBuffer content, Callback written) {
                  writers.add(Thread.currentThread());
                  super.write(last, content, written);
                }
              },
              callback);
      served.release();
      return handled;
    }
  }

  /** Returns a request that its own thread has left. */
  private AsyncContext held() throws InterruptedException {
    served.acquire();
    return held.remove();
  }

  private Socket ask() throws Exception {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(SMALL_SOCKET_BUFFER);
    socket.connect(new InetSocketAddress("127.0.0.1", connector.getLocalPort()));
    socket
        .getOutputStream()
        .write(
            "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
                .getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  private static void answer(AsyncContext context, int length) throws Exception {
    context.getResponse().setBufferSize(LARGEST_BUFFER);
    context.getResponse().getOutputStream().write("x".repeat(length).getBytes(), 0, length);
  }

  @Test
  void theThreadThatCompletesARequestWritesItsResponseByOneWrite() throws Exception {
    try (Socket socket = ask()) {
      AsyncContext context = held();
      answer(context, 600);
      assertThat(writers).isEmpty();
      context.complete();
      assertThat(writers).containsExactly(Thread.currentThread());
      String response = new String(socket.getInputStream().readAllBytes());
      assertThat(response).contains("Content-Length: 600\r\n").endsWith("x".repeat(600));
    }
  }

  /**
   * The body exceeds the buffers of both sockets, so a blocking write would wait for the client.
   */
  @Test
  void aClientThatDoesNotReadDelaysNoThread() throws Exception {
    try (Socket socket = ask()) {
      AsyncContext context = held();
      answer(context, LARGEST_BODY);
      assertThat(writers).isEmpty();
      context.complete();
      assertThat(writers).containsExactly(Thread.currentThread());
      InputStream in = socket.getInputStream();
      assertThat(new String(in.readAllBytes())).endsWith("x".repeat(LARGEST_BODY));
    }
  }
}
