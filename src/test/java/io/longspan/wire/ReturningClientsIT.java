package io.longspan.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.longspan.load.LightClient;
import java.net.http.HttpClient;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** All clients come back at once, and are served a few at a time. */
final class ReturningClientsIT {
  private static final List<String> USERS = List.of("alice", "bob", "root");
  private static final int CLIENTS = 200;

  private final AtomicInteger connected = new AtomicInteger();
  private final Queue<String> lost = new ConcurrentLinkedQueue<>();

  private final class Count implements LightClient.Listener {
    @Override
    public void connected() {
      connected.incrementAndGet();
    }

    @Override
    public void received(JsonNode data) {}

    @Override
    public void lost(String why) {
      lost.add(why);
    }
  }

  @Test
  void hundredsOfClientsThatComeAtOnceAreAllServed() {
    List<LightClient> clients = new ArrayList<>();
    try (ActiveMqTestBroker broker = new ActiveMqTestBroker()) {
      Map<String, String> settings = new HashMap<>(broker.settings());
      settings.put("limits.handshakesAtOnce", "6");
      settings.put("limits.handshakesWaiting", "20");
      try (TestBridge bridge = TestBridge.start(settings)) {
        HttpClient http = HttpClient.newHttpClient();
        for (int i = 0; i < CLIENTS; i++) {
          String user = USERS.get(i % USERS.size());
          boolean webSocket = i % 2 == 0;
          clients.add(new LightClient(http, bridge.cometd(), user, user, webSocket, new Count()));
        }
        clients.forEach(LightClient::connect);
        Awaitility.await()
            .atMost(120, TimeUnit.SECONDS)
            .until(
                () -> {
                  assertThat(bridge.metric("longspan_handshakes_in_progress"))
                      .isLessThanOrEqualTo(6);
                  assertThat(bridge.metric("longspan_handshakes_waiting")).isLessThanOrEqualTo(20);
                  return connected.get() + lost.size() >= CLIENTS;
                });
        assertThat(lost).isEmpty();
        assertThat(bridge.metric("longspan_clients_connected")).isEqualTo(CLIENTS);
        assertThat(bridge.metric("longspan_handshakes_in_progress")).isZero();
      } finally {
        clients.forEach(LightClient::close);
      }
    }
  }
}
