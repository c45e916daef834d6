package io.longspan.benchmark;

import io.longspan.external.ChildProcess;
import io.longspan.external.ExternalBroker;
import io.longspan.wire.Transport;
import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * W5: a hundred clients consume one queue that is never empty, each with one message at a time, and
 * acknowledge each message by itself.
 */
final class QueueWork {
  /** The JMS name of the queue. */
  static final String QUEUE = "work.bench";

  private static final int CLIENTS = 100;

  /** So many messages wait in the queue. */
  private static final int BACKLOG = 20_000;

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final long PAUSE_NANOS = 20_000_000;

  private final Plan plan;
  private final WarmUp warmUp;
  private final Results results;

  QueueWork(Plan plan, WarmUp warmUp, Results results) {
    this.plan = plan;
    this.warmUp = warmUp;
    this.results = results;
  }

  /** Measures the bridge and, beside WebSocket, bare JMS. */
  void run(ServerUnderLoad bridge, Transport transport, ExternalBroker broker) {
    String name = "W5 " + FanOut.name(transport) + ": ";
    throughBridge(name, bridge, transport, broker);
    if (transport == Transport.WEBSOCKET) {
      bareJms(name, broker);
    }
  }

  private void throughBridge(
      String name, ServerUnderLoad bridge, Transport transport, ExternalBroker broker) {
    try (LoadGroup group = new LoadGroup(bridge, transport)) {
      group.connect(plan.scaled(CLIENTS), 50, client -> List.of());
      List<LoadClient> clients = group.clients();
      CountDownLatch consuming = new CountDownLatch(clients.size());
      clients.forEach(client -> group.run(() -> client.consume(consuming::countDown)));
      if (!consuming.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        throw new IllegalStateException("clients do not consume the queue");
      }
      Recorder recorder = group.recorder();
      long before = recorder.count();
      try (Filler filler = new Filler(broker, () -> recorder.count() - before)) {
        WarmUp.Phases phases = warmUp.before(name, bridge);
        Measurement.sleep(phases.gently().plus(phases.fully()));
        Measurement measured = Measurement.of(bridge.meter(), recorder, plan.measured());
        results.add(name + "messages/s", bridge.name(), measured.perSecond());
        results.add(name + "CPU, µs/message", bridge.name(), measured.serverMicros());
        results.add(name + "not acknowledged", bridge.name(), recorder.disorders());
        filler.stop();
        awaitEmpty(filler);
      }
    } catch (InterruptedException x) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(x);
    }
  }

  private void bareJms(String name, ExternalBroker broker) {
    String[] at = plan.broker().arguments(broker);
    try (ChildProcess process =
        Cores.MEASURED.startMain(
            BareQueueMain.class, Integer.toString(plan.scaled(CLIENTS)), at[0], at[1])) {
      process.await("^ready$");
      try (Filler filler = new Filler(broker, () -> RequestResponse.lastLine(process)[0])) {
        Measurement.sleep(plan.warmUp());
        ProcessMeter meter = new ProcessMeter(process.pid());
        final long cpu = meter.cpuNanos();
        final long[] start = RequestResponse.lastLine(process);
        Measurement.sleep(plan.measured());
        long[] end = RequestResponse.lastLine(process);
        double messages = end[0] - start[0];
        results.add(name + "messages/s", "L2", messages * 1e9 / (end[1] - start[1]));
        results.add(name + "CPU, µs/message", "L2", (meter.cpuNanos() - cpu) / 1e3 / messages);
        filler.stop();
        awaitEmpty(filler);
      }
    }
  }

  /** The next measurement begins with an empty queue. */
  private static void awaitEmpty(Filler filler) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (filler.backlog() > 0) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException(filler.backlog() + " messages were not consumed");
      }
      Measurement.sleep(Duration.ofMillis(100));
    }
  }

  /** A thread that keeps the queue filled. */
  private static final class Filler implements AutoCloseable {
    private final LongSupplier consumed;
    private final Connection connection;
    private final Thread thread = new Thread(this::run, "filler");
    private volatile boolean stopped;
    private volatile long sent;

    Filler(ExternalBroker broker, LongSupplier consumed) {
      this.consumed = consumed;
      try {
        connection = broker.connectionFactory().createConnection();
      } catch (JMSException x) {
        throw new IllegalStateException(x);
      }
      thread.start();
    }

    private void run() {
      try {
        Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
        MessageProducer producer = session.createProducer(session.createQueue(QUEUE));
        producer.setDeliveryMode(DeliveryMode.NON_PERSISTENT);
        while (!stopped) {
          long room = BACKLOG - backlog();
          if (room <= BACKLOG / 2) {
            LockSupport.parkNanos(PAUSE_NANOS);
          }
          for (; room > 0 && !stopped; room--) {
            String body = Stamp.body(sent + 1, System.nanoTime());
            producer.send(session.createTextMessage(body));
            sent++;
          }
        }
      } catch (JMSException x) {
        x.printStackTrace();
      }
    }

    long backlog() {
      return sent - consumed.getAsLong();
    }

    void stop() {
      stopped = true;
      try {
        thread.join();
      } catch (InterruptedException x) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public void close() {
      stop();
      try {
        connection.close();
      } catch (JMSException x) {
        throw new IllegalStateException(x);
      }
    }
  }
}
