package io.longspan.wire;

import static io.longspan.wire.RawBayeuxClient.message;
import static org.assertj.core.api.Assertions.assertThat;

import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Session;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A client says that it is somebody else, or steers the broker by a property. */
interface ForgeryAttacks extends AttackTarget {
  String FORGED = "forged!";

  /** Names that only the bridge may set, or nobody, in the forms that somebody could mistake. */
  List<String> NAMES =
      Stream.concat(
              Stream.of("runAsUser", "bridgeId", "bridgeClientId", "bridgeSignature", "bodyFormat")
                  .flatMap(
                      name ->
                          Stream.of(
                              name,
                              name.toUpperCase(java.util.Locale.ROOT),
                              name.toLowerCase(java.util.Locale.ROOT),
                              Character.toUpperCase(name.charAt(0)) + name.substring(1),
                              fullWidth(name),
                              name.replace('s', '\u017f'), // long s
                              name.replace("i", "\u0131"), // Turkish dotless i
                              name.replace("I", "\u0130"), // and its dotted capital
                              name.replace("e", "\u00e9"),
                              name.replace("e", "e\u0301"))),
              Stream.of(
                  "JMSXUserID",
                  "jmsxuserid",
                  "JMSXGroupID",
                  "JMSXGroupSeq",
                  "JMSXGroupFirstForConsumer",
                  "JMSReplyTo",
                  "JmsReplyTo",
                  "JMSDestination",
                  "JMSMessageID",
                  "JMSTimestamp",
                  "JMSExpiration",
                  "JMSRedelivered",
                  "JMSDeliveryTime",
                  "JMSXDeliveryCount",
                  "JMSActiveMQBrokerInTime",
                  "JMS_AMQ_InputStream",
                  "JMS_AMQ_OutputStream",
                  "JMS_AMQ_SaveStream",
                  "JMS_AMQP_TTL",
                  "JMS_AMQP_REPLY_TO_GROUP_ID",
                  "JMS_AMQP_TYPED_ENCODING",
                  "JMS_IBM_MQMD_UserIdentifier",
                  "_AMQ_GROUP_ID",
                  "_AMQ_SCHED_DELIVERY",
                  "_AMQ_LVQ_NAME",
                  "_AMQ_OperationName",
                  "_AMQ_ROUTING_TYPE",
                  "__AMQ_CID",
                  "_HQ_SCHED_DELIVERY",
                  "AMQ_SCHEDULED_CRON",
                  "amq_scheduled_cron",
                  "AMQ_SCHEDULER_ACTION",
                  "scheduledJobId",
                  "redeliveryDelay",
                  "originalDeliveryMode",
                  "NATIVE_MESSAGE_ID",
                  "NATIVE_CORRELATION_ID",
                  "CamelJmsDestinationName",
                  "CamelExecCommandExecutable",
                  "camelBeanMethodName",
                  "org_DOT_apache_DOT_camel_DOT_x",
                  "MULE_REPLYTO",
                  "replyChannel",
                  "errorChannel",
                  fullWidth("_AMQ_GROUP_ID"),
                  fullWidth("JMSXUserID")))
          .distinct()
          .toList();

  private static String fullWidth(String name) {
    StringBuilder wide = new StringBuilder();
    name.chars().forEach(c -> wide.append((char) (c + 0xFEE0)));
    return wide.toString();
  }

  private static Map<String, Object> forgedProperties(Map<String, Object> honest) {
    Map<String, Object> properties = message();
    properties.putAll(honest);
    NAMES.forEach(name -> properties.put(name, FORGED));
    // Artemis and ActiveMQ would act on these values.
    properties.put("AMQ_SCHEDULED_DELAY", 3_600_000);
    properties.put("AMQ_SCHEDULED_PERIOD", 1000);
    properties.put("AMQ_SCHEDULED_REPEAT", 5);
    properties.put("_AMQ_SCHED_DELIVERY", Long.MAX_VALUE >> 1);
    return properties;
  }

  /** What the service sees is what the bridge says and what a client may say. */
  private static void requireHonest(Message message, RawBayeuxClient alice) {
    try {
      List<String> names = new ArrayList<>();
      for (Object name : Collections.list(message.getPropertyNames())) {
        names.add((String) name);
        assertThat(message.getObjectProperty((String) name)).as("%s", name).isNotEqualTo(FORGED);
      }
      names.removeAll(List.of("JMSXDeliveryCount", "__AMQ_CID"));
      assertThat(names)
          .containsExactlyInAnyOrder(
              "runAsUser", "bridgeId", "bridgeClientId", "bodyFormat", "honest");
      assertThat(message.getStringProperty("runAsUser")).isEqualTo("alice");
      assertThat(message.getStringProperty("bridgeId")).isEqualTo("bridge-1");
      assertThat(message.getStringProperty("bridgeClientId")).isEqualTo(alice.clientId());
      assertThat(message.getStringProperty("bodyFormat")).isEqualTo("text");
      assertThat(message.getStringProperty("JMSXUserID")).isNotEqualTo(FORGED);
      assertThat(message.getStringProperty("JMSXGroupID")).isNull();
      assertThat(message.getJMSReplyTo()).isInstanceOf(Destination.class);
      assertThat(message.getJMSReplyTo().toString()).doesNotContain(FORGED);
    } catch (JMSException x) {
      throw new IllegalStateException(x);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void noPropertyForgesTheSenderOrControlsTheBroker(Transport transport) {
    String name = "forgery" + System.nanoTime();
    try (TestService service = new TestService(broker().connectionFactory());
        RawBayeuxClient alice = bridge().connected(transport, "alice")) {
      service.serve("services/" + name, (session, message) -> {}).watch("chat/" + name);
      for (String destination : List.of("services/" + name, "chat/" + name)) {
        assertThat(
                alice.publish(
                    "/anzo/bridge",
                    message(
                        "destination", destination,
                        "properties", forgedProperties(Map.of("honest", destination)),
                        "body", "x",
                        // Fields of the message itself say nothing either.
                        "runAsUser", FORGED,
                        "bridgeClientId", FORGED,
                        "JMSReplyTo", FORGED,
                        "JMSXUserID", FORGED)))
            .containsEntry("successful", true);
        requireHonest(service.await(m -> destination.equals(honest(m))), alice);
      }
      assertThat(service.received()).hasSize(2);
    }
  }

  private static String honest(Message message) {
    try {
      return message.getStringProperty("honest");
    } catch (JMSException x) {
      throw new IllegalStateException(x);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void noPropertyForgesAnAnswerToAReplyHandle(Transport transport) {
    try (TestService service = new TestService(broker().connectionFactory());
        RawBayeuxClient alice = bridge().connected(transport, "alice")) {
      String queue = "handles" + System.nanoTime();
      service.serve(queue, (session, message) -> {});
      service.publish(
          "bridge/push",
          session -> {
            Message push = session.createTextMessage("who are you?");
            push.setStringProperty("toClient", alice.clientId());
            push.setJMSReplyTo(session.createQueue(queue));
            return push;
          });
      Object handle = alice.awaitData(data -> data.containsKey("replyTo")).get("replyTo");
      assertThat(
              alice.publish(
                  "/anzo/bridge",
                  message(
                      "replyTo",
                      handle,
                      "properties",
                      forgedProperties(Map.of("honest", "reply")),
                      "body",
                      "root")))
          .containsEntry("successful", true);
      requireHonest(service.awaitFirst(), alice);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aPropertyNameThatIsNoIdentifierIsRejectedAndNothingIsSent(Transport transport) {
    String name = "refused" + System.nanoTime();
    try (TestService service = new TestService(broker().connectionFactory());
        RawBayeuxClient alice = bridge().connected(transport, "alice")) {
      service.serve("services/" + name, (session, message) -> {});
      for (String property :
          List.of(
              "runAsUser ",
              " runAsUser",
              "runAsUser\u0000",
              "run\u200bAsUser",
              "run-as-user",
              "runAsUser\u00a0",
              "runAs\u00adUser",
              "runAsUser\r\nreply-to",
              "",
              "x-opt-to")) {
        assertThat(alice.send("services/" + name, Map.of(property, "root"), "x").get("error"))
            .as(property)
            .asString()
            .startsWith("badRequest:");
      }
      alice.send("services/" + name, Map.of("honest", "last"), "x");
      service.awaitFirst();
      assertThat(service.received()).singleElement().extracting(m -> honest(m)).isEqualTo("last");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aControlMessageCannotNameAnotherClient(Transport transport) {
    try (RawBayeuxClient alice = bridge().client(transport, "alice").handshake()) {
      assertThat(
              alice.control(
                  "type", "connect",
                  "protocolVersion", "1.1",
                  "user", "root",
                  "runAsUser", "root",
                  "userRoles", "sysadmin",
                  "isSysadmin", true,
                  "bridgeClientId", FORGED))
          .containsEntry("status", "connected")
          .containsEntry("userRoles", "trader\neditor")
          .containsEntry("isSysadmin", false);
      assertThat(alice.send("secret/x", Map.of("runAsUser", "root"), "x").get("error"))
          .isEqualTo(NameAttacks.NOT_AUTHORIZED);
    }
  }

  /** The address is the session's own temporary topic, whatever the client asked for. */
  @ParameterizedTest
  @EnumSource(Transport.class)
  default void answersReachOnlyTheSender(Transport transport) {
    String name = "answers" + System.nanoTime();
    try (TestService service = new TestService(broker().connectionFactory());
        RawBayeuxClient bob = bridge().connected(transport, "bob");
        RawBayeuxClient alice = bridge().connected(transport, "alice")) {
      service.serve(
          "services/" + name, (Session session, Message m) -> TestService.echo(session, m));
      alice.send(
          "services/" + name,
          Map.of("JMSReplyTo", "queue://SECRET", "JMSCorrelationID", "1"),
          "mine");
      assertThat(alice.awaitAnswer("1")).containsEntry("body", "mine");
      bob.send("services/" + name, Map.of("JMSCorrelationID", "2"), "his");
      bob.awaitAnswer("2");
      assertThat(bob.data()).noneMatch(data -> "mine".equals(data.get("body")));
      assertThat(service.received())
          .allSatisfy(m -> assertThat(m.getJMSReplyTo()).isNotNull())
          .extracting(m -> m.getJMSReplyTo().toString())
          .doesNotHaveDuplicates()
          .noneMatch(address -> address.contains("SECRET"));
    }
  }
}
