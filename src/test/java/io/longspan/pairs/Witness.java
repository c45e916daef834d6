package io.longspan.pairs;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.wire.RawBayeuxClient;
import io.longspan.wire.TestBridge;
import io.longspan.wire.Transport;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** A client that subscribes to one topic and follows what the bridge tells it of its broker. */
final class Witness implements AutoCloseable {
  static final String ROOM = "chat/pairs";

  private static final int PATIENCE = 120;

  private final RawBayeuxClient client;
  private final String user;
  private int requests;

  Witness(TestBridge bridge, Transport transport, String user) {
    this.user = user;
    client = bridge.connected(transport, user);
    assertThat(client.subscribe(ROOM)).containsEntry("status", "success");
  }

  void subscribe(List<String> topics) {
    assertThat(client.subscribe(topics.toArray(String[]::new))).containsEntry("status", "success");
  }

  /** Returns how many notices of lost and new broker connections have come. */
  int notices() {
    return statuses().size();
  }

  /** Waits until the client is told of an outage after a number of notices. */
  void awaitSuspended(int notices) {
    client.awaitData(data -> notices() > notices);
  }

  /**
   * Waits until the client is told that all is there again after a number of notices, and that it
   * may have missed messages. Fails if the notices do not alternate.
   */
  void awaitResumed(int notices) {
    Awaitility.await()
        .atMost(PATIENCE, TimeUnit.SECONDS)
        .pollInterval(2, TimeUnit.MILLISECONDS)
        .until(() -> notices() > notices && notices() % 2 == 0 && gaps() == notices() / 2);
    List<Object> statuses = statuses();
    for (int i = 0; i < statuses.size(); i++) {
      assertThat(statuses.get(i)).isEqualTo(i % 2 == 0 ? "suspended" : "resumed");
    }
  }

  private List<Object> statuses() {
    return client.data().stream()
        .filter(data -> "bridgeStatus".equals(data.get("type")))
        .map(data -> data.get("status"))
        .toList();
  }

  private long gaps() {
    return client.data().stream()
        .filter(data -> "gap".equals(data.get("type")))
        .filter(data -> "brokerOutage".equals(data.get("reason")))
        .filter(data -> data.get("topics").toString().contains(ROOM))
        .count();
  }

  /** Sends a request that must be answered with its own body. */
  void assertAnswered(String queue) {
    assertAnswer(request(queue));
  }

  /** Sends a request that the broker must take; returns its id. */
  String request(String queue) {
    String id = user + "-" + ++requests;
    assertThat(client.send(queue, Map.of("JMSCorrelationID", id), id))
        .containsEntry("successful", true);
    return id;
  }

  /** Waits for the answer to a request. */
  void assertAnswer(String id) {
    assertThat(client.awaitAnswer(id)).containsEntry("body", id);
  }

  /** Returns whether a message of the topic has come. */
  boolean has(String body) {
    return client.data().stream().anyMatch(data -> body.equals(data.get("body")));
  }

  /** Waits for a message of the topic. */
  void awaitMessage(String body) {
    client.awaitData(data -> body.equals(data.get("body")));
  }

  /** Fails if an answer came that is not this client's. */
  void assertOwnAnswersOnly() {
    assertThat(client.data())
        .map(data -> RawBayeuxClient.properties(data).get("JMSCorrelationID"))
        .filteredOn(id -> id != null)
        .allMatch(id -> id.toString().startsWith(user + "-"));
  }

  @Override
  public void close() {
    client.close();
  }
}
