package io.longspan.wire;

import static io.longspan.wire.RawBayeuxClient.properties;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.longspan.external.ExternalBroker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** Catalogue entries that name administered destinations of a real JNDI context. */
@TestInstance(Lifecycle.PER_CLASS)
abstract class JndiDestinationTests {
  private static final String CATALOGUE =
      """
      destinations:
        - {name: orders, kind: queue, jms: "jndi:jms/Orders", send: ["*"]}
        - {name: dynamic, kind: queue, jms: "jndi:dynamicQueues/physical.dynamic", send: ["*"]}
        - {name: news, kind: topic, jms: "jndi:jms/News", send: ["*"], subscribe: ["*"]}
        - {name: missing, kind: queue, jms: "jndi:jms/Missing", send: ["*"]}
        - {name: confused, kind: queue, jms: "jndi:jms/News", send: ["*"]}
        - {name: silent, kind: topic, jms: "jndi:jms/Silent", subscribe: ["*"]}
        - {name: "any/{x}", kind: queue, jms: "{x}", send: ["*"]}
      """;

  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private Path catalogue;
  private ExternalBroker broker;
  private TestBridge bridge;

  abstract ExternalBroker startBroker();

  @BeforeAll
  void start() throws IOException {
    log.start();
    logger().addAppender(log);
    catalogue = Files.createTempFile("longspan-catalogue-", ".yaml");
    Files.writeString(catalogue, CATALOGUE);
    broker = startBroker();
    Map<String, String> settings = new HashMap<>(broker.jndiSettings());
    settings.put("catalogue", catalogue.toString());
    settings.merge(
        "broker.jndi.environment",
        "queue.jms/Orders=physical.orders,topic.jms/News=physical.news",
        (given, added) -> given + "," + added);
    bridge = TestBridge.start(settings);
  }

  private static Logger logger() {
    return (Logger) LoggerFactory.getLogger("io.longspan.jms.JndiProvider");
  }

  @AfterAll
  void stop() throws IOException {
    logger().detachAppender(log);
    bridge.close();
    broker.close();
    Files.delete(catalogue);
  }

  private TestService service() {
    return new TestService(broker.connectionFactory());
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aRequestReachesTheQueueThatJndiNames(Transport transport) {
    for (String name : List.of("orders", "dynamic")) {
      try (TestService service = service().serve("physical." + name, TestService::echo);
          RawBayeuxClient alice = bridge.connected(transport, "alice")) {
        alice.send(name, Map.of("JMSCorrelationID", "r-1"), "hello");
        assertThat(alice.awaitAnswer("r-1")).containsEntry("body", "hello");
        assertThat(service.received()).hasSize(1);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aSubscriberReceivesTheTopicThatJndiNames(Transport transport) {
    try (TestService service = service().watch("physical.news");
        RawBayeuxClient alice = bridge.connected(transport, "alice")) {
      assertThat(alice.subscribe("news")).containsEntry("status", "success");
      service.publish("physical.news", session -> session.createTextMessage("one"));
      assertThat(properties(alice.awaitData(d -> "one".equals(d.get("body")))))
          .containsEntry("topic", "news");
      assertThat(alice.send("news", Map.of(), "two")).containsEntry("successful", true);
      alice.awaitData(d -> "two".equals(d.get("body")));
      service.awaitText("two");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aNameThatJndiDoesNotHaveIsANamedFailure(Transport transport) {
    try (TestService service = service().serve("physical.orders", TestService::echo);
        RawBayeuxClient alice = bridge.connected(transport, "alice")) {
      for (String name : List.of("missing", "confused")) {
        assertThat(alice.send(name, Map.of("JMSCorrelationID", name), "x").get("error"))
            .isEqualTo("sendFailed:JNDI has no such destination; the operator must define it");
        assertThat(alice.awaitAnswer(name)).containsEntry("errorCode", "sendFailed");
      }
      assertThat(alice.subscribe("silent").get("topicErrors"))
          .asString()
          .contains("sendFailed:JNDI has no such destination; the operator must define it");
      alice.send("orders", Map.of("JMSCorrelationID", "r-1"), "hello");
      assertThat(alice.awaitAnswer("r-1")).containsEntry("body", "hello");
      assertThat(alice.data()).noneMatch(d -> "bridgeStatus".equals(d.get("type")));
    }
  }

  @Test
  void theLogNamesWhatJndiDoesNotHaveAtTheStart() {
    for (String name : List.of("jms/Missing", "jms/Silent", "jms/News")) {
      Awaitility.await()
          .untilAsserted(
              () ->
                  assertThat(log.list)
                      .filteredOn(event -> event.getLevel() == Level.WARN)
                      .extracting(ILoggingEvent::getFormattedMessage)
                      .anyMatch(
                          line ->
                              line.startsWith(
                                  "catalogue names a destination that JNDI does not have"
                                      + " name=jndi:"
                                      + name)));
    }
    assertThat(log.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .noneMatch(line -> line.contains("jndi:jms/Orders"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "any/jndi:jms",
        "any/JNDI:dynamicQueues%2Fphysical.orders",
        "jndi:jms/Orders",
        "any/jndi:jms/Orders"
      })
  void aClientNeverChoosesANameInJndi(String name) {
    try (RawBayeuxClient alice = bridge.connected(Transport.WEBSOCKET, "alice")) {
      assertThat(alice.send(name, Map.of(), "x").get("error"))
          .asString()
          .startsWith("notAuthorized:");
    }
  }
}
