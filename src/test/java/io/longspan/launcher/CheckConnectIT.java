package io.longspan.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.longspan.external.BridgeFiles;
import io.longspan.external.ExternalActiveMq;
import io.longspan.external.ExternalArtemis;
import io.longspan.external.ExternalBroker;
import io.longspan.external.SharedRabbitMq;
import jakarta.jms.Connection;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code check --connect} with brokers of their own processes, which have accounts and rights. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class CheckConnectIT {
  private static final String CATALOGUE =
      """
      destinations:
        - {name: "orders/{shop}", kind: queue, jms: "orders.{shop}", send: ["*"]}
        - {name: jobs, kind: queue, send: ["*"]}
        - {name: "prices/{market}/{symbol}", kind: topic, jms: "prices.{market}.{symbol}",
           subscribe: ["*"], send: [trader], wildcards: true, presence: true}
        - {name: "graphs/{graph}", kind: topic, subscribe: {ask: services/authorization}}
      """;

  /** The clients and brokers that the check is run with. */
  private enum Pairing {
    ACTIVEMQ,
    AMQP_TO_ACTIVEMQ,
    ARTEMIS,
    AMQP_TO_ARTEMIS,
    RABBITMQ
  }

  @TempDir Path folder;

  private final Map<Pairing, Outcome> outcomes = new EnumMap<>(Pairing.class);
  private ExternalBroker activemq;
  private ExternalBroker artemis;
  private int runs;

  @BeforeAll
  void startBrokers() {
    activemq = new ExternalActiveMq();
    artemis = new ExternalArtemis();
  }

  @AfterAll
  void stopBrokers() {
    activemq.close();
    artemis.close();
  }

  private Map<String, String> settings(Pairing pairing) {
    return switch (pairing) {
      case ACTIVEMQ -> activemq.settings();
      case AMQP_TO_ACTIVEMQ -> activemq.amqpSettings();
      case ARTEMIS -> artemis.settings();
      case AMQP_TO_ARTEMIS -> artemis.amqpSettings();
      case RABBITMQ -> new SharedRabbitMq().settings();
    };
  }

  private record Outcome(int status, JsonNode report, String errors) {
    List<String> subjects(String result) {
      List<String> found = new ArrayList<>();
      for (JsonNode each : report.path("brokers")) {
        if (each.path("result").asText().equals(result)) {
          found.add(each.path("action").asText() + " " + each.path("subject").asText());
        }
      }
      return found;
    }
  }

  private Outcome check(Map<String, String> settings) throws Exception {
    Path config = BridgeFiles.write("check", settings, CATALOGUE, "alice: alice");
    Path own = Files.createDirectory(folder.resolve("run" + ++runs));
    try (WarProcess process =
        WarProcess.start(
            own, Map.of(), "check", "--connect", "--json", "--config", config.toString())) {
      int status = process.awaitExitStatus();
      return new Outcome(status, new ObjectMapper().readTree(process.output()), process.errors());
    }
  }

  /** Returns the outcome with the recommended rights; one run serves several tests. */
  private Outcome checked(Pairing pairing) throws Exception {
    if (!outcomes.containsKey(pairing)) {
      outcomes.put(pairing, check(settings(pairing)));
    }
    return outcomes.get(pairing);
  }

  @ParameterizedTest
  @EnumSource(Pairing.class)
  void theRecommendedRightsAreEnough(Pairing pairing) throws Exception {
    Outcome outcome = checked(pairing);

    assertThat(outcome.subjects("missing")).as(outcome.report().toString()).isEmpty();
    assertThat(outcome.status()).isZero();
    assertThat(outcome.errors()).isEmpty();
    assertThat(outcome.subjects("ok"))
        .contains(
            "answers temporaryTopic",
            "send queue jobs",
            "send queue orders.longspan-check",
            "send topic prices.longspan-check.longspan-check",
            "receive topic prices.*.*",
            "receive topic bridge/push",
            "send topic bridge/clients",
            "send topic bridge/presence",
            "send queue services/authorization");
  }

  @ParameterizedTest
  @EnumSource(Pairing.class)
  void rightsThatOnlyOthersShouldHaveAreFound(Pairing pairing) throws Exception {
    Outcome outcome = checked(pairing);

    List<String> sends =
        List.of(
            "send topic bridge/push",
            "send topic bridge/commands",
            "send topic bridge/authorization-events");
    switch (pairing) {
      case ACTIVEMQ, AMQP_TO_ACTIVEMQ -> {
        // The broker of the tests lets bridges send to all topics.
        assertThat(outcome.subjects("tooMany")).containsAll(sends);
        assertThat(outcome.subjects("ok")).contains("no receive queue jobs");
      }
      case ARTEMIS, AMQP_TO_ARTEMIS -> {
        assertThat(outcome.subjects("ok"))
            .containsAll(sends.stream().map("no "::concat).toList())
            .contains("no receive topic bridge/clients");
        assertThat(outcome.subjects("tooMany")).contains("receive queue jobs");
      }
      case RABBITMQ -> {
        assertThat(outcome.subjects("ok")).containsAll(sends.stream().map("no "::concat).toList());
        assertThat(outcome.subjects("notTried")).contains("receive queue jobs");
      }
    }
    assertThat(outcome.report().path("tooMany").asInt())
        .isEqualTo(outcome.subjects("tooMany").size());
  }

  @ParameterizedTest
  @EnumSource(
      value = Pairing.class,
      names = {"ACTIVEMQ", "AMQP_TO_ACTIVEMQ", "ARTEMIS"})
  void aRightThatIsMissingIsFoundAndTheOthersAreStillTried(Pairing pairing) throws Exception {
    ExternalBroker broker = pairing == Pairing.ARTEMIS ? artemis : activemq;
    broker.refuseConsumers("bridge/push");
    Outcome outcome;
    try {
      outcome = check(settings(pairing));
    } finally {
      broker.allowConsumers("bridge/push");
    }

    assertThat(outcome.status()).isOne();
    assertThat(outcome.subjects("missing")).containsExactly("receive topic bridge/push");
    assertThat(outcome.report().toString()).contains("(messages to users)");
    assertThat(outcome.subjects("ok")).contains("receive topic bridge/commands", "send queue jobs");
  }

  @Test
  void aWrongPasswordAndAnAddressWithoutABrokerAreToldApart() throws Exception {
    Map<String, String> wrong = new HashMap<>(activemq.settings());
    wrong.put("broker.password", "wrong");
    Map<String, String> nowhere = new HashMap<>(activemq.settings());
    nowhere.put("broker.url", "tcp://127.0.0.1:1");

    assertThat(check(wrong))
        .satisfies(outcome -> assertThat(outcome.status()).isOne())
        .satisfies(
            outcome ->
                assertThat(outcome.report().toString())
                    .contains("the broker rejects broker.user or its password")
                    .doesNotContain("\"wrong\""));
    assertThat(check(nowhere))
        .satisfies(outcome -> assertThat(outcome.status()).isOne())
        .satisfies(
            outcome ->
                assertThat(outcome.report().toString()).contains("the broker is not reachable"));
  }

  @Test
  void anAddressThatIsAwayIsNamedIfAnotherOneWorks() throws Exception {
    Map<String, String> settings = new HashMap<>(activemq.settings());
    String url = settings.remove("broker.url");
    settings.put("broker.urls", "tcp://127.0.0.1:1, " + url);

    Outcome outcome = check(settings);

    assertThat(outcome.subjects("notReachable")).containsExactly("connect tcp://127.0.0.1:1");
    assertThat(outcome.subjects("ok")).contains("connect " + url);
    assertThat(outcome.status()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"topic", "queue", "temporaryQueue"})
  void eachWayForAnswersIsTried(String replies) throws Exception {
    for (ExternalBroker broker : List.of(activemq, artemis)) {
      Map<String, String> settings = new HashMap<>(broker.settings());
      settings.put("broker.replies", replies);

      Outcome outcome = check(settings);

      assertThat(outcome.subjects("ok")).contains("answers " + replies);
      assertThat(outcome.status()).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Pairing.class,
      names = {"ACTIVEMQ", "AMQP_TO_ACTIVEMQ", "ARTEMIS", "AMQP_TO_ARTEMIS"})
  void servicesDoNotNoticeTheCheck(Pairing pairing) throws Exception {
    ExternalBroker broker = pairing.name().contains("ACTIVEMQ") ? activemq : artemis;
    try (Connection connection = broker.connectionFactory().createConnection()) {
      connection.start();
      Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
      try (MessageConsumer left = session.createConsumer(session.createQueue("jobs"))) {
        while (left.receiveNoWait() != null) {
          // of another run
        }
      }
      session
          .createProducer(session.createQueue("jobs"))
          .send(session.createTextMessage("waits for its service"));
      MessageConsumer commands = session.createConsumer(session.createTopic("prices.a.b"));

      check(settings(pairing));

      try (MessageConsumer service = session.createConsumer(session.createQueue("jobs"))) {
        TextMessage waited = (TextMessage) service.receive(10_000);
        assertThat(waited.getText()).isEqualTo("waits for its service");
        session.createProducer(session.createQueue("jobs")).send(session.createTextMessage("last"));
        assertThat(((TextMessage) service.receive(10_000)).getText()).isEqualTo("last");
      }
      session
          .createProducer(session.createTopic("prices.a.b"))
          .send(session.createTextMessage("first"));
      assertThat(((TextMessage) commands.receive(10_000)).getText()).isEqualTo("first");
    }
  }
}
