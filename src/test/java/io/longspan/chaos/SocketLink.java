package io.longspan.chaos;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** WebSocket: one connection, which it does not read while it is not asked to. */
final class SocketLink implements BayeuxLink, WebSocket.Listener {
  private final Listener listener;
  private final StringBuilder partial = new StringBuilder();
  private final CompletableFuture<WebSocket> opening;

  /** Guarded by this. */
  private CompletableFuture<?> lastSend;

  /** Guarded by this. */
  private boolean reading = true;

  /** Guarded by this; a read that was put off. */
  private WebSocket waiting;

  /** Begins to connect. */
  SocketLink(HttpClient http, URI url, String user, Listener listener) {
    this.listener = listener;
    opening =
        http.newWebSocketBuilder()
            .header("Authorization", BayeuxLink.authorization(user))
            .buildAsync(URI.create(url.toString().replaceFirst("^http", "ws")), this);
    lastSend = opening;
  }

  @Override
  public synchronized void send(Map<String, Object> message) {
    lastSend =
        lastSend
            .thenCompose(r -> opening.join().sendText(Json.write(message), true))
            .whenComplete(
                (r, failure) -> {
                  if (failure != null) {
                    listener.lost(failure.toString());
                  }
                });
  }

  @Override
  public synchronized void read(boolean wanted) {
    reading = wanted;
    if (wanted && waiting != null) {
      waiting.request(1);
      waiting = null;
    }
  }

  @Override
  public void abort() {
    opening.thenAccept(WebSocket::abort);
  }

  @Override
  public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
    partial.append(data);
    if (last) {
      String text = partial.toString();
      partial.setLength(0);
      listener.received(Json.read(text));
    }
    synchronized (this) {
      if (reading) {
        socket.request(1);
      } else {
        waiting = socket;
      }
    }
    return null;
  }

  @Override
  public CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
    listener.lost("closed " + status + " " + reason);
    return null;
  }

  @Override
  public void onError(WebSocket socket, Throwable error) {
    listener.lost(error.toString());
  }
}
