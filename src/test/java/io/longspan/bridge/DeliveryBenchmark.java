package io.longspan.bridge;

import io.longspan.budget.MemoryBudget;
import io.longspan.catalogue.TopicPolicy;
import io.longspan.protocol.BrokerMessage;
import io.longspan.protocol.PayloadEncoder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Routing one JMS message to the outboxes of its subscribers; a figure is of one delivery. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(java.util.concurrent.TimeUnit.NANOSECONDS)
public class DeliveryBenchmark {
  static final int SUBSCRIBERS = 500;

  private final FakeBroker broker = new FakeBroker();
  private final List<Taking> channels = new ArrayList<>();
  private final BrokerMessage message =
      new BrokerMessage(
          "news", Map.of("JMSMessageID", "ID:1"), "x".repeat(512), null, Optional.empty());

  /** Subscribes. */
  @Setup
  public void subscribe() {
    TopicSubscriptions subscriptions =
        new TopicSubscriptions(
            BridgeBrokers.only(broker, new Reopenings((task, delay) -> {}, BridgeMetrics.NONE)),
            TestClients.quota(),
            new PayloadEncoder(),
            BridgeMetrics.NONE,
            (task, delay) -> {},
            () -> 0,
            new MemoryBudget(1L << 30, 1L << 30),
            SUBSCRIBERS,
            client -> {});
    TopicSubscriptions.Key news =
        new TopicSubscriptions.Key(
            TestClients.grant("news", TopicPolicy.DEFAULT), Optional.empty());
    for (int i = 0; i < SUBSCRIBERS; i++) {
      Taking channel = new Taking();
      channels.add(channel);
      ConnectedClient client = TestClients.connected("client" + i, channel);
      ClientSubscription subscription = new ClientSubscription(client, client.identity(), news);
      subscriptions.join(subscription).toCompletableFuture().join();
      subscriptions.begin(subscription, Optional.empty());
    }
  }

  /** Delivers, and has the outboxes emptied as a transport would. */
  @Benchmark
  @OperationsPerInvocation(SUBSCRIBERS)
  public int deliver() {
    broker.consumers.get(0).listener.accept(message);
    int taken = 0;
    for (Taking channel : channels) {
      taken += channel.outbox.take(channel).size();
    }
    return taken;
  }

  private static final class Taking implements ClientChannel {
    private ClientOutbox outbox;

    @Override
    public void use(ClientOutbox next) {
      outbox = next;
    }

    @Override
    public void wake() {}

    @Override
    public void wakeHere() {}

    @Override
    public void wakeSoon() {}

    @Override
    public void disconnect(String reason) {
      throw new IllegalStateException(reason);
    }

    @Override
    public Status status() {
      return new Status("benchmark", "127.0.0.1");
    }
  }
}
