package io.longspan.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.time.Duration;
import org.apache.activemq.ActiveMQConnectionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The embedded broker with little memory and queues that nobody reads. */
@Timeout(120)
final class EmbeddedBrokerTest {
  private static final long MEMORY = 4 << 20;

  /** The producer flow control's words, and those of the shares. */
  private static final String REFUSAL = "(?s).*(Memory Limit|share of the broker's memory).*";

  private static final String BODY = "x".repeat(16 << 10);

  private EmbeddedBroker broker;
  private Connection connection;
  private Session session;
  private MessageProducer producer;

  @BeforeEach
  void start() throws Exception {
    broker = EmbeddedBroker.start(MEMORY);
    ActiveMQConnectionFactory factory = new ActiveMQConnectionFactory(broker.url());
    factory.setAlwaysSyncSend(true);
    factory.setWatchTopicAdvisories(false);
    connection = factory.createConnection();
    connection.start();
    session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
    producer = session.createProducer(null);
  }

  @AfterEach
  void stop() throws Exception {
    connection.close();
    broker.close();
  }

  private void send(Destination destination) throws JMSException {
    producer.send(destination, session.createTextMessage(BODY), DeliveryMode.NON_PERSISTENT, 4, 0);
  }

  /** Sends to a queue until it is refused; returns how many messages were taken. */
  private int fill(String queue) throws JMSException {
    Destination full = session.createQueue(queue);
    for (int taken = 0; ; taken++) {
      try {
        send(full);
      } catch (JMSException refused) {
        assertThat(refused).hasMessageMatching(REFUSAL);
        return taken;
      }
    }
  }

  private static void assertDelivers(MessageConsumer consumer) throws JMSException {
    assertThat(consumer.receive(10_000)).isNotNull();
  }

  @Test
  void aFullQueueRefusesItsOwnMessagesInAShortTimeAndNoOthers() throws Exception {
    assertThat(fill("full")).isPositive();
    long start = System.nanoTime();
    assertThatThrownBy(() -> send(session.createQueue("full")))
        .isInstanceOf(JMSException.class)
        .hasMessageMatching(REFUSAL);
    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .isLessThan(EmbeddedBroker.SEND_TIMEOUT.multipliedBy(3));
    send(session.createQueue("other"));
    assertDelivers(session.createConsumer(session.createQueue("other")));
  }

  @Test
  void anyNumberOfFullQueuesLeavesRoomForTopicsRepliesAndQueuesThatAreRead() throws Exception {
    MessageConsumer reader = session.createConsumer(session.createQueue("read"));
    Destination reply = session.createTemporaryTopic();
    MessageConsumer replies = session.createConsumer(reply);
    MessageConsumer topic = session.createConsumer(session.createTopic("topic"));
    for (int i = 0; i < 60; i++) {
      fill("full-" + i);
      send(session.createQueue("read"));
      assertDelivers(reader);
      send(reply);
      assertDelivers(replies);
      send(session.createTopic("topic"));
      assertDelivers(topic);
    }
  }

  @Test
  void aQueueThatIsReadAgainTakesMessagesAgain() throws Exception {
    int taken = fill("full");
    MessageConsumer reader = session.createConsumer(session.createQueue("full"));
    for (int i = 0; i < taken; i++) {
      assertDelivers(reader);
    }
    reader.close();
    assertThat(fill("full")).isEqualTo(taken);
  }

  @Test
  void aMessageLivesForABoundedTime() throws Exception {
    Destination queue = session.createQueue("life");
    long now = System.currentTimeMillis();
    send(queue);
    producer.send(
        queue, session.createMessage(), DeliveryMode.PERSISTENT, 4, Duration.ofDays(1).toMillis());
    try (MessageConsumer consumer = session.createConsumer(queue)) {
      for (int i = 0; i < 2; i++) {
        Message message = consumer.receive(10_000);
        assertThat(message.getJMSExpiration() - now)
            .isBetween(1L, EmbeddedBroker.MAX_TIME_TO_LIVE.plusMinutes(1).toMillis());
      }
    }
  }
}
