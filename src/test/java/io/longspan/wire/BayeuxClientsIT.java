package io.longspan.wire;

import static io.longspan.wire.RawBayeuxClient.properties;
import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.external.ChildProcess;
import jakarta.websocket.ContainerProvider;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.cometd.bayeux.Message;
import org.cometd.client.BayeuxClient;
import org.cometd.client.ext.AckExtension;
import org.cometd.client.http.jetty.JettyHttpClientTransport;
import org.cometd.client.transport.ClientTransport;
import org.cometd.client.websocket.jakarta.WebSocketTransport;
import org.cometd.common.JacksonJSONContextClient;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.Request;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Bayeux clients of others, which know nothing of the bridge, over each of their transports. {@code
 * docs/clients.md} says what each must be told.
 */
@TestInstance(Lifecycle.PER_CLASS)
@Timeout(60)
final class BayeuxClientsIT {
  private static final Path PROGRAMS = Path.of("src", "test", "bayeux-clients");
  private static final String BASIC =
      "Basic " + Base64.getEncoder().encodeToString("alice:alice".getBytes(StandardCharsets.UTF_8));

  private ClientStage stage;

  @BeforeAll
  void start() {
    stage = new ClientStage();
  }

  @AfterAll
  void stop() {
    stage.close();
  }

  private static String word(Transport transport) {
    return transport == Transport.WEBSOCKET ? "websocket" : "long-polling";
  }

  private String run(String interpreter, String program, Transport transport) {
    List<String> command = new ArrayList<>(List.of(interpreter, program));
    command.add(stage.bridge().cometd().toString());
    command.addAll(
        List.of(word(transport), "alice", "alice", "chat/" + Long.toHexString(System.nanoTime())));
    ChildProcess process = ChildProcess.start(program, PROGRAMS, Map.of(), command);
    process.awaitSuccess();
    return process.log();
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void fayeForNode(Transport transport) {
    assertThat(run("node", "faye.js", transport).lines())
        .containsExactly("connected", "topic success", "answer hello", "message news");
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void fayeForRuby(Transport transport) {
    assertThat(run("/usr/bin/ruby", "faye.rb", transport).lines())
        .endsWith("connected", "topic success", "answer hello", "message news");
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void cometdForJavaScriptWithItsExtensions(Transport transport) {
    assertThat(run("node", "cometd.js", transport).lines())
        .containsExactly(
            "connected",
            "topic success",
            "answer hello",
            "message news",
            "reloaded true",
            "message later");
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void cometdForJava(Transport transport) throws Exception {
    try (CometdClient client = new CometdClient(stage.bridge().cometd(), transport)) {
      assertThat(client.control("connect", Map.of("protocolVersion", "1.2")))
          .containsEntry("status", "connected");
      String topic = "chat/" + Long.toHexString(System.nanoTime());
      assertThat(client.control("topicSubscribe", Map.of("topics", List.of(topic))))
          .containsEntry("status", "success");
      client.send("services/echo", Map.of("JMSCorrelationID", "r"), "hello");
      Map<String, Object> answer =
          client.await(d -> "r".equals(properties(d).get("JMSCorrelationID")));
      assertThat(answer).containsEntry("body", "hello");
      client.send(topic, Map.of(), "news");
      assertThat(client.await(d -> topic.equals(properties(d).get("topic"))))
          .containsEntry("body", "news");
    }
  }

  /** CometD's client for Java, on Jetty's HTTP client, with the acknowledgement extension. */
  private static final class CometdClient implements AutoCloseable {
    private final HttpClient http = new HttpClient();
    private final BlockingQueue<Map<String, Object>> received = new LinkedBlockingQueue<>();
    private final BayeuxClient client;

    CometdClient(URI endpoint, Transport transport) throws Exception {
      http.start();
      client = new BayeuxClient(endpoint.toString(), transport(transport));
      client.addExtension(new AckExtension());
      CompletableFuture<Message> shaken = new CompletableFuture<>();
      client.handshake(shaken::complete);
      Map<String, Object> ext = shaken.get(20, TimeUnit.SECONDS).getExt();
      String userChannel = (String) ((Map<?, ?>) ext.get("bridge")).get("userChannel");
      CompletableFuture<Message> subscribed = new CompletableFuture<>();
      client
          .getChannel(userChannel)
          .subscribe(
              (channel, message) -> received.add(message.getDataAsMap()), subscribed::complete);
      assertThat(subscribed.get(20, TimeUnit.SECONDS).isSuccessful()).isTrue();
    }

    private ClientTransport transport(Transport transport) {
      Map<String, Object> options = new HashMap<>();
      options.put(ClientTransport.JSON_CONTEXT_OPTION, new JacksonJSONContextClient());
      return transport == Transport.WEBSOCKET
          ? new WebSocketTransport(options, null, ContainerProvider.getWebSocketContainer()) {
            @Override
            protected void onHandshakeRequest(Map<String, List<String>> headers) {
              super.onHandshakeRequest(headers);
              headers.put("Authorization", List.of(BASIC));
            }
          }
          : new JettyHttpClientTransport(options, http) {
            @Override
            protected void customize(Request request) {
              request.headers(headers -> headers.put("Authorization", BASIC));
            }
          };
    }

    Map<String, Object> control(String type, Map<String, Object> fields) throws Exception {
      Map<String, Object> data = new HashMap<>(fields);
      data.put("type", type);
      data.put("correlationId", type);
      client.getChannel("/anzo/control").publish(data);
      return await(d -> type.equals(d.get("correlationId")));
    }

    void send(String destination, Map<String, Object> properties, Object body) {
      client
          .getChannel("/anzo/bridge")
          .publish(Map.of("destination", destination, "properties", properties, "body", body));
    }

    Map<String, Object> await(Predicate<Map<String, Object>> wanted) throws Exception {
      while (true) {
        Map<String, Object> data = received.poll(20, TimeUnit.SECONDS);
        assertThat(data).isNotNull();
        if (wanted.test(data)) {
          return data;
        }
      }
    }

    @Override
    public void close() throws Exception {
      client.disconnect(5000);
      http.stop();
    }
  }
}
