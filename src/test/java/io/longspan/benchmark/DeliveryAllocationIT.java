package io.longspan.benchmark;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.longspan.external.ExternalActiveMq;
import io.longspan.wire.TestBridge;
import io.longspan.wire.Transport;
import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What a delivery over WebSocket allocates, from the JMS listener to the write to the socket, on
 * all threads of the bridge: counted, not timed. Jetty, CometD, the JMS client and the broker are
 * real.
 */
@Timeout(600)
final class DeliveryAllocationIT {
  /** A copy of the text would be half as much more. */
  private static final long MAX_BYTES_PER_DELIVERY = 1536;

  private static final int CLIENTS = 160;
  private static final int BATCH = 25;

  /** So often: first the connections are new, and compiled code allocates less. */
  private static final int MAX_BATCHES = 200;

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  @Test
  void aDeliveryAllocatesNoCopyOfItsText() throws JMSException {
    try (ExternalActiveMq broker = new ExternalActiveMq();
        TestBridge bridge = TestBridge.start(broker.settings());
        LoadGroup group = new LoadGroup(new Server(bridge), Transport.WEBSOCKET);
        Connection connection = broker.connectionFactory().createConnection()) {
      group.connect(CLIENTS, 5, client -> List.of("chat/room"));
      Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
      MessageProducer producer = session.createProducer(session.createTopic("chat/room"));
      producer.setDeliveryMode(DeliveryMode.NON_PERSISTENT);
      Map<String, Long> each = measure(session, producer, group);
      for (int i = 1; i < MAX_BATCHES && sum(each) > MAX_BYTES_PER_DELIVERY; i++) {
        each = measure(session, producer, group);
      }
      System.out.println("bytes for each delivery over WebSocket: " + sum(each) + " " + each);
      assertThat(sum(each)).as("by thread: %s", each).isBetween(200L, MAX_BYTES_PER_DELIVERY);
      assertThat(group.recorder().disorders()).isZero();
    }
  }

  /** Returns what each thread of the bridge allocates for a delivery. */
  private Map<String, Long> measure(Session session, MessageProducer producer, LoadGroup group)
      throws JMSException {
    Map<String, Long> before = allocated();
    publish(BATCH, session, producer, group);
    Map<String, Long> each = new TreeMap<>();
    allocated()
        .forEach(
            (thread, bytes) ->
                each.put(thread, (bytes - before.getOrDefault(thread, 0L)) / (BATCH * CLIENTS)));
    each.values().removeIf(bytes -> bytes == 0);
    return each;
  }

  private static long sum(Map<String, Long> each) {
    return each.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Publishes one message after another, each when all clients have the one before. */
  private static void publish(
      int messages, Session session, MessageProducer producer, LoadGroup group)
      throws JMSException {
    for (int i = 1; i <= messages; i++) {
      long expected = group.recorder().count() + CLIENTS;
      producer.send(session.createTextMessage(Stamp.body(i, System.nanoTime())));
      Awaitility.await()
          .pollDelay(Duration.ZERO)
          .pollInterval(Duration.ofMillis(1))
          .until(() -> group.recorder().count() >= expected);
    }
  }

  /** Returns what each thread of the bridge has allocated since it was started. */
  private Map<String, Long> allocated() {
    long[] ids = threads.getAllThreadIds();
    long[] bytes = threads.getThreadAllocatedBytes(ids);
    ThreadInfo[] infos = threads.getThreadInfo(ids);
    Map<String, Long> allocated = new HashMap<>();
    for (int i = 0; i < ids.length; i++) {
      if (infos[i] != null && bytes[i] > 0 && !isOfTheTest(infos[i].getThreadName())) {
        allocated.put(infos[i].getThreadName() + "#" + ids[i], bytes[i]);
      }
    }
    return allocated;
  }

  private static boolean isOfTheTest(String thread) {
    return thread.equals("main")
        || thread.equals(Thread.currentThread().getName())
        || thread.startsWith("epollEventLoopGroup")
        || thread.startsWith("nioEventLoopGroup")
        || thread.startsWith("multiThreadIoEventLoopGroup")
        || thread.startsWith("awaitility");
  }

  /** The bridge as the load's clients see it. */
  private record Server(TestBridge bridge) implements ServerUnderLoad {
    @Override
    public String name() {
      return "bridge";
    }

    @Override
    public Dialect dialect() {
      return Dialect.BRIDGE;
    }

    @Override
    public URI endpoint() {
      return bridge.cometd();
    }

    @Override
    public Login cookie(int client) {
      return password(client);
    }

    @Override
    public Login password(int client) {
      // A user may have a hundred sessions.
      String user = client % 2 == 0 ? "alice" : "bob";
      return Login.ofPassword(user, user);
    }

    @Override
    public ProcessMeter meter() {
      return ProcessMeter.own();
    }

    @Override
    public void publish(int topics, double perSecond) {
      throw new UnsupportedOperationException();
    }

    @Override
    public long stopPublishing() {
      throw new UnsupportedOperationException();
    }

    @Override
    public void restart() {
      throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
  }
}
