package io.longspan.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.external.ExternalBroker;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A bridge with two addresses ({@code broker.urls}): it moves when the broker in use is killed. */
@TestInstance(Lifecycle.PER_CLASS)
abstract class SeveralAddressesTests {
  private ExternalBroker first;
  private ExternalBroker second;
  private TestBridge bridge;

  abstract ExternalBroker startBroker();

  /** Returns the keys of the configuration that name the broker. */
  Map<String, String> settings(ExternalBroker started) {
    return started.settings();
  }

  @BeforeAll
  void start() {
    first = startBroker();
    second = startBroker();
    Map<String, String> settings = new HashMap<>(settings(first));
    settings.put("broker.urls", url(first) + "," + url(second));
    settings.remove("broker.url");
    bridge = TestBridge.start(settings);
  }

  @AfterAll
  void stop() {
    if (bridge != null) {
      bridge.close();
    }
    first.close();
    second.close();
  }

  private String url(ExternalBroker broker) {
    return settings(broker).get("broker.url");
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void clientsGoOnAtTheOtherAddress(Transport transport) {
    try (RawBayeuxClient alice = bridge.connected(transport, "alice")) {
      alice.subscribe("kept/news");
      assertAnsweredAt(first, alice, "r-1");
      moveFrom(first, alice, 1);
      assertAnsweredAt(second, alice, "r-2");
      first.restart();
      moveFrom(second, alice, 2);
      assertAnsweredAt(first, alice, "r-3");
      second.restart();
    }
  }

  private static void moveFrom(ExternalBroker broker, RawBayeuxClient client, int times) {
    broker.kill();
    client.awaitData(data -> statuses(client).equals(expected(times)));
    client.awaitData(data -> gaps(client) == times);
  }

  private static long gaps(RawBayeuxClient client) {
    return client.data().stream().filter(data -> "brokerOutage".equals(data.get("reason"))).count();
  }

  private static List<Object> statuses(RawBayeuxClient client) {
    return client.data().stream()
        .filter(data -> "bridgeStatus".equals(data.get("type")))
        .map(data -> data.get("status"))
        .toList();
  }

  private static List<Object> expected(int times) {
    return times == 1
        ? List.of("suspended", "resumed")
        : List.of("suspended", "resumed", "suspended", "resumed");
  }

  private static void assertAnsweredAt(ExternalBroker broker, RawBayeuxClient client, String id) {
    String queue = WireTarget.unique("services/s");
    try (TestService service =
        new TestService(broker.connectionFactory()).serve(queue, TestService::echo)) {
      client.send(queue, Map.of("JMSCorrelationID", id), "hello");
      client.awaitAnswer(id);
      assertThat(service.received()).hasSize(1);
    }
  }
}
