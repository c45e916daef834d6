package io.longspan.wire;

import static io.longspan.wire.RawBayeuxClient.properties;
import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.external.LocalActiveMq;
import io.longspan.external.StrictContextFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.activemq.ActiveMQConnectionFactory;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The dialect of IBM MQ, on a JMS client that has IBM MQ's rule for sessions with a listener. The
 * broker is ActiveMQ, so this shows nothing of IBM MQ itself.
 */
@TestInstance(Lifecycle.PER_CLASS)
final class IbmMqDialectIT {
  private static final String CATALOGUE =
      """
      destinations:
        - {name: "services/{service}", kind: queue, jms: "services.{service}", send: ["*"]}
        - {name: "chat/{room}", kind: topic, jms: "Chat/{room}", send: ["*"], subscribe: ["*"]}
      """;

  private Path catalogue;
  private LocalActiveMq broker;
  private TestBridge bridge;

  @BeforeAll
  void start() throws Exception {
    catalogue = Files.createTempFile("longspan-catalogue-", ".yaml");
    Files.writeString(catalogue, CATALOGUE);
    broker = new LocalActiveMq(service -> {});
    bridge =
        TestBridge.start(
            Map.of(
                "catalogue",
                catalogue.toString(),
                "broker.provider",
                "jndi",
                "broker.dialect",
                "ibmmq",
                "broker.jndi.connectionFactory",
                "ConnectionFactory",
                "broker.jndi.environment",
                "java.naming.factory.initial="
                    + StrictContextFactory.class.getName()
                    + ",java.naming.provider.url="
                    + broker.url()
                    + "?jms.watchTopicAdvisories=false"));
  }

  @AfterAll
  void stop() throws Exception {
    bridge.close();
    broker.close();
    Files.delete(catalogue);
  }

  private TestService service() {
    try {
      return new TestService(
          new ActiveMQConnectionFactory(broker.url() + "?jms.watchTopicAdvisories=false"));
    } catch (Exception x) {
      throw new IllegalStateException(x);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void eachConsumerHasItsOwnSession(Transport transport) {
    String service = WireTarget.unique("s");
    String queue = "services/" + service;
    List<String> topics = List.of("chat/a", "chat/b", "chat/c", "chat/d", "chat/e", "chat/f");
    int before = StrictContextFactory.listening();
    try (TestService echo = service().serve("services." + service, TestService::echo);
        RawBayeuxClient alice = bridge.connected(transport, "alice");
        RawBayeuxClient bob = bridge.connected(transport, "bob")) {
      for (RawBayeuxClient client : List.of(alice, bob)) {
        assertThat(client.subscribe(topics.toArray(String[]::new)))
            .containsEntry("status", "success");
        client.send(queue, Map.of("JMSCorrelationID", "r-1"), "hello");
        assertThat(client.awaitAnswer("r-1")).containsEntry("body", "hello");
      }
      assertThat(StrictContextFactory.listening()).isEqualTo(before + 2 + topics.size());
      for (String topic : topics) {
        echo.publish(
            topic.replace("chat/", "Chat/"), session -> session.createTextMessage("to " + topic));
        for (RawBayeuxClient client : List.of(alice, bob)) {
          assertThat(properties(client.awaitData(data -> ("to " + topic).equals(data.get("body")))))
              .containsEntry("topic", topic);
        }
      }
      assertThat(alice.control("type", "topicUnsubscribe", "topics", topics))
          .containsEntry("status", "success");
      assertThat(bob.control("type", "topicUnsubscribe", "topics", topics))
          .containsEntry("status", "success");
    }
    Awaitility.await().until(() -> StrictContextFactory.listening() == before);
  }
}
