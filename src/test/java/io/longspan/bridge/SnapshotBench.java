package io.longspan.bridge;

import io.longspan.bridge.MessageBroker.Outbound;
import io.longspan.budget.MemoryBudget;
import io.longspan.catalogue.BrokerDestination;
import io.longspan.catalogue.TopicPolicy;
import io.longspan.catalogue.TopicPolicy.Keep;
import io.longspan.catalogue.TopicPolicy.Snapshot;
import io.longspan.identity.Identity;
import io.longspan.protocol.BrokerMessage;
import io.longspan.protocol.ControlCommand;
import io.longspan.protocol.Payload;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A bridge with one topic that has a snapshot; its broker and the time go forward by hand. */
final class SnapshotBench {
  static final String TOPIC = "state";
  static final String SERVICE = "services/state";

  private static final Pattern BODY = Pattern.compile("\"body\":\"([^\"]*)\"");
  private static final Pattern STATUS = Pattern.compile("\"status\":\"([a-z]*)\"");

  final FakeBroker broker = new FakeBroker();
  final ManualScheduler scheduler = new ManualScheduler();
  final Map<SnapshotEnd, Integer> ends = new EnumMap<>(SnapshotEnd.class);
  TopicPolicy policy = policy(TopicPolicy.SlowConsumer.QUEUE, Keep.NOTHING, false);

  /** What the policy says of grants that it gave. */
  boolean current = true;

  final MemoryBudget memory;
  final BayeuxJMSBridge bridge;
  private final Map<String, ClientSession> sessions = new HashMap<>();
  private final Map<String, RecordingChannel> channels = new HashMap<>();

  SnapshotBench() {
    this(1L << 30);
  }

  SnapshotBench(long userBytes) {
    memory = new MemoryBudget(1L << 30, userBytes);
    bridge =
        TestBridges.create(
            Map.of(),
            broker,
            new GrantingPolicy(() -> policy) {
              @Override
              public boolean isCurrent(Identity identity, io.longspan.access.TopicGrant grant) {
                return current;
              }
            },
            new BridgeMetrics() {
              @Override
              public void snapshotEnded(SnapshotEnd how) {
                ends.merge(how, 1, Integer::sum);
              }
            },
            scheduler,
            scheduler,
            memory);
    bridge.start();
    broker.connect();
  }

  static TopicPolicy policy(TopicPolicy.SlowConsumer slow, Keep keep, boolean shared) {
    return new TopicPolicy(slow, Optional.empty(), keep)
        .withSnapshot(Optional.of(new Snapshot(BrokerDestination.queue(SERVICE), shared)));
  }

  ClientSession session(String name) {
    return sessions.computeIfAbsent(
        name,
        n -> {
          RecordingChannel channel = new RecordingChannel();
          channels.put(n, channel);
          ClientSession session = bridge.join(n, new Identity(n, Set.of()), channel);
          bridge.control(session, new ControlCommand.Connect("connect", Optional.empty()));
          channel.taken.clear();
          return session;
        });
  }

  RecordingChannel channel(String name) {
    session(name);
    return channels.get(name);
  }

  void subscribe(String name) {
    subscribe(name, Map.of());
  }

  void subscribe(String name, Map<String, String> resumeFrom) {
    bridge.control(
        session(name),
        new ControlCommand.TopicSubscribe("s", List.of(TOPIC), Optional.empty(), resumeFrom));
  }

  void unsubscribe(String name) {
    bridge.control(session(name), new ControlCommand.TopicUnsubscribe("u", List.of(TOPIC)));
  }

  List<Outbound> questions() {
    return broker.sent.stream()
        .filter(
            sent ->
                sent.target() instanceof Outbound.To to && to.destination().name().equals(SERVICE))
        .toList();
  }

  static String id(int number) {
    return "ID:" + number;
  }

  /** A message of the topic arrives at all consumers. */
  void publish(int number) {
    for (FakeBroker.Opened consumer : broker.open(TOPIC)) {
      deliver(consumer, number);
    }
  }

  static void deliver(FakeBroker.Opened consumer, int number) {
    consumer.listener.accept(
        new BrokerMessage(
            TOPIC, Map.of("JMSMessageID", id(number)), "m" + number, null, Optional.empty()));
  }

  /** Answers a question, in one message. */
  void answer(Outbound question, String body, Object... properties) {
    Map<String, Object> all = new HashMap<>();
    all.put("JMSCorrelationID", question.headers().correlationId().orElseThrow());
    for (int i = 0; i < properties.length; i += 2) {
      all.put((String) properties[i], properties[i + 1]);
    }
    ((FakeBroker.Opened) question.replyTo().orElseThrow())
        .listener.accept(new BrokerMessage("reply", all, body, null, Optional.empty()));
  }

  /** Returns what a client has got, bodies and states of answers, in short. */
  List<String> seen(String name) {
    List<String> seen = new ArrayList<>();
    for (Payload payload : channel(name).payloads()) {
      seen.add(brief(payload.members()));
    }
    return seen;
  }

  private static String brief(String members) {
    Matcher body = BODY.matcher(members);
    if (body.find()) {
      return body.group(1);
    }
    if (members.contains("\"type\":\"gap\"")) {
      return "gap";
    }
    Matcher status = STATUS.matcher(members);
    return status.find() ? status.group(1) : members;
  }

  String last(String name) {
    List<String> texts = channel(name).texts();
    return texts.get(texts.size() - 1);
  }
}
