package io.longspan.client;

import java.io.IOException;
import java.net.URI;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** WebSocket: opened when there is something to send. */
final class SocketTransport implements Transport {
  private final Settings settings;
  private final Loop loop;
  private final Supplier<Map<String, String>> headers;
  private final Listener listener;

  /** The socket in use, or being opened. */
  private Line line;

  SocketTransport(
      Settings settings, Loop loop, Supplier<Map<String, String>> headers, Listener listener) {
    this.settings = settings;
    this.loop = loop;
    this.headers = headers;
    this.listener = listener;
  }

  @Override
  public String name() {
    return WEB_SOCKET;
  }

  @Override
  public void send(List<Map<String, Object>> messages, long millis, Consumer<Failure> done) {
    String text = Json.write(messages);
    if (line == null) {
      line = new Line();
      line.open();
    }
    Line used = line;
    // The JDK takes one text after the other.
    used.lastSend = used.lastSend.thenCompose(socket -> socket.sendText(text, true));
    used.lastSend.whenCompleteAsync(
        (sent, failure) -> {
          if (failure == null) {
            done.accept(null);
          } else {
            Failure why = used.failure(failure);
            used.end(why);
            done.accept(why);
          }
        },
        loop);
  }

  @Override
  public void close() {
    if (line != null) {
      line.end(new Failure("The WebSocket was closed", true, 0));
    }
  }

  /** One socket, from its opening to its end. */
  private final class Line implements WebSocket.Listener {
    private final StringBuilder partial = new StringBuilder();
    private CompletableFuture<WebSocket> opening;
    private CompletableFuture<WebSocket> lastSend;

    void open() {
      URI uri = URI.create(settings.endpoint().toString().replaceFirst("^http", "ws"));
      WebSocket.Builder builder =
          settings.http().newWebSocketBuilder().connectTimeout(settings.webSocketTimeout());
      headers.get().forEach(builder::header);
      opening = builder.buildAsync(uri, this);
      lastSend = opening;
    }

    Failure failure(Throwable failure) {
      Throwable cause = failure instanceof CompletionException x ? x.getCause() : failure;
      boolean written = opening.isDone() && !opening.isCompletedExceptionally();
      if (cause instanceof WebSocketHandshakeException refused) {
        int status = refused.getResponse().statusCode();
        boolean own = refused.getResponse().headers().firstValue(BRIDGE_ID).isPresent();
        return new Failure("HTTP status " + status, false, own ? status : 0);
      }
      return new Failure(Transport.reason(failure), written, 0);
    }

    /** Gives the socket up; on the loop. What it delivers late is delivered again. */
    void end(Failure why) {
      if (line != this) {
        return;
      }
      line = null;
      opening.thenAccept(WebSocket::abort);
      listener.lost(why);
    }

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence text, boolean last) {
      partial.append(text);
      if (!last) {
        socket.request(1);
        return null;
      }
      String whole = partial.toString();
      partial.setLength(0);
      loop.execute(
          () -> {
            read(whole);
            // The next one is asked for when this one was handled, so that nothing piles up.
            socket.request(1);
          });
      return null;
    }

    private void read(String text) {
      if (line != this) {
        return;
      }
      try {
        listener.received(Transport.parse(text));
      } catch (IOException x) {
        end(new Failure("The message is not Bayeux: " + x.getMessage(), true, 0));
      }
    }

    @Override
    public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
      String told = "The WebSocket was closed (" + code + " " + reason + ")";
      loop.execute(() -> end(new Failure(told, true, 0)));
      return null;
    }

    @Override
    public void onError(WebSocket socket, Throwable failure) {
      loop.execute(() -> end(new Failure(Transport.reason(failure), true, 0)));
    }
  }
}
