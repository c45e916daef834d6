package io.longspan.wire;

import static io.longspan.wire.RawBayeuxClient.message;
import static io.longspan.wire.RawBayeuxClient.properties;
import static org.assertj.core.api.Assertions.assertThat;

import jakarta.jms.BytesMessage;
import jakarta.jms.DeliveryMode;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.StreamMessage;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The protocol at the wire, on both transports; a subclass names the broker. */
@TestInstance(Lifecycle.PER_CLASS)
abstract class WireTests {
  private TestBroker broker;
  private TestBridge bridge;

  abstract TestBroker startBroker();

  /** Returns whether the broker passes on what kind of message another client has sent. */
  boolean keepsKindsOfMessages() {
    return true;
  }

  @BeforeAll
  void start() {
    broker = startBroker();
    bridge = TestBridge.start(broker.settings());
  }

  @AfterAll
  void stop() {
    bridge.close();
    broker.close();
  }

  private TestService service() {
    return new TestService(broker.connectionFactory());
  }

  private static String unique(String prefix) {
    return prefix + Long.toHexString(System.nanoTime());
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aHandshakeTellsTheClientItsChannelAndItsBridge(Transport transport) {
    try (RawBayeuxClient client = bridge.client(transport, "alice")) {
      Map<String, Object> reply = client.tryHandshake();
      @SuppressWarnings("unchecked")
      Map<String, Object> ext =
          (Map<String, Object>) ((Map<String, Object>) reply.get("ext")).get("bridge");
      assertThat(ext)
          .containsEntry("bridgeId", "bridge-1")
          .containsEntry("user", "alice")
          .containsEntry("userChannel", "/anzo/user/alice/" + reply.get("clientId"))
          .containsEntry("protocolVersions", List.of("1.1"));
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void anOddUserNameIsOneSegmentOfItsChannel(Transport transport) {
    try (RawBayeuxClient client = transport.client(bridge.cometd(), "o'brien*/x", "odd")) {
      client.connected();
      assertThat(client.userChannel())
          .isEqualTo("/anzo/user/o~27brien~2A~2Fx/" + client.clientId());
    }
    try (RawBayeuxClient client = transport.client(bridge.cometd(), "zoë ~x", "zoë")) {
      assertThat(client.connected().userChannel()).startsWith("/anzo/user/zo~C3~AB~20~7Ex/");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void connectAnswersWhoTheClientIsAndWhatItMayUse(Transport transport) {
    try (RawBayeuxClient root = bridge.client(transport, "root").handshake();
        RawBayeuxClient alice = bridge.client(transport, "alice").handshake()) {
      assertThat(root.connect())
          .containsEntry("status", "connected")
          .containsEntry("userRoles", "sysadmin")
          .containsEntry("isSysadmin", true)
          .containsEntry("bridgeId", "bridge-1");
      Map<String, Object> answer = alice.connect();
      assertThat(answer)
          .containsEntry("userRoles", "trader\neditor")
          .containsEntry("isSysadmin", false);
      assertThat(answer.get("limits"))
          .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.MAP)
          .containsEntry("messageBytes", 262144)
          .containsEntry("sendTimeout", 8000);
      assertThat(alice.connect()).containsEntry("status", "connected");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void nothingWorksBeforeConnectOrAfterDisconnect(Transport transport) {
    try (RawBayeuxClient alice = bridge.client(transport, "alice").handshake()) {
      assertThat(alice.subscribe("chat/a")).containsEntry("errorCode", "notConnected");
      assertThat(alice.send("chat/a", Map.of(), "x").get("error"))
          .asString()
          .startsWith("notConnected:");
      alice.connect();
      assertThat(alice.subscribe("chat/a")).containsEntry("status", "success");
      assertThat(alice.control("type", "disconnect")).containsEntry("status", "disconnected");
      assertThat(alice.control("type", "disconnect")).containsEntry("errorCode", "notConnected");
      assertThat(alice.subscribe("chat/a")).containsEntry("errorCode", "notConnected");
      assertThat(alice.connect()).containsEntry("status", "connected");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aWrongControlMessageIsAnsweredWithItsCode(Transport transport) {
    try (RawBayeuxClient alice = bridge.client(transport, "alice").handshake()) {
      assertThat(alice.control("type", "connect", "protocolVersion", "9"))
          .containsEntry("errorCode", "unsupportedVersion");
      assertThat(alice.control("type", "nonsense")).containsEntry("errorCode", "badRequest");
      alice.publish("/anzo/control", "text");
      assertThat(alice.awaitData(d -> !d.containsKey("correlationId")))
          .containsEntry("status", "failed")
          .containsEntry("errorCode", "badRequest");
      alice.connect();
      assertThat(
              alice.control(
                  "type", "topicSubscribe", "topics", List.of("chat/a"), "selector", "price >"))
          .containsEntry("errorCode", "badRequest");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aServiceSeesWhoAsksAndItsAnswerComesBack(Transport transport) throws Exception {
    String queue = unique("services/s");
    try (TestService service = service().serve(queue, TestService::echo);
        RawBayeuxClient alice = bridge.connected(transport, "alice")) {
      assertThat(
              alice.send(
                  queue,
                  Map.of(
                      "JMSCorrelationID",
                      "r-1",
                      "JMSPriority",
                      7,
                      "JMSType",
                      "greeting",
                      "JMSDeliveryMode",
                      "PERSISTENT",
                      "timeToLive",
                      60_000,
                      "operation",
                      "greet",
                      "count",
                      5,
                      "ratio",
                      0.5,
                      "yes",
                      true),
                  "héllo"))
          .containsEntry("successful", true);
      Map<String, Object> answer = alice.awaitAnswer("r-1");
      assertThat(answer).containsEntry("body", "héllo").doesNotContainKey("bodyFormat");
      assertThat(properties(answer)).containsKeys("JMSMessageID", "JMSTimestamp");
      Message request = service.awaitFirst();
      assertThat(request.getStringProperty("runAsUser")).isEqualTo("alice");
      assertThat(request.getStringProperty("bridgeId")).isEqualTo("bridge-1");
      assertThat(request.getStringProperty("bridgeClientId")).isEqualTo(alice.clientId());
      assertThat(request.getStringProperty("bodyFormat")).isEqualTo("text");
      assertThat(request.getStringProperty("operation")).isEqualTo("greet");
      assertThat(request.getObjectProperty("count")).isEqualTo(5);
      assertThat(request.getObjectProperty("ratio")).isEqualTo(0.5);
      assertThat(request.getObjectProperty("yes")).isEqualTo(true);
      assertThat(request.getJMSPriority()).isEqualTo(7);
      assertThat(request.getJMSType()).isEqualTo("greeting");
      assertThat(request.getJMSDeliveryMode()).isEqualTo(DeliveryMode.PERSISTENT);
      assertThat(request.getJMSExpiration()).isPositive();
      assertThat(request.getJMSReplyTo()).isInstanceOf(Topic.class);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void whatAClientSaysAboutItselfIsRemovedOnQueuesAndTopics(Transport transport) throws Exception {
    String queue = unique("services/s");
    String topic = unique("chat/c");
    Map<String, Object> forged =
        Map.of(
            "RunAsUser", "root",
            "runAsUser", "root",
            "JMSXUserID", "root",
            "jmsreplyto", "queue://x",
            "BRIDGECLIENTID", "c",
            "_AMQ_GROUP_ID", "g",
            "AMQ_SCHEDULED_DELAY", 60_000,
            "CamelJmsDestinationName", "x",
            "kept", "k");
    try (TestService service = service().serve(queue, (s, m) -> {}).watch(topic);
        RawBayeuxClient alice = bridge.connected(transport, "alice")) {
      assertThat(alice.send(queue, forged, "q")).containsEntry("successful", true);
      assertThat(alice.send(topic, forged, "t")).containsEntry("successful", true);
      for (String body : List.of("q", "t")) {
        Message message = service.await(m -> body.equals(bodyOf(m)));
        List<String> names = new ArrayList<>();
        message.getPropertyNames().asIterator().forEachRemaining(n -> names.add((String) n));
        assertThat(names)
            .contains("runAsUser", "bridgeId", "bridgeClientId", "kept")
            .doesNotContain(
                "RunAsUser",
                "BRIDGECLIENTID",
                "AMQ_SCHEDULED_DELAY",
                "CamelJmsDestinationName",
                "_AMQ_GROUP_ID",
                "jmsreplyto");
        assertThat(message.getStringProperty("runAsUser")).isEqualTo("alice");
        assertThat(message.getJMSReplyTo()).isNotNull();
      }
      assertThat(
              alice.awaitData(
                  d -> "success".equals(d.get("status")) && !d.containsKey("correlationId")))
          .containsKey("properties");
    }
  }

  private static String bodyOf(Message message) {
    try {
      return message.getBody(String.class);
    } catch (jakarta.jms.JMSException x) {
      throw new IllegalStateException(x);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void bodiesTravelAsTextJsonAndBytes(Transport transport) throws Exception {
    String queue = unique("services/s");
    try (TestService service = service().serve(queue, (s, m) -> {});
        RawBayeuxClient alice = bridge.connected(transport, "alice")) {
      alice.send(queue, Map.of("k", "json"), Map.of("a", List.of(1, 2)));
      alice.publish(
          "/anzo/bridge",
          message(
              "destination",
              queue,
              "properties",
              Map.of("k", "bytes"),
              "body",
              "AAH/",
              "bodyFormat",
              "base64"));
      Message json = service.await(m -> "json".equals(property(m, "k")));
      assertThat(((TextMessage) json).getText()).isEqualTo("{\"a\":[1,2]}");
      assertThat(property(json, "bodyFormat")).isEqualTo("json");
      Message bytes = service.await(m -> "bytes".equals(property(m, "k")));
      assertThat(bytes.getBody(byte[].class)).containsExactly(0, 1, -1);
      assertThat(property(bytes, "bodyFormat")).isEqualTo("base64");
    }
  }

  private static String property(Message message, String name) {
    try {
      return message.getStringProperty(name);
    } catch (jakarta.jms.JMSException x) {
      throw new IllegalStateException(x);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void messagesOfEveryKindReachTheClient(Transport transport) {
    String queue = unique("services/s");
    try (TestService service =
            service()
                .serve(
                    queue,
                    (session, request) -> {
                      BytesMessage bytes = session.createBytesMessage();
                      bytes.writeBytes(new byte[] {0, 1, -1});
                      MapMessage map = session.createMapMessage();
                      map.setString("name", "ABC");
                      map.setLong("big", Long.MAX_VALUE);
                      map.setBytes("raw", new byte[] {1});
                      StreamMessage stream = session.createStreamMessage();
                      stream.writeInt(10);
                      stream.writeBoolean(true);
                      Message none = session.createMessage();
                      none.setLongProperty("big", (1L << 53) + 1);
                      none.setLongProperty("exact", 1L << 53);
                      none.setByteProperty("small", (byte) 3);
                      Message object = session.createObjectMessage(new ArrayList<>(List.of("x")));
                      for (Message m : List.of(bytes, map, stream, none, object)) {
                        TestService.reply(session, request, m);
                      }
                    });
        RawBayeuxClient alice = bridge.connected(transport, "alice")) {
      alice.send(queue, Map.of("JMSCorrelationID", "kinds"), "go");
      List<Map<String, Object>> answers =
          Awaitility.await()
              .until(
                  () ->
                      alice.data().stream()
                          .filter(d -> "kinds".equals(properties(d).get("JMSCorrelationID")))
                          .toList(),
                  list -> list.size() == 5);
      assertThat(answers.get(0))
          .containsEntry("body", "AAH/")
          .containsEntry("bodyFormat", "base64");
      if (keepsKindsOfMessages()) {
        assertThat(answers.get(1))
            .containsEntry("bodyFormat", "map")
            .containsEntry(
                "body", Map.of("name", "ABC", "big", "9223372036854775807", "raw", "AQ=="));
        assertThat(answers.get(2))
            .containsEntry("bodyFormat", "stream")
            .containsEntry("body", List.of(10, true));
        assertThat(answers.get(3)).containsEntry("body", null).doesNotContainKey("bodyFormat");
      } else {
        assertThat(answers.subList(1, 3))
            .allSatisfy(
                answer ->
                    assertThat(answer)
                        .containsEntry("body", null)
                        .containsEntry("bodyFormat", "unsupported"));
        assertThat(answers.get(3)).containsEntry("body", "").containsEntry("bodyFormat", "base64");
      }
      assertThat(properties(answers.get(3)))
          .containsEntry("big", "9007199254740993")
          .containsEntry("exact", 9007199254740992L)
          .containsEntry("small", 3);
      assertThat(answers.get(4))
          .containsEntry("body", null)
          .containsEntry("bodyFormat", "unsupported");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void theTemporaryTopicsNameNeverReachesTheClient(Transport transport) throws Exception {
    String queue = unique("services/s");
    try (TestService service =
            service()
                .serve(
                    queue,
                    (session, request) -> {
                      String name = ((Topic) request.getJMSReplyTo()).getTopicName();
                      Message answer = session.createTextMessage("x");
                      answer.setStringProperty("destination", "/temp-topic/" + name);
                      answer.setStringProperty("hint", "reply went to " + name);
                      answer.setStringProperty("kept", "k");
                      TestService.reply(session, request, answer);
                    });
        RawBayeuxClient alice = bridge.connected(transport, "alice")) {
      alice.send(queue, Map.of("JMSCorrelationID", "t"), "x");
      Map<String, Object> answer = alice.awaitAnswer("t");
      String name = ((Topic) service.awaitFirst().getJMSReplyTo()).getTopicName();
      assertThat(properties(answer))
          .containsEntry("kept", "k")
          .doesNotContainKeys("destination", "hint");
      assertThat(alice.received().toString()).doesNotContain(name);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void topicsAreAuthorisedOneByOne(Transport transport) {
    try (RawBayeuxClient alice = bridge.connected(transport, "alice")) {
      Map<String, Object> answer =
          alice.subscribe(
              "chat/a", "prices/closed/X", "a b", "unknown/x", "prices/eu/ABC", "services/echo");
      assertThat(answer)
          .containsEntry("status", "failed")
          .containsEntry(
              "failedTopics", List.of("prices/closed/X", "a b", "unknown/x", "services/echo"))
          .doesNotContainKey("errorCode");
      @SuppressWarnings("unchecked")
      List<String> errors = (List<String>) answer.get("topicErrors");
      assertThat(errors).hasSize(4);
      assertThat(errors.get(0))
          .isEqualTo(errors.get(2))
          .isEqualTo(errors.get(3))
          .startsWith("notAuthorized");
      assertThat(errors.get(1)).startsWith("badRequest");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aTopicMessageReachesEachSubscriberOnceAndStopsWhenItUnsubscribes(Transport transport) {
    String topic = unique("chat/c");
    try (TestService service = service();
        RawBayeuxClient alice = bridge.connected(transport, "alice");
        RawBayeuxClient bob = bridge.connected(transport, "bob")) {
      alice.subscribe(topic);
      alice.subscribe(topic);
      bob.subscribe(topic);
      service.publish(topic, session -> session.createTextMessage("one"));
      for (RawBayeuxClient client : List.of(alice, bob)) {
        Map<String, Object> one = client.awaitData(d -> "one".equals(d.get("body")));
        assertThat(properties(one))
            .containsEntry("type", "topicMessage")
            .containsEntry("topic", topic)
            .doesNotContainKey("subscription");
      }
      assertThat(alice.control("type", "topicUnsubscribe", "topics", List.of(topic, "chat/other")))
          .containsEntry("status", "success");
      service.publish(topic, session -> session.createTextMessage("two"));
      bob.awaitData(d -> "two".equals(d.get("body")));
      service.publish("chat/end", session -> session.createTextMessage("end"));
      assertThat(alice.data()).filteredOn(d -> "one".equals(d.get("body"))).hasSize(1);
      assertThat(alice.data()).noneMatch(d -> "two".equals(d.get("body")));
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aSelectorFiltersAtTheBroker(Transport transport) {
    String topic = unique("chat/c");
    try (TestService service = service();
        RawBayeuxClient alice = bridge.connected(transport, "alice");
        RawBayeuxClient bob = bridge.connected(transport, "bob")) {
      assertThat(
              alice.control(
                  "type", "topicSubscribe", "topics", List.of(topic), "selector", "price > 10"))
          .containsEntry("status", "success");
      assertThat(alice.subscribe(topic)).containsEntry("failedTopics", List.of(topic));
      bob.subscribe(topic);
      for (int price : List.of(5, 50, 7, 70)) {
        service.publish(
            topic,
            session -> {
              Message message = session.createTextMessage(String.valueOf(price));
              message.setIntProperty("price", price);
              return message;
            });
      }
      bob.awaitData(d -> "70".equals(d.get("body")));
      alice.awaitData(d -> "70".equals(d.get("body")));
      assertThat(topicBodies(alice)).containsExactly("50", "70");
      assertThat(topicBodies(bob)).containsExactly("5", "50", "7", "70");
    }
  }

  private static List<Object> topicBodies(RawBayeuxClient client) {
    return client.data().stream()
        .filter(d -> "topicMessage".equals(properties(d).get("type")))
        .map(d -> d.get("body"))
        .toList();
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aWildcardSubscriptionNamesTheRealTopicAndCoversOnlyItsEntry(Transport transport) {
    String market = unique("m");
    try (TestService service = service();
        RawBayeuxClient bob = bridge.connected(transport, "bob")) {
      assertThat(bob.subscribe("prices/*/ABC", "prices/" + market + "/**"))
          .containsEntry("status", "success");
      service.publish("prices.closed.ABC", session -> session.createTextMessage("closed"));
      service.publish("prices." + market + ".XYZ", session -> session.createTextMessage("xyz"));
      service.publish("prices.other.ABC", session -> session.createTextMessage("abc"));
      Map<String, Object> xyz = bob.awaitData(d -> "xyz".equals(d.get("body")));
      assertThat(properties(xyz))
          .containsEntry("topic", "prices/" + market + "/XYZ")
          .containsEntry("subscription", "prices/" + market + "/**");
      Map<String, Object> abc = bob.awaitData(d -> "abc".equals(d.get("body")));
      assertThat(properties(abc))
          .containsEntry("topic", "prices/other/ABC")
          .containsEntry("subscription", "prices/*/ABC");
      assertThat(topicBodies(bob)).doesNotContain("closed");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aUsersOwnTopicIsItsOwn(Transport transport) {
    try (TestService service = service();
        RawBayeuxClient alice = bridge.connected(transport, "alice");
        RawBayeuxClient bob = bridge.connected(transport, "bob")) {
      alice.subscribe("inbox");
      bob.subscribe("inbox");
      service.publish("inbox.bob", session -> session.createTextMessage("for bob"));
      service.publish("inbox.alice", session -> session.createTextMessage("for alice"));
      bob.awaitData(d -> "for bob".equals(d.get("body")));
      alice.awaitData(d -> "for alice".equals(d.get("body")));
      assertThat(topicBodies(alice)).doesNotContain("for bob");
      assertThat(topicBodies(bob)).doesNotContain("for alice");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void theAuthorisationServiceDecidesAndItsSilenceIsADenial(Transport transport) {
    String granted = unique("namedgraphs/(urn%3Ag");
    try (TestService service =
            service()
                .serve(
                    "services/authorization",
                    (session, request) -> {
                      String body = bodyOf(request);
                      TestService.reply(
                          session,
                          request,
                          session.createTextMessage(
                              body.contains(granted)
                                  ? "{\"allowed\":true,\"ttl\":60}"
                                  : body.contains("odd") ? "nonsense" : "{\"allowed\":\"true\"}"));
                    });
        RawBayeuxClient alice = bridge.connected(transport, "alice")) {
      assertThat(alice.subscribe(granted, "namedgraphs/odd", "namedgraphs/no"))
          .containsEntry("failedTopics", List.of("namedgraphs/odd", "namedgraphs/no"));
      Message question = service.await(m -> bodyOf(m).contains(granted));
      assertThat(bodyOf(question))
          .isEqualTo(
              "{\"operation\":\"canSubscribe\",\"user\":\"alice\",\"roles\":[\"trader\",\"editor\"],"
                  + "\"destination\":\""
                  + granted
                  + "\"}");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void sendsAreAuthorisedAndEachGetsItsReceipt(Transport transport) {
    try (RawBayeuxClient bob = bridge.connected(transport, "bob")) {
      for (String destination : List.of("secret/x", "prices/eu/ABC", "unknown/x", "inbox")) {
        Map<String, Object> reply =
            bob.send(destination, Map.of("JMSCorrelationID", destination), "x");
        assertThat(reply).containsEntry("successful", false);
        assertThat(reply.get("error")).asString().startsWith("notAuthorized:");
        assertThat(bob.awaitAnswer(destination))
            .containsEntry("status", "failed")
            .containsEntry("errorCode", "notAuthorized");
      }
      Map<String, Object> reply = bob.send("a b", Map.of("JMSCorrelationID", "bad"), "x");
      assertThat(reply.get("error")).asString().startsWith("badRequest:");
      assertThat(bob.send("chat/a", Map.of("JMSCorrelationID", "good"), "x"))
          .containsEntry("successful", true);
      assertThat(bob.awaitAnswer("good")).containsEntry("status", "success");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void messagesOfOneSessionKeepTheirOrder(Transport transport) {
    String queue = unique("services/s");
    try (TestService service = service().serve(queue, (s, m) -> {});
        RawBayeuxClient alice = bridge.connected(transport, "alice")) {
      List<Map<String, Object>> batch =
          IntStream.range(0, 200)
              .mapToObj(
                  i ->
                      message(
                          "channel",
                          "/anzo/bridge",
                          "data",
                          message("destination", queue, "body", String.valueOf(i))))
              .toList();
      List<CompletableFuture<Map<String, Object>>> replies = alice.startAll(batch);
      replies.forEach(
          reply -> assertThat(RawBayeuxClient.await(reply)).containsEntry("successful", true));
      Awaitility.await().until(() -> service.received().size() == 200);
      assertThat(service.received().stream().map(WireTests::bodyOf))
          .containsExactlyElementsOf(IntStream.range(0, 200).mapToObj(String::valueOf).toList());
    }
  }

  @Test
  void messagesOfManyFramesKeepTheirOrder() {
    String queue = unique("services/s");
    try (TestService service = service().serve(queue, (s, m) -> {});
        RawBayeuxClient alice = bridge.connected(Transport.WEBSOCKET, "alice")) {
      List<CompletableFuture<Map<String, Object>>> replies = new ArrayList<>();
      for (int i = 0; i < 200; i += 5) {
        replies.addAll(
            alice.startAll(
                IntStream.range(i, i + 5)
                    .mapToObj(
                        n ->
                            message(
                                "channel",
                                "/anzo/bridge",
                                "data",
                                message("destination", queue, "body", String.valueOf(n))))
                    .toList()));
      }
      replies.forEach(
          reply -> assertThat(RawBayeuxClient.await(reply)).containsEntry("successful", true));
      Awaitility.await().until(() -> service.received().size() == 200);
      assertThat(service.received().stream().map(WireTests::bodyOf))
          .containsExactlyElementsOf(IntStream.range(0, 200).mapToObj(String::valueOf).toList());
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void everyMessageOnTheUserChannelIsNumberedWithoutHoles(Transport transport) {
    String topic = unique("chat/c");
    try (TestService service = service();
        RawBayeuxClient alice = bridge.connected(transport, "alice")) {
      alice.subscribe(topic);
      for (int i = 0; i < 100; i++) {
        String body = String.valueOf(i);
        service.publish(topic, session -> session.createTextMessage(body));
      }
      alice.awaitData(d -> "99".equals(d.get("body")));
      List<Object> numbers = alice.data().stream().map(d -> d.get("seq")).toList();
      assertThat(numbers)
          .containsExactlyElementsOf(IntStream.rangeClosed(1, numbers.size()).boxed().toList());
      assertThat(topicBodies(alice))
          .containsExactlyElementsOf(
              IntStream.range(0, 100).<Object>mapToObj(String::valueOf).toList());
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void anUnsolicitedMessageCanBeAnsweredOnce(Transport transport) throws Exception {
    String queue = unique("services/s");
    String answers = unique("answers");
    try (TestService service =
            service()
                .serve(
                    queue,
                    (session, request) -> {
                      Message question = session.createTextMessage("how are you?");
                      question.setJMSCorrelationID("service-7");
                      question.setJMSReplyTo(session.createQueue(answers));
                      try (var producer = session.createProducer(request.getJMSReplyTo())) {
                        producer.send(question);
                      }
                    });
        TestService answered = service().serve(answers, (s, m) -> {});
        RawBayeuxClient alice = bridge.connected(transport, "alice")) {
      alice.send(queue, Map.of(), "hello");
      Map<String, Object> question = alice.awaitData(d -> "how are you?".equals(d.get("body")));
      Map<String, Object> reply =
          message(
              "replyTo", question.get("replyTo"),
              "properties", Map.of("JMSCorrelationID", "service-7"),
              "body", "fine");
      assertThat(alice.publish("/anzo/bridge", reply)).containsEntry("successful", true);
      Message answer = answered.awaitFirst();
      assertThat(bodyOf(answer)).isEqualTo("fine");
      assertThat(answer.getJMSCorrelationID()).isEqualTo("service-7");
      assertThat(answer.getStringProperty("runAsUser")).isEqualTo("alice");
      assertThat(alice.publish("/anzo/bridge", reply).get("error"))
          .asString()
          .startsWith("badRequest:");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void theBeginningAndTheEndOfAClientArePublished(Transport transport) throws Exception {
    try (TestService service = service().watch("bridge/clients");
        RawBayeuxClient alice = bridge.connected(transport, "alice")) {
      Message connected = service.await(m -> bodyOf(m).contains(alice.clientId()));
      assertThat(RawBayeuxClient.JSON.readTree(bodyOf(connected)))
          .isEqualTo(
              RawBayeuxClient.JSON.readTree(
                  "{\"event\":\"connected\",\"reason\":\"connect\",\"user\":\"alice\","
                      + "\"bridgeClientId\":\""
                      + alice.clientId()
                      + "\",\"bridgeId\":\"bridge-1\"}"));
      assertThat(connected.getJMSReplyTo()).isInstanceOf(Topic.class);
      alice.exchange(message("channel", "/meta/disconnect"));
      Message ended =
          service.await(
              m -> bodyOf(m).contains(alice.clientId()) && bodyOf(m).contains("\"disconnected\""));
      assertThat(((Topic) ended.getJMSReplyTo()).getTopicName())
          .isEqualTo(((Topic) connected.getJMSReplyTo()).getTopicName());
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void servicesPushToUsersRolesClientsAndAll(Transport transport) {
    try (TestService service = service();
        RawBayeuxClient alice = bridge.connected(transport, "alice");
        RawBayeuxClient bob = bridge.connected(transport, "bob")) {
      push(service, "to user", m -> m.setStringProperty("toUser", "alice"));
      push(service, "to role", m -> m.setStringProperty("toRole", "viewer"));
      push(service, "to client", m -> m.setStringProperty("toClient", alice.clientId()));
      push(service, "to all", m -> m.setBooleanProperty("toAll", true));
      alice.awaitData(d -> "to all".equals(d.get("body")));
      bob.awaitData(d -> "to all".equals(d.get("body")));
      assertThat(alice.data().stream().map(d -> d.get("body")))
          .contains("to user", "to client", "to all")
          .doesNotContain("to role");
      assertThat(bob.data().stream().map(d -> d.get("body")))
          .contains("to role", "to all")
          .doesNotContain("to user", "to client");
    }
  }

  private interface Mark {
    void on(Message message) throws jakarta.jms.JMSException;
  }

  private static void push(TestService service, String body, Mark mark) {
    service.publish(
        "bridge/push",
        session -> {
          Message message = session.createTextMessage(body);
          mark.on(message);
          return message;
        });
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void anOperatorEndsAClient(Transport transport) {
    try (TestService service = service();
        RawBayeuxClient alice = bridge.connected(transport, "alice");
        RawBayeuxClient bob = bridge.connected(transport, "bob")) {
      service.publish(
          "bridge/commands",
          session -> {
            Message message = session.createMessage();
            message.setStringProperty("command", "disconnectClient");
            message.setStringProperty("client", alice.clientId());
            return message;
          });
      Awaitility.await()
          .until(
              () -> {
                RawBayeuxClient other = bridge.client(transport, "alice");
                other.useClientId(alice.clientId());
                Map<String, Object> reply =
                    other.exchange(
                        message(
                            "channel",
                            "/meta/connect",
                            "connectionType",
                            other.connectionType(),
                            "advice",
                            Map.of("timeout", 0)));
                other.close();
                return String.valueOf(reply.get("error")).startsWith("402");
              });
      assertThat(bob.subscribe("chat/a")).containsEntry("status", "success");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void anAnswerToAnUnknownCorrelationIdStillReachesItsClient(Transport transport) throws Exception {
    String queue = unique("services/s");
    try (TestService service = service().serve(queue, (s, m) -> {});
        RawBayeuxClient alice = bridge.connected(transport, "alice")) {
      alice.send(queue, Map.of("JMSCorrelationID", "first"), "x");
      Message request = service.awaitFirst();
      service.send(
          session -> request.getJMSReplyTo(),
          session -> {
            Message message = session.createTextMessage("by the way");
            message.setJMSCorrelationID("another");
            return message;
          });
      assertThat(alice.awaitAnswer("another")).containsEntry("body", "by the way");
    }
  }
}
