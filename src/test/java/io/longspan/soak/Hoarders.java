package io.longspan.soak;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** Users who make the bridge or the broker keep much for them. */
final class Hoarders {
  private static final AtomicInteger NUMBERS = new AtomicInteger();

  private Hoarders() {}

  static List<Attack> attacks() {
    return List.of(
        Attack.every(200, "retained topics filled", Hoarders::fillTopic),
        Attack.every(500, "sessions that never poll, with big answers", Hoarders::neverPoll),
        Attack.every(2000, "droppable messages hoarded", Hoarders::hoardDroppable),
        Attack.every(250, "a queue filled that nobody reads", Hoarders::fillQueue),
        Attack.every(20, "idle sockets with compression", Hoarders::idleSocket));
  }

  /** Fills what is kept of a topic, leaves it, and goes on to the next. */
  private static void fillTopic(Target target, Hoard hoard) throws IOException {
    try (HostileSession session = HostileSession.open(target, SoakStage.hostile("filler"))) {
      for (int i = 0; i < 10; i++) {
        String topic = "hoard/k" + NUMBERS.incrementAndGet();
        session.control(Map.of("type", "topicSubscribe", "topics", List.of(topic)));
        for (int message = 0; message < 5; message++) {
          session.publish(topic, Map.of(), "x".repeat(200_000));
        }
        session.control(Map.of("type", "topicUnsubscribe", "topics", List.of(topic)));
      }
    }
  }

  private static void neverPoll(Target target, Hoard hoard) throws IOException {
    HostileSession session =
        hoard.keep(HostileSession.open(target, SoakStage.hostile("silent")), target.scaled(60));
    for (int i = 0; i < 32; i++) {
      session.publish(
          SoakStage.GENEROUS_SERVICE,
          Map.of("JMSCorrelationID", "silent-" + i, "parts", 1, "size", 250_000),
          "");
    }
  }

  /** Many private messages wait at sessions that share a topic with honest users. */
  private static void hoardDroppable(Target target, Hoard hoard) throws IOException {
    HostileSession session =
        hoard.keep(HostileSession.open(target, SoakStage.hostile("dropper")), target.scaled(60));
    session.control(Map.of("type", "topicSubscribe", "topics", List.of("oldest/dropped")));
    session.publish(
        SoakStage.GENEROUS_SERVICE,
        Map.of("JMSCorrelationID", "dropper", "parts", target.scaled(9_900), "size", 10),
        "");
  }

  private static void fillQueue(Target target, Hoard hoard) throws IOException {
    HostileSession session =
        hoard.size() == 0
            ? hoard.keep(HostileSession.open(target, SoakStage.hostile("queuer")), 1)
            : (HostileSession) hoard.all().get(0);
    try {
      for (int i = 0; i < 4; i++) {
        session.publish(
            SoakStage.UNREAD_QUEUE,
            Map.of("JMSCorrelationID", "q" + NUMBERS.incrementAndGet(), "timeToLive", 1L << 53),
            "x".repeat(250_000));
      }
    } catch (RuntimeException cut) {
      hoard.drop(session);
      throw cut;
    }
  }

  private static void idleSocket(Target target, Hoard hoard) throws IOException {
    hoard
        .keep(target.connect(Target.SHARED_ADDRESS), target.scaled(1_000))
        .upgrade(
            Target.basic(SoakStage.hostile("idler")),
            "Sec-WebSocket-Extensions: permessage-deflate");
  }
}
