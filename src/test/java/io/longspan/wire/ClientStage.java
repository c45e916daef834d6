package io.longspan.wire;

import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * What the tests of a client need: a broker, bridges, and services. Programs in other languages
 * give orders to the queue {@code services/stage} through the bridge.
 */
final class ClientStage implements AutoCloseable {
  private static final String STAGE = "services/stage";

  private final ActiveMqTestBroker broker = new ActiveMqTestBroker();
  private final TestService services = new TestService(broker.connectionFactory());
  private final TestService silent = new TestService(broker.connectionFactory());
  private final TestBridge bridge = startBridge("bridge-1", "bridge.id", "bridge-1");
  private TestBridge leaving;
  private TestBridge other;

  ClientStage() {
    services.serve("services/echo", TestService::echo).serve("services/parts", ClientStage::parts);
    services.serve(STAGE, this::obey);
    silent.serve("services/silent", (session, message) -> {});
  }

  private TestBridge startBridge(String id, String... more) {
    Map<String, String> settings = new HashMap<>(broker.settings());
    String[] all = TokenIssuer.settings(more);
    for (int i = 0; i < all.length; i += 2) {
      settings.put(all[i], all[i + 1]);
    }
    settings.put("bridge.id", id);
    settings.put("session.timeout", "5s");
    return TestBridge.start(settings);
  }

  /** The bridge of most tests. */
  TestBridge bridge() {
    return bridge;
  }

  /** A bridge that a test may drain. */
  synchronized TestBridge leaving() {
    if (leaving == null) {
      leaving = startBridge("bridge-2");
    }
    return leaving;
  }

  /** A further bridge of the same broker. */
  synchronized TestBridge other() {
    if (other == null) {
      other = startBridge("bridge-3");
    }
    return other;
  }

  /** Starts a bridge on the port of one that has been closed. */
  TestBridge restart(String id, int port) {
    return startBridge(id, "http.port", Integer.toString(port));
  }

  /** Publishes the texts m<i>from</i> to m<i>to</i> on a topic. */
  void publish(String topic, int from, int to) {
    for (int i = from; i <= to; i++) {
      String body = "m" + i;
      services.publish(topic, session -> session.createTextMessage(body));
    }
  }

  /** Sends the command {@code drainBridge}. */
  void drain(String bridgeId) {
    command("drainBridge", "bridge", bridgeId);
  }

  /** Sends the command {@code disconnectUser}. */
  void disconnect(String user) {
    command("disconnectUser", "user", user);
  }

  private void command(String command, String field, String value) {
    services.publish(
        "bridge/commands",
        session -> {
          Message message = session.createMessage();
          message.setStringProperty("command", command);
          message.setStringProperty(field, value);
          return message;
        });
  }

  /** Sends a message to one user. */
  void push(String user, String body) {
    services.publish(
        "bridge/push",
        session -> {
          Message message = session.createTextMessage(body);
          message.setStringProperty("toUser", user);
          return message;
        });
  }

  /** Waits until the silent service was told to cancel this many requests. */
  void awaitCancels(long count) {
    org.awaitility.Awaitility.await().until(() -> cancels() >= count);
  }

  private long cancels() {
    return silent.received().stream().filter(ClientStage::isCancel).count();
  }

  private static boolean isCancel(Message message) {
    try {
      return message.propertyExists("cancel") && message.getBooleanProperty("cancel");
    } catch (JMSException x) {
      throw new IllegalStateException(x);
    }
  }

  /** Answers in as many parts as the body says. */
  private static void parts(Session session, Message request) throws JMSException {
    if (isCancel(request)) {
      return;
    }
    int count = Integer.parseInt(request.getBody(String.class));
    try (MessageProducer producer = session.createProducer(request.getJMSReplyTo())) {
      for (int i = 1; i <= count; i++) {
        Message part = session.createTextMessage("part " + i);
        part.setJMSCorrelationID(request.getJMSCorrelationID());
        part.setIntProperty("sequence", i);
        part.setStringProperty("done", Boolean.toString(i == count));
        producer.send(part);
      }
    }
  }

  /** Obeys an order, and answers it before. */
  private void obey(Session session, Message request) throws JMSException {
    String[] order = request.getBody(String.class).split(" ");
    String answer =
        switch (order[0]) {
          case "token" -> TokenIssuer.token(order[1], "trader");
          case "cancels" -> Long.toString(cancels());
          default -> "ok";
        };
    TestService.reply(session, request, session.createTextMessage(answer));
    switch (order[0]) {
      case "publish" -> publish(order[1], Integer.parseInt(order[2]), Integer.parseInt(order[3]));
      case "drain" -> drain(order[1]);
      case "disconnect" -> disconnect(order[1]);
      case "push" -> push(order[1], order[2]);
      default -> {}
    }
  }

  /** Returns a token for a user, valid for an hour. */
  static String token(String user) {
    return TokenIssuer.token(user, "trader");
  }

  static final Duration PATIENCE = Duration.ofSeconds(60);

  @Override
  public void close() {
    for (TestBridge each : new TestBridge[] {bridge, leaving, other}) {
      if (each != null) {
        each.close();
      }
    }
    services.close();
    silent.close();
    broker.close();
  }
}
