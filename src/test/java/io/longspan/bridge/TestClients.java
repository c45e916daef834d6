package io.longspan.bridge;

import io.longspan.access.TopicGrant;
import io.longspan.budget.MemoryBudget;
import io.longspan.catalogue.BrokerDestination;
import io.longspan.catalogue.TopicPolicy;
import io.longspan.config.LongspanConfig.Limits;
import io.longspan.config.LongspanConfig.ReplyMode;
import io.longspan.identity.Identity;
import io.longspan.protocol.DestinationName;
import io.longspan.protocol.PayloadEncoder;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;

/** Clients and grants for tests of the core. */
final class TestClients {
  static final BridgeBroker DEFAULT_BROKER =
      new BridgeBroker(
          "", new FakeBroker(), new Reopenings((task, delay) -> {}, BridgeMetrics.NONE));

  private TestClients() {}

  static Limits limits(int queueMessages, long queueBytes) {
    return new Limits(
        1000,
        1000,
        8,
        8,
        8,
        8,
        queueMessages,
        queueBytes,
        8,
        8,
        8,
        8,
        8,
        8,
        8,
        8,
        8,
        1L << 30,
        1L << 30);
  }

  static MemoryBudget memory() {
    return new MemoryBudget(1L << 30, 1L << 30);
  }

  static TopicQuota quota() {
    return new TopicQuota(1_000, memory());
  }

  static ClientSession session(
      String id, ClientChannel channel, Limits limits, Executor commandPool) {
    return session(
        id,
        id,
        channel,
        limits,
        new MemoryBudget(limits.totalBytes(), limits.userBytes()),
        BridgeMetrics.NONE,
        commandPool,
        () -> 0);
  }

  static ClientSession session(
      String id,
      String user,
      ClientChannel channel,
      Limits limits,
      MemoryBudget memory,
      BridgeMetrics metrics) {
    return session(id, user, channel, limits, memory, metrics, Runnable::run, () -> 0);
  }

  static ClientSession session(
      String id, ClientChannel channel, Limits limits, MemoryBudget memory, Ticker ticker) {
    return session(id, id, channel, limits, memory, BridgeMetrics.NONE, Runnable::run, ticker);
  }

  private static ClientSession session(
      String id,
      String user,
      ClientChannel channel,
      Limits limits,
      MemoryBudget memory,
      BridgeMetrics metrics,
      Executor commandPool,
      Ticker ticker) {
    return new ClientSession(
        id,
        new Identity(user, Set.of()),
        channel,
        new PayloadEncoder(),
        metrics,
        limits,
        memory,
        commandPool,
        ticker);
  }

  /** A session with a connected client, whose user has its name. */
  static ConnectedClient connected(String id, ClientChannel channel) {
    return connected(session(id, channel, limits(1000, 1_000_000), Runnable::run));
  }

  static ConnectedClient connected(ClientSession session) {
    ConnectedClient client = new ConnectedClient(session, "token-" + session.clientId(), 8);
    client
        .at(DEFAULT_BROKER)
        .replies()
        .add(
            ReplyMode.TEMPORARY_TOPIC,
            new FakeBroker.Opened(BrokerDestination.topic("t"), Optional.empty(), message -> {}));
    session.use(client);
    return client;
  }

  static TopicGrant grant(String topic, TopicPolicy policy) {
    return new TopicGrant(
        DestinationName.parse(topic),
        BrokerDestination.topic(topic),
        Optional::of,
        policy,
        "",
        0,
        Long.MIN_VALUE);
  }

  /** A subscription that has begun, to a topic of which nothing is retained. */
  static ClientSubscription subscription(
      ConnectedClient client, String topic, TopicPolicy.SlowConsumer policy) {
    ClientSubscription subscription =
        new ClientSubscription(
            client,
            client.identity(),
            new TopicSubscriptions.Key(
                grant(topic, new TopicPolicy(policy, Optional.empty(), TopicPolicy.Keep.NOTHING)),
                Optional.empty()));
    subscription.begin(0, false);
    return subscription;
  }
}
