package io.longspan.jms;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.Deque;
import org.apache.activemq.command.ActiveMQMessage;
import org.junit.jupiter.api.Test;

/** What a broker's clock does to heartbeats, and what is concluded from it. */
final class BrokerClockTest {
  private static final long HOUR = 3_600_000;

  /** This machine's. */
  private long now = 1_000_000_000_000L;

  private final BrokerClock clock = new BrokerClock(() -> now);
  private final Deque<ActiveMQMessage> arrived = new ArrayDeque<>();

  /** How far the broker's clock is ahead. */
  private long ahead;

  /** Whether the broker writes its time into messages. */
  private boolean stamps;

  private final Session session =
      proxy(Session.class, (method, arguments) -> new ActiveMQMessage());
  private final MessageProducer producer =
      proxy(
          MessageProducer.class,
          (method, arguments) -> {
            long lifetime = arguments.length == 4 ? (Long) arguments[3] : 0;
            arrive((ActiveMQMessage) arguments[0], lifetime);
            return null;
          });

  private interface Call {
    Object of(String method, Object[] arguments) throws Exception;
  }

  private static <T> T proxy(Class<T> type, Call call) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> call.of(method.getName(), arguments)));
  }

  /** The sender's library writes the sender's time; the broker drops what has expired. */
  private void arrive(ActiveMQMessage message, long lifetime) {
    message.setTimestamp(now);
    if (lifetime > 0 && now + lifetime < now + ahead) {
      return;
    }
    if (stamps) {
      message.setBrokerInTime(now + ahead);
    }
    arrived.add(message);
  }

  private void beat() throws JMSException {
    clock.send(session, producer);
    now += 10;
    Message back;
    do {
      back = arrived.remove();
    } while (!clock.read(back));
    assertThat(arrived).isEmpty();
    now += Heartbeat.PERIOD.toMillis();
  }

  private void beats(int count) throws JMSException {
    for (int i = 0; i < count; i++) {
      beat();
    }
  }

  @Test
  void clocksThatAgreeAreNoDifference() throws JMSException {
    stamps = true;
    ahead = 4_000;
    beats(40);
    assertThat(clock.offset()).isZero();
  }

  @Test
  void aBrokerThatWritesItsTimeIsComparedExactly() throws JMSException {
    stamps = true;
    ahead = HOUR;
    beat();
    assertThat(clock.offset()).isBetween(HOUR - 100, HOUR);
    ahead = -HOUR;
    beat();
    assertThat(clock.offset()).isEqualTo(-HOUR);
    ahead = 0;
    beat();
    assertThat(clock.offset()).isZero();
  }

  @Test
  void aTimestampThatIsNotTheSendersIsTheBrokers() throws JMSException {
    clock.send(session, producer);
    ActiveMQMessage beat = arrived.removeLast();
    beat.setTimestamp(now + HOUR);
    clock.read(beat);
    assertThat(clock.offset()).isEqualTo(HOUR);
  }

  @Test
  void aBrokerThatExpiresWhatIsJustSentIsAheadOfThisMachine() throws JMSException {
    ahead = HOUR;
    beat();
    assertThat(clock.offset()).isZero();
    beat();
    assertThat(clock.offset()).isEqualTo(BrokerClock.PROBE_LIFETIME);
    ahead = 0;
    beat();
    assertThat(clock.offset()).isZero();
  }

  @Test
  void aClockThatIsSteppedLaterIsFoundToo() throws JMSException {
    beats(100);
    ahead = HOUR;
    beats(20);
    assertThat(clock.offset()).isEqualTo(BrokerClock.PROBE_LIFETIME);
  }

  @Test
  void oneProbeThatIsLostIsNoDifference() throws JMSException {
    ahead = HOUR;
    beat();
    ahead = 0;
    beats(40);
    assertThat(clock.offset()).isZero();
  }
}
