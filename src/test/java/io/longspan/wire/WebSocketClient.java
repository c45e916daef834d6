package io.longspan.wire;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;

/** Bayeux over WebSocket, with the JDK's client. */
final class WebSocketClient extends RawBayeuxClient implements WebSocket.Listener {
  private final StringBuilder partial = new StringBuilder();
  private final CompletableFuture<Integer> closeCode = new CompletableFuture<>();
  private final List<String> texts = new CopyOnWriteArrayList<>();
  private volatile boolean reads = true;
  private WebSocket socket;
  private CompletableFuture<?> lastSend = CompletableFuture.completedFuture(null);

  WebSocketClient(URI url, String user, String password) {
    super(url, user, password);
  }

  @Override
  public String connectionType() {
    return "websocket";
  }

  private synchronized WebSocket socket() {
    if (socket == null) {
      WebSocket.Builder builder = HttpClient.newHttpClient().newWebSocketBuilder();
      if (authorization != null) {
        builder.header("Authorization", authorization);
      }
      if (cookie != null) {
        builder.header("Cookie", cookie);
      }
      URI wsUrl = URI.create(url.toString().replaceFirst("^http", "ws"));
      socket = await(builder.buildAsync(wsUrl, this));
    }
    return socket;
  }

  @Override
  void transmit(List<Map<String, Object>> messages) {
    sendText(LongPollingClient.body(messages));
  }

  synchronized void sendText(String text) {
    WebSocket open = socket();
    lastSend = lastSend.handle((r, x) -> null).thenCompose(r -> open.sendText(text, true));
  }

  CompletableFuture<Integer> closeCode() {
    return closeCode;
  }

  @Override
  public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
    partial.append(data);
    if (last) {
      String text = partial.toString();
      partial.setLength(0);
      texts.add(text);
      dispatch(text);
    }
    if (reads) {
      webSocket.request(1);
    }
    return null;
  }

  /** Returns the received WebSocket messages, in order. */
  List<String> texts() {
    return texts;
  }

  /** Reads nothing more from the connection, which stays open. */
  void stopReading() {
    reads = false;
  }

  @Override
  public CompletionStage<?> onClose(WebSocket webSocket, int statusCode, String reason) {
    closeCode.complete(statusCode);
    fail(new IOException("closed " + statusCode + " " + reason));
    return null;
  }

  @Override
  public void onError(WebSocket webSocket, Throwable error) {
    closeCode.complete(1006);
    fail(error);
  }

  @Override
  synchronized void cut() {
    closed = true;
    stopPolling();
    if (socket != null) {
      socket.abort();
    }
  }
}
