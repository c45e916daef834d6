package io.longspan.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.client.Transport.Failure;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of messages whose session is unknown, with and without a repetition. */
final class PollingTransportTest {
  private static final Duration TIME = Duration.ofSeconds(10);
  private static final String UNKNOWN = "402::session_unknown";

  private final List<Map<String, Object>> received = new CopyOnWriteArrayList<>();
  private final Loop loop = new Loop();
  private ServerSocket server;

  @BeforeEach
  void listen() throws IOException {
    server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
  }

  @AfterEach
  void close() throws IOException {
    server.close();
  }

  /** Closes some connections after their requests, and answers the next one. */
  private void answer(int closed, String channel) {
    CompletableFuture.runAsync(
        () -> {
          for (int i = 0; i <= closed; i++) {
            try (Socket connection = server.accept()) {
              readRequest(connection);
              if (i == closed) {
                write(connection, channel);
              }
            } catch (IOException x) {
              throw new IllegalStateException(x);
            }
          }
        });
  }

  private static void readRequest(Socket connection) throws IOException {
    BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(connection.getInputStream(), StandardCharsets.ISO_8859_1));
    int length = 0;
    for (String line = reader.readLine(); !line.isEmpty(); line = reader.readLine()) {
      if (line.toLowerCase(java.util.Locale.ROOT).startsWith("content-length:")) {
        length = Integer.parseInt(line.substring(line.indexOf(':') + 1).strip());
      }
    }
    assertThat(reader.skip(length)).isEqualTo(length);
  }

  private static void write(Socket connection, String channel) throws IOException {
    String body =
        Json.write(
            List.of(Map.of("channel", channel, "id", "1", "successful", false, "error", UNKNOWN)));
    String head = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: " + body.length();
    connection
        .getOutputStream()
        .write((head + "\r\n\r\n" + body).getBytes(StandardCharsets.ISO_8859_1));
  }

  private Optional<Failure> send(String channel) throws Exception {
    URI endpoint = URI.create("http://127.0.0.1:" + server.getLocalPort() + "/cometd");
    Settings settings =
        new Settings(
            endpoint,
            null,
            null,
            null,
            false,
            List.of(Transport.LONG_POLLING),
            Map.of(),
            HttpClient.newHttpClient(),
            null,
            Runnable::run,
            TIME,
            TIME,
            TIME,
            TIME,
            TIME,
            TIME,
            TIME,
            TIME);
    Transport.Listener listener =
        new Transport.Listener() {
          @Override
          public void received(List<Map<String, Object>> messages) {
            received.addAll(messages);
          }

          @Override
          public void lost(Failure failure) {
            throw new IllegalStateException(failure.reason());
          }
        };
    CompletableFuture<Optional<Failure>> done = new CompletableFuture<>();
    Map<String, Object> message = Map.of("channel", channel, "id", "1", "data", Map.of());
    loop.execute(
        () ->
            new PollingTransport(settings, loop, Map::of, listener)
                .send(
                    List.of(message),
                    TIME.toMillis(),
                    failure -> done.complete(Optional.ofNullable(failure))));
    return done.get(TIME.toSeconds(), TimeUnit.SECONDS);
  }

  @Test
  void aMessageOfAnUnknownSessionWasNotProcessed() throws Exception {
    answer(0, "/anzo/bridge");
    assertThat(send("/anzo/bridge")).isEmpty();
    assertThat(received).hasSize(1);
  }

  @Test
  void aRepeatedMessageOfAnUnknownSessionMayHaveBeenProcessed() throws Exception {
    answer(1, "/anzo/bridge");
    assertThat(send("/anzo/bridge")).contains(new Failure("The session was lost", true, 0));
    assertThat(received).isEmpty();
  }

  @Test
  void aRepeatedConnectOfAnUnknownSessionIsAnswered() throws Exception {
    answer(1, "/meta/connect");
    assertThat(send("/meta/connect")).isEmpty();
    assertThat(received).hasSize(1);
  }
}
