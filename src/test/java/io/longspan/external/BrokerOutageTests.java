package io.longspan.external;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.wire.AuthorizationServiceStub;
import io.longspan.wire.RawBayeuxClient;
import io.longspan.wire.TestBridge;
import io.longspan.wire.TestService;
import io.longspan.wire.Transport;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;

/**
 * The broker is away, or no longer answers, and comes back: what two clients see of it, one on each
 * transport, and what stays behind.
 */
@TestInstance(Lifecycle.PER_CLASS)
@Timeout(240)
abstract class BrokerOutageTests {
  private static final String NOBODY = "services/nobody";
  private static final String ECHO = "services/echo";

  /** What {@code docs/operations.md} promises, and what a busy machine needs to tell it. */
  private static final Duration FOUND = Duration.ofSeconds(12 + 16);

  private static final String CONSUMER_THREAD = "longspan-consumer-";
  private static final int CONSUMER_SESSIONS = 9;

  private ExternalBroker broker;
  private LinkProxy link;
  private TestBridge bridge;

  /** The threads of a bridge that has had no outage. */
  private List<String> threadsBefore;

  abstract ExternalBroker startBroker();

  /** Returns the keys of the configuration that name the broker. */
  abstract Map<String, String> settings(ExternalBroker started);

  @BeforeAll
  void start() {
    broker = startBroker();
    link = new LinkProxy("127.0.0.1", url().getPort());
    bridge = TestBridge.start(throughLink());
    try (OutageClient alice = new OutageClient(bridge, Transport.LONG_POLLING, "alice");
        OutageClient bob = new OutageClient(bridge, Transport.WEBSOCKET, "bob")) {
      assertServed(List.of(alice, bob), "first");
    }
    threadsBefore = threads();
  }

  @AfterAll
  void stop() {
    if (bridge != null) {
      bridge.close();
    }
    if (link != null) {
      link.close();
    }
    if (broker != null) {
      broker.close();
    }
  }

  private URI url() {
    return URI.create(settings(broker).get("broker.url"));
  }

  private Map<String, String> throughLink() {
    Map<String, String> settings = new HashMap<>(settings(broker));
    settings.put("broker.url", url().getScheme() + "://127.0.0.1:" + link.port());
    return settings;
  }

  @Test
  void clientsRecoverAfterTheBrokerIsKilledAndRestartedEmpty() throws Exception {
    outage(broker::kill, broker::restart, false);
  }

  @Test
  void clientsRecoverAfterTheBrokerIsPaused() throws Exception {
    outage(broker::pause, broker::resume, false);
  }

  @Test
  void clientsRecoverAfterTheBrokerLinkIsFrozen() throws Exception {
    outage(link::freeze, link::heal, true);
  }

  @Test
  void clientsRecoverAfterTheBrokerLinkIsCut() throws Exception {
    outage(link::block, link::heal, true);
  }

  @Test
  void aMessageOfAQueueComesAgainAfterTheBrokerLinkIsCut() {
    try (RawBayeuxClient alice = bridge.connected(Transport.WEBSOCKET, "alice")) {
      assertThat(alice.control("type", "queueSubscribe", "queue", "work/outage"))
          .containsEntry("status", "success");
      alice.send("work/outage", Map.of("JMSDeliveryMode", "PERSISTENT"), "job");
      Map<String, Object> first = alice.awaitData(data -> data.containsKey("delivery"));
      link.block();
      try {
        alice.awaitData(data -> "suspended".equals(data.get("status")));
        assertThat(alice.control("type", "ack", "deliveries", List.of(first.get("delivery"))))
            .containsEntry("failedDeliveries", List.of(first.get("delivery")));
      } finally {
        link.heal();
      }
      Map<String, Object> again =
          Awaitility.await()
              .atMost(Duration.ofSeconds(90))
              .until(
                  () ->
                      alice.data().stream()
                          .filter(data -> data.containsKey("delivery"))
                          .filter(data -> !data.get("delivery").equals(first.get("delivery")))
                          .findFirst()
                          .orElse(null),
                  found -> found != null);
      assertThat(again).containsEntry("body", "job");
      assertThat(alice.control("type", "ack", "deliveries", List.of(again.get("delivery"))))
          .containsEntry("status", "success");
    }
  }

  /**
   * The service's answer is on its way when the broker goes silent. The bridge delivers nothing
   * until it has the answer, but must not take the silence for a refusal.
   */
  @Test
  void aShortSilenceOfTheBrokerRevokesNoSubscription() {
    String topic = "namedgraphs/silence";
    try (AuthorizationServiceStub authorization =
            new AuthorizationServiceStub(broker.connectionFactory());
        TestService source = service();
        RawBayeuxClient alice = bridge.connected(Transport.LONG_POLLING, "alice");
        RawBayeuxClient bob = bridge.connected(Transport.WEBSOCKET, "bob")) {
      List<RawBayeuxClient> clients = List.of(alice, bob);
      clients.forEach(c -> assertThat(c.subscribe(topic)).containsEntry("status", "success"));
      double suspended = bridge.metric("longspan_subscriptions_suspended_total");
      authorization.hold();
      authorization.announce(topic);
      Awaitility.await().until(() -> authorization.held() == clients.size());
      link.freeze();
      try {
        Awaitility.await()
            .until(
                () ->
                    bridge.metric("longspan_subscriptions_suspended_total")
                        >= suspended + clients.size());
        authorization.releaseAllowing();
      } finally {
        link.heal();
      }
      source.publish(topic, session -> session.createTextMessage("news"));
      clients.forEach(client -> client.awaitData(data -> "news".equals(data.get("body"))));
      assertThat(clients)
          .allSatisfy(
              client ->
                  assertThat(client.data())
                      .noneMatch(data -> "topicUnsubscribed".equals(data.get("type"))));
    }
  }

  @Test
  void aBridgeThatStartsWithoutABrokerServesClientsOnceTheBrokerStarts() {
    assertServesAfter(broker::kill, broker::restart);
  }

  @Test
  void aBridgeThatStartsWithASilentBrokerServesClientsOnceTheBrokerAnswers() {
    assertServesAfter(broker::pause, broker::resume);
  }

  /**
   * Goes through one outage.
   *
   * @param brokerServes whether services can reach the broker meanwhile
   */
  private void outage(Runnable begin, Runnable end, boolean brokerServes) throws Exception {
    try (OutageClient alice = new OutageClient(bridge, Transport.LONG_POLLING, "alice");
        OutageClient bob = new OutageClient(bridge, Transport.WEBSOCKET, "bob")) {
      List<OutageClient> clients = List.of(alice, bob);
      assertServed(clients, "before");
      // Possibly with some of an earlier outage, which the broker has yet to delete.
      int temporaryTopics = broker.temporaryTopics().size();
      List<Destination> addresses = requestNobodyAnswers(clients);
      long start = System.nanoTime();
      begin.run();
      try {
        clients.forEach(OutageClient::beginToSubscribe);
        clients.forEach(OutageClient::awaitSuspended);
        Duration found = Duration.ofNanos(System.nanoTime() - start);
        assertThat(found).isLessThan(FOUND);
        for (OutageClient client : clients) {
          client.assertRefused("in-flight");
        }
        if (brokerServes) {
          answerLate(addresses);
        }
      } finally {
        end.run();
      }
      clients.forEach(OutageClient::awaitResumed);
      answerLate(addresses);
      assertServed(clients, "after");
      assertThat(clients).allMatch(client -> client.messages("late") == 0);
      Awaitility.await()
          .untilAsserted(
              () -> assertThat(broker.temporaryTopics()).hasSizeLessThanOrEqualTo(temporaryTopics));
      Awaitility.await().untilAsserted(() -> assertThat(threads()).isEqualTo(threadsBefore));
      assertThat(consumerThreads()).isLessThanOrEqualTo(CONSUMER_SESSIONS);
    }
  }

  private void assertServesAfter(Runnable begin, Runnable end) {
    begin.run();
    try (TestBridge late = TestBridge.start(throughLink(), false);
        RawBayeuxClient waiting = late.client(Transport.WEBSOCKET, "bob").handshake()) {
      try {
        assertThat(waiting.connect()).containsEntry("errorCode", "brokerUnavailable");
        assertThat(late.status("health/ready")).isEqualTo(503);
      } finally {
        end.run();
      }
      Awaitility.await().until(() -> "connected".equals(waiting.connect().get("status")));
      try (OutageClient alice = new OutageClient(late, Transport.LONG_POLLING, "alice")) {
        assertServed(List.of(alice), "late");
      }
    }
    Awaitility.await().until(() -> bridge.status("health/ready") == 200);
  }

  private TestService service() {
    return new TestService(broker.connectionFactory());
  }

  /** Requests are answered, and what is published arrives once. */
  private void assertServed(List<OutageClient> clients, String label) {
    try (TestService service = service().serve(ECHO, TestService::echo)) {
      clients.forEach(client -> client.request(ECHO, label));
      clients.forEach(client -> client.awaitAnswer(label));
      String news = "news " + label;
      service.publish(OutageClient.ROOM, session -> session.createTextMessage(news));
      clients.forEach(client -> client.awaitMessage(news));
      clients.forEach(client -> client.request(ECHO, label + " again"));
      clients.forEach(client -> client.awaitAnswer(label + " again"));
      assertThat(clients).allMatch(client -> client.messages(news) == 1);
    }
  }

  /** Leaves a request of each client without an answer; returns where the answers should go. */
  private List<Destination> requestNobodyAnswers(List<OutageClient> clients) throws JMSException {
    List<Destination> addresses = new ArrayList<>();
    try (TestService service = service().serve(NOBODY, (session, request) -> {})) {
      for (OutageClient client : clients) {
        client.request(NOBODY, "in-flight");
        addresses.add(
            service
                .await(request -> client.id("in-flight").equals(correlationId(request)))
                .getJMSReplyTo());
      }
    }
    return addresses;
  }

  /** Answers to addresses of the lost connection; the broker may refuse it. */
  private void answerLate(List<Destination> addresses) {
    try (TestService service = service()) {
      for (Destination address : addresses) {
        try {
          service.send(session -> address, session -> session.createTextMessage("late"));
        } catch (IllegalStateException refused) {
          assertThat(refused).hasCauseInstanceOf(JMSException.class);
        }
      }
    }
  }

  private static String correlationId(Message message) {
    try {
      return message.getJMSCorrelationID();
    } catch (JMSException x) {
      throw new IllegalStateException(x);
    }
  }

  /**
   * Returns the bridge's threads without the numbers in their names, and its provider's; sessions
   * of consumers have a thread only once they are used.
   */
  private List<String> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> !name.startsWith(CONSUMER_THREAD))
        .filter(
            name ->
                name.startsWith("longspan-")
                    || name.startsWith("QpidJMS")
                    || name.contains(":" + link.port()))
        .map(name -> name.replaceFirst("[0-9:].*", ""))
        .sorted()
        .toList();
  }

  private static long consumerThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith(CONSUMER_THREAD))
        .count();
  }
}
