package io.longspan.wire;

import static io.longspan.wire.RawBayeuxClient.message;
import static io.longspan.wire.RawBayeuxClient.properties;
import static io.longspan.wire.WireTarget.unique;
import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.external.ExternalBroker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A bridge with two brokers (protocol section 13): the default one and {@code plant}. */
@TestInstance(Lifecycle.PER_CLASS)
abstract class SeveralBrokersTests {
  private static final String ENTRIES =
      """
        - {name: "plant/temporaryTopic/{s}", kind: queue, broker: plant, jms: "services.{s}", send: ["*"], replies: temporaryTopic}
        - {name: "plant/temporaryQueue/{s}", kind: queue, broker: plant, jms: "services.{s}", send: ["*"], replies: temporaryQueue}
        - {name: "plant/topic/{s}", kind: queue, broker: plant, jms: "services.{s}", send: ["*"], replies: topic}
        - {name: "plant/queue/{s}", kind: queue, broker: plant, jms: "services.{s}", send: ["*"], replies: queue}
        - {name: "plant/feed/{line}/{machine}", kind: topic, broker: plant, jms: "feed.{line}.{machine}", send: ["*"], subscribe: ["*"], wildcards: true, keep: {messages: 100}}
        - {name: "office/{s}", kind: queue, jms: "services.{s}", send: ["*"]}
        - {name: "office/feed/{line}/{machine}", kind: topic, jms: "feed.{line}.{machine}", send: ["*"], subscribe: ["*"], wildcards: true}
      """;

  @TempDir static Path folder;

  private TwoBrokers brokers;
  private ExternalBroker office;
  private ExternalBroker plant;
  private Map<String, String> settings;
  private TestBridge bridge;

  abstract TwoBrokers startBrokers();

  @BeforeAll
  void start() {
    brokers = startBrokers();
    office = brokers.office;
    plant = brokers.plant;
    settings = brokers.settings(folder.resolve("two-brokers.yaml"), ENTRIES);
    bridge = TestBridge.start(settings);
    awaitPlant(bridge, 1);
  }

  @AfterAll
  void stop() {
    if (bridge != null) {
      bridge.close();
    }
    brokers.close();
  }

  private static void awaitPlant(TestBridge of, int connected) {
    Awaitility.await().until(() -> of.metrics().contains(plantConnected(connected)));
  }

  private static String plantConnected(int connected) {
    return "longspan_broker_connected{broker=\"plant\"} " + connected + ".0";
  }

  private static TestService serve(ExternalBroker broker, String queue) {
    return new TestService(broker.connectionFactory()).serve(queue, TestService::echo);
  }

  private static List<Map<String, Object>> statuses(RawBayeuxClient client) {
    return client.data().stream().filter(data -> "bridgeStatus".equals(data.get("type"))).toList();
  }

  private static boolean isStatus(Map<String, Object> data, String status, String broker) {
    return "bridgeStatus".equals(data.get("type"))
        && status.equals(data.get("status"))
        && Objects.equals(broker, data.get("broker"));
  }

  private static List<Object> gaps(RawBayeuxClient client) {
    return client.data().stream()
        .filter(data -> "gap".equals(data.get("type")))
        .flatMap(data -> ((List<?>) data.get("topics")).stream())
        .<Object>map(topic -> ((Map<?, ?>) topic).get("topic"))
        .toList();
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aRequestIsAnsweredAtTheBrokerOfItsEntry(Transport transport) {
    String name = unique("s");
    try (TestService atOffice = serve(office, "services." + name);
        TestService atPlant = serve(plant, "services." + name);
        RawBayeuxClient alice = bridge.connected(transport, "alice")) {
      alice.send("office/" + name, Map.of("JMSCorrelationID", "o"), "to the office");
      assertThat(alice.awaitAnswer("o")).containsEntry("body", "to the office");
      int requests = 0;
      for (String mode : List.of("temporaryTopic", "temporaryQueue", "topic", "queue")) {
        String id = "p-" + mode;
        alice.send("plant/" + mode + "/" + name, Map.of("JMSCorrelationID", id), "to the plant");
        assertThat(alice.awaitAnswer(id)).containsEntry("body", "to the plant");
        assertThat(atPlant.received()).hasSize(++requests);
      }
      assertThat(atOffice.received()).hasSize(1);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aTopicIsReceivedFromTheBrokerOfItsEntry(Transport transport) {
    String line = unique("line");
    try (RawBayeuxClient alice = bridge.connected(transport, "alice");
        TestService atOffice = new TestService(office.connectionFactory());
        TestService atPlant = new TestService(plant.connectionFactory())) {
      alice.subscribe("plant/feed/" + line + "/*", "office/feed/" + line + "/m1");
      atOffice.publish("feed." + line + ".m1", session -> session.createTextMessage("office"));
      atPlant.publish("feed." + line + ".m1", session -> session.createTextMessage("plant"));
      assertThat(properties(alice.awaitData(data -> "plant".equals(data.get("body")))))
          .containsEntry("topic", "plant/feed/" + line + "/m1")
          .containsEntry("subscription", "plant/feed/" + line + "/*");
      assertThat(properties(alice.awaitData(data -> "office".equals(data.get("body")))))
          .containsEntry("topic", "office/feed/" + line + "/m1");
      alice.send("plant/feed/" + line + "/m2", Map.of("JMSCorrelationID", "sent"), "m2");
      alice.awaitData(data -> "m2".equals(data.get("body")));
      assertThat(alice.data().stream().map(data -> data.get("body")).filter(Objects::nonNull))
          .containsExactlyInAnyOrder("plant", "office", "m2");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aMessageWithAReplyAddressIsAnsweredAtItsBroker(Transport transport) {
    String name = unique("s");
    String answers = unique("answers");
    try (TestService atPlant =
            new TestService(plant.connectionFactory())
                .serve(
                    "services." + name,
                    (session, request) -> {
                      var question = session.createTextMessage("a question");
                      question.setJMSReplyTo(session.createQueue(answers));
                      TestService.reply(session, request, question);
                    });
        TestService heard =
            new TestService(plant.connectionFactory()).serve(answers, (s, m) -> {});
        RawBayeuxClient alice = bridge.connected(transport, "alice")) {
      alice.send("plant/temporaryTopic/" + name, Map.of(), "ask me");
      Map<String, Object> question = alice.awaitData(data -> data.containsKey("replyTo"));
      assertThat(
              alice.publish(
                  "/anzo/bridge", message("replyTo", question.get("replyTo"), "body", "an answer")))
          .containsEntry("successful", true);
      assertThat(TestService.text(heard.awaitFirst())).isEqualTo("an answer");
      assertThat(atPlant.received()).hasSize(1);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void theLossOfABrokerConcernsOnlyWhatIsOnIt(Transport transport) {
    String name = unique("s");
    String feed = "plant/feed/" + unique("line") + "/m1";
    String chat = unique("chat/r");
    try (TestService atOffice = serve(office, "services." + name);
        RawBayeuxClient alice = bridge.connected(transport, "alice");
        RawBayeuxClient bob = bridge.connected(transport, "bob")) {
      alice.subscribe(feed, chat);
      bob.subscribe(chat);
      alice.send("plant/queue/" + name, Map.of("JMSCorrelationID", "lost"), "nobody answers");
      plant.kill();
      alice.awaitData(data -> isStatus(data, "suspended", "plant"));
      assertThat(alice.awaitAnswer("lost")).containsEntry("errorCode", "brokerUnavailable");
      awaitPlant(bridge, 0);

      assertThat(bridge.status("health/ready")).isEqualTo(200);
      alice.send("office/" + name, Map.of("JMSCorrelationID", "o"), "hello");
      assertThat(alice.awaitAnswer("o")).containsEntry("body", "hello");
      bob.send(chat, Map.of("JMSCorrelationID", "c"), "chat goes on");
      alice.awaitData(data -> "chat goes on".equals(data.get("body")));
      bob.awaitData(data -> "chat goes on".equals(data.get("body")));
      for (String mode : List.of("temporaryTopic", "topic")) {
        assertThat(
                alice
                    .send("plant/" + mode + "/" + name, Map.of("JMSCorrelationID", mode), "now")
                    .get("error"))
            .asString()
            .startsWith("brokerUnavailable");
      }
      assertThat(bob.subscribe(feed)).containsEntry("errorCode", "brokerUnavailable");

      plant.restart();
      alice.awaitData(data -> isStatus(data, "resumed", "plant"));
      Awaitility.await().untilAsserted(() -> assertThat(gaps(alice)).isNotEmpty());
      assertThat(gaps(alice)).containsOnly(feed);
      try (TestService atPlant = serve(plant, "services." + name)) {
        for (String mode : List.of("temporaryTopic", "temporaryQueue", "topic", "queue")) {
          alice.send("plant/" + mode + "/" + name, Map.of("JMSCorrelationID", mode + 2), "again");
          assertThat(alice.awaitAnswer(mode + 2)).containsEntry("body", "again");
        }
        alice.send(feed, Map.of("JMSCorrelationID", "f"), "the feed is back");
        alice.awaitData(data -> "the feed is back".equals(data.get("body")));
        assertThat(atPlant.received()).hasSize(4);
      }
      assertThat(statuses(alice)).allMatch(status -> "plant".equals(status.get("broker")));
      assertThat(statuses(bob)).isEmpty();
      assertThat(atOffice.received()).hasSize(1);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void theLossOfTheDefaultBrokerLeavesTheOtherOne(Transport transport) {
    String feed = "plant/feed/" + unique("line") + "/m1";
    String chat = unique("chat/r");
    try (RawBayeuxClient alice = bridge.connected(transport, "alice")) {
      alice.subscribe(feed, chat);
      office.kill();
      alice.awaitData(data -> isStatus(data, "suspended", null));
      assertThat(bridge.status("health/ready")).isEqualTo(503);
      alice.send(feed, Map.of("JMSCorrelationID", "f"), "the feed goes on");
      alice.awaitData(data -> "the feed goes on".equals(data.get("body")));

      office.restart();
      alice.awaitData(data -> isStatus(data, "resumed", null));
      Awaitility.await().untilAsserted(() -> assertThat(gaps(alice)).containsOnly(chat));
      Awaitility.await().until(() -> bridge.status("health/ready") == 200);
      assertThat(statuses(alice)).noneMatch(status -> status.containsKey("broker"));
    }
  }

  @Test
  void aBridgeCanBeReadyOnlyWithAllItsBrokers() {
    Map<String, String> all = new HashMap<>(settings);
    all.put("bridge.id", "bridge-2");
    all.put("bridge.readyBrokers", "all");
    try (TestBridge second = TestBridge.start(all)) {
      plant.kill();
      Awaitility.await().until(() -> second.status("health/ready") == 503);
      assertThat(bridge.status("health/ready")).isEqualTo(200);
      plant.restart();
      Awaitility.await().until(() -> second.status("health/ready") == 200);
    } finally {
      awaitPlant(bridge, 1);
    }
  }

  @Test
  void operatorsSeeEachBroker() {
    assertThat(
            RawHttp.get(
                bridge.uri("admin/bridge"),
                "127.0.0.1",
                "Authorization: " + RawBayeuxClient.basic("root", "root")))
        .contains("\"name\":\"default\",\"connected\":true")
        .contains("\"name\":\"plant\",\"connected\":true");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "plant",
        "plant/services.x",
        "plant:services/x",
        "plant/queue/a/b",
        "brokers/plant/queue/x"
      })
  void noOtherNameReachesAFurtherBroker(String name) {
    try (RawBayeuxClient alice = bridge.connected(Transport.WEBSOCKET, "alice")) {
      assertThat(alice.send(name, Map.of("JMSCorrelationID", "x"), "x").get("error"))
          .asString()
          .matches("(?:notAuthorized|badRequest):.*");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"longspan/reply/bridge-1", "longspan/reply/bridge-1/x"})
  void noNameReachesTheReplyDestinationsOfAFurtherBroker(String name) throws IOException {
    Path catalogue = folder.resolve("reaching.yaml");
    Files.writeString(
        catalogue,
        """
        destinations:
          - {name: "any/{name...}", kind: topic, broker: plant, jms: "{name}", send: ["*"], subscribe: ["*"]}
        """);
    Map<String, String> reaching = new HashMap<>(settings);
    reaching.put("bridge.id", "bridge-3");
    reaching.put("catalogue", catalogue.toString());
    try (TestBridge third = TestBridge.start(reaching);
        RawBayeuxClient alice = third.connected(Transport.LONG_POLLING, "alice")) {
      awaitPlant(third, 1);
      assertThat(alice.subscribe("any/" + name)).containsEntry("status", "failed");
      assertThat(alice.subscribe("any/innocent")).containsEntry("status", "success");
    }
  }
}
