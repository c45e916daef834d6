package io.longspan.external;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.wire.RawBayeuxClient;
import io.longspan.wire.TestBridge;
import io.longspan.wire.Transport;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/** A client that listens to one topic and lives through an outage of the broker. */
final class OutageClient implements AutoCloseable {
  static final String ROOM = "chat/outage";

  private final RawBayeuxClient client;
  private final String user;
  private final String clientId;
  private CompletableFuture<Map<String, Object>> begun;

  /** Connects, and subscribes to {@link #ROOM}. */
  OutageClient(TestBridge bridge, Transport transport, String user) {
    this.user = user;
    this.client = bridge.client(transport, user).connected();
    this.clientId = client.clientId();
    assertThat(client.subscribe(ROOM)).containsEntry("status", "success");
  }

  /** Sends a request; its correlation id is of this client and this label. */
  void request(String queue, String label) {
    assertThat(client.send(queue, Map.of("JMSCorrelationID", id(label)), label))
        .containsEntry("successful", true);
  }

  String id(String label) {
    return user + "-" + label;
  }

  void awaitAnswer(String label) {
    assertThat(client.awaitAnswer(id(label))).containsEntry("body", label);
  }

  /** Begins to subscribe to another topic while nobody answers; see {@link #assertRefused}. */
  void beginToSubscribe() {
    begun =
        client.start(
            RawBayeuxClient.message(
                "channel",
                "/anzo/control",
                "data",
                Map.of(
                    "type",
                    "topicSubscribe",
                    "topics",
                    List.of("chat/begun-" + user),
                    "correlationId",
                    id("begun"))));
  }

  /** Waits until the client knows of the outage. */
  void awaitSuspended() {
    client.awaitData(status("suspended"));
  }

  /** What was on its way has failed, and what is new is refused at once. */
  void assertRefused(String inFlight) throws Exception {
    assertThat(client.awaitAnswer(id(inFlight)))
        .containsEntry("status", "failed")
        .containsEntry("errorCode", "brokerUnavailable");
    assertThat(begun.get(30, TimeUnit.SECONDS)).containsEntry("successful", true);
    assertThat(
            client
                .awaitData(data -> id("begun").equals(data.get("correlationId")))
                .get("topicErrors"))
        .asString()
        .contains("brokerUnavailable");
    assertThat(
            client
                .start(
                    RawBayeuxClient.message(
                        "channel",
                        "/anzo/bridge",
                        "data",
                        Map.of("destination", ROOM, "properties", Map.of(), "body", "refused")))
                .get(5, TimeUnit.SECONDS)
                .get("error"))
        .asString()
        .startsWith("brokerUnavailable:");
  }

  /** The client has been told, in this order, and its session is the one it had. */
  void awaitResumed() {
    client.awaitData(data -> "gap".equals(data.get("type")));
    int suspended = index(status("suspended"));
    int resumed = index(status("resumed"));
    int gap = index(data -> "gap".equals(data.get("type")));
    assertThat(suspended).isLessThan(resumed);
    assertThat(resumed).isLessThan(gap);
    assertThat(client.data().get(gap))
        .containsEntry("topics", List.of(RawBayeuxClient.message("lost", null, "topic", ROOM)))
        .containsEntry("reason", "brokerOutage");
    assertThat(client.clientId()).isEqualTo(clientId);
    assertThat(client.pollRefused()).isFalse();
  }

  void awaitMessage(String body) {
    client.awaitData(data -> body.equals(data.get("body")));
  }

  long messages(String body) {
    return client.data().stream().filter(data -> body.equals(data.get("body"))).count();
  }

  private static Predicate<Map<String, Object>> status(String status) {
    return data -> "bridgeStatus".equals(data.get("type")) && status.equals(data.get("status"));
  }

  private int index(Predicate<Map<String, Object>> wanted) {
    List<Map<String, Object>> data = client.data();
    return IntStream.range(0, data.size())
        .filter(i -> wanted.test(data.get(i)))
        .findFirst()
        .orElseThrow();
  }

  @Override
  public void close() {
    client.close();
  }
}
