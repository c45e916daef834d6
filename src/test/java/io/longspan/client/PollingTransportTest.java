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

/** What becomes of a request that is repeated, because its connection was closed. */
final class PollingTransportTest {
  private static final Duration TIME = Duration.ofSeconds(10);
  private static final String CHANNEL = "/anzo/bridge";
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
  private void answer(int closed) {
    CompletableFuture.runAsync(
        () -> {
          for (int i = 0; i <= closed; i++) {
            try (Socket connection = server.accept()) {
              readRequest(connection);
              if (i == closed) {
                write(connection);
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

  private static void write(Socket connection) throws IOException {
    String body =
        Json.write(
            List.of(Map.of("channel", CHANNEL, "id", "1", "successful", false, "error", UNKNOWN)));
    String head = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: " + body.length();
    connection
        .getOutputStream()
        .write((head + "\r\n\r\n" + body).getBytes(StandardCharsets.ISO_8859_1));
  }

  private void closeAfterARequest() {
    CompletableFuture.runAsync(
        () -> {
          try (Socket connection = server.accept()) {
            readRequest(connection);
            server.close();
          } catch (IOException x) {
            throw new IllegalStateException(x);
          }
        });
  }

  private Optional<Failure> send() throws Exception {
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
    Map<String, Object> message = Map.of("channel", CHANNEL, "id", "1", "data", Map.of());
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
  void aRepeatedMessageOfAnUnknownSessionMayHaveBeenProcessedBefore() throws Exception {
    answer(0);
    assertThat(send()).isEmpty();
    answer(1);
    assertThat(send()).isEmpty();
    assertThat(received).hasSize(2);
    assertThat(BayeuxConnection.receiptError(received.get(0), null))
        .isInstanceOf(LongspanException.NotSent.class);
    assertThat(BayeuxConnection.receiptError(received.get(1), null))
        .isInstanceOf(LongspanException.ConnectionLost.class);
  }

  @Test
  void aRepetitionThatCannotConnectMayHaveBeenProcessedBefore() throws Exception {
    closeAfterARequest();
    assertThat(send().orElseThrow().written()).isTrue();
    assertThat(send().orElseThrow().written()).isFalse();
  }
}
