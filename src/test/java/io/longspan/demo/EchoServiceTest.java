package io.longspan.demo;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.jms.BytesMessage;
import jakarta.jms.Message;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EchoServiceTest {

  private DemoBroker broker;
  private DemoServices services;
  private BusClient client;

  @BeforeEach
  void start() throws Exception {
    broker = new DemoBroker();
    services = new DemoServices(broker.factory());
    services.start();
    client = new BusClient(broker.factory());
  }

  @AfterEach
  void stop() throws Exception {
    client.close();
    services.close();
    broker.close();
  }

  @Test
  void aTextComesBackWithItsPropertiesAndItsSenderButNotAsTheSendersClaim() throws Exception {
    Map<String, Object> properties =
        Map.of(
            "operation",
            "greet",
            "count",
            3,
            "big",
            1L << 60,
            "ratio",
            0.5,
            "yes",
            true,
            "runAsUser",
            "alice",
            "bridgeId",
            "b",
            "bridgeClientId",
            "c");
    Message answer = client.answer("services/echo", client.text("hello \u20ac", properties));
    assertThat(BusClient.body(answer)).isEqualTo("hello \u20ac");
    assertThat(answer.getStringProperty("status")).isEqualTo("ok");
    assertThat(answer.getStringProperty("echoedUser")).isEqualTo("alice");
    assertThat(answer.getStringProperty("operation")).isEqualTo("greet");
    assertThat(answer.getObjectProperty("count")).isEqualTo(3);
    assertThat(answer.getObjectProperty("big")).isEqualTo(1L << 60);
    assertThat(answer.getObjectProperty("ratio")).isEqualTo(0.5);
    assertThat(answer.getObjectProperty("yes")).isEqualTo(true);
    assertThat(answer.propertyExists("runAsUser")).isFalse();
    assertThat(answer.propertyExists("bridgeId")).isFalse();
    assertThat(answer.propertyExists("bridgeClientId")).isFalse();
  }

  @Test
  void bytesComeBackAsBytes() throws Exception {
    byte[] body = {0, -1, 127, -128};
    Message answer =
        client.answer("services/echo", client.bytes(body, Map.of("runAsUser", "alice")));
    byte[] echoed = new byte[4];
    assertThat(((BytesMessage) answer).getBodyLength()).isEqualTo(4);
    ((BytesMessage) answer).readBytes(echoed);
    assertThat(echoed).isEqualTo(body);
  }

  @Test
  void anotherKindOfMessageIsABadRequestAndTheServiceLivesOn() throws Exception {
    Message answer = client.answer("services/echo", client.map(Map.of("runAsUser", "alice")));
    assertThat(answer.getStringProperty("status")).isEqualTo("error");
    assertThat(BusClient.json(answer).path("code").asText()).isEqualTo("badRequest");
    client.sendWithoutReplyTo("services/echo", client.text("nobody waits", Map.of()));
    Message next = client.answer("services/echo", client.text("", Map.of()));
    assertThat(BusClient.body(next)).isEmpty();
    assertThat(next.propertyExists("echoedUser")).isFalse();
  }
}
