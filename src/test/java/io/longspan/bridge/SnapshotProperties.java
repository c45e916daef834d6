package io.longspan.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.bridge.MessageBroker.Outbound;
import io.longspan.budget.Purpose;
import io.longspan.catalogue.TopicPolicy.Keep;
import io.longspan.catalogue.TopicPolicy.SlowConsumer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/**
 * Whatever happens in whatever order: between a snapshot and what follows there is no hole and no
 * repetition. The broker delivers each destination in its order, and destinations independently.
 */
final class SnapshotProperties {
  private static final List<String> CLIENTS = List.of("alice", "bob", "carol");

  private enum Kind {
    PUBLISH,
    DELIVER_MESSAGE,
    SUBSCRIBE,
    UNSUBSCRIBE,
    ANSWER_QUESTION,
    DELIVER_ANSWER,
    PASS_TIME,
    LOSE_CONSUMER,
    STALL
  }

  private record Step(Kind kind, int number) {}

  /** A part of an answer on its way to the bridge. */
  private record Part(Outbound question, String body, Object[] properties) {}

  @Provide
  Arbitrary<List<Step>> steps() {
    Arbitrary<Kind> kinds =
        Arbitraries.frequency(
            net.jqwik.api.Tuple.of(6, Kind.PUBLISH),
            net.jqwik.api.Tuple.of(6, Kind.DELIVER_MESSAGE),
            net.jqwik.api.Tuple.of(4, Kind.SUBSCRIBE),
            net.jqwik.api.Tuple.of(1, Kind.UNSUBSCRIBE),
            net.jqwik.api.Tuple.of(4, Kind.ANSWER_QUESTION),
            net.jqwik.api.Tuple.of(5, Kind.DELIVER_ANSWER),
            net.jqwik.api.Tuple.of(2, Kind.PASS_TIME),
            net.jqwik.api.Tuple.of(1, Kind.LOSE_CONSUMER),
            net.jqwik.api.Tuple.of(3, Kind.STALL));
    return Combinators.combine(kinds, Arbitraries.integers().between(0, 5))
        .as(Step::new)
        .list()
        .ofMaxSize(60);
  }

  /** What is between the service and the clients. */
  private static final class World {
    final SnapshotBench bench = new SnapshotBench();

    /** The messages that were not delivered yet, of each consumer. */
    final Map<FakeBroker.Opened, Deque<Integer>> links = new HashMap<>();

    final Deque<Part> answers = new ArrayDeque<>();
    int published;
    int answered;

    void run(Step step) {
      switch (step.kind()) {
        case PUBLISH -> {
          published++;
          links();
          links.values().forEach(link -> link.add(published));
        }
        case DELIVER_MESSAGE -> deliver();
        case SUBSCRIBE -> bench.subscribe(client(step));
        case UNSUBSCRIBE -> bench.unsubscribe(client(step));
        case ANSWER_QUESTION -> answer(1 + step.number() % 3);
        case DELIVER_ANSWER -> {
          if (!answers.isEmpty()) {
            Part part = answers.remove();
            bench.answer(part.question(), part.body(), part.properties());
          }
        }
        case PASS_TIME -> {
          // What the broker has had for so long has arrived.
          deliverAll();
          bench.scheduler.elapse(400L * step.number());
        }
        case LOSE_CONSUMER ->
            bench.broker.open(SnapshotBench.TOPIC).stream()
                .findFirst()
                .ifPresent(FakeBroker.Opened::lose);
        case STALL -> stall(client(step), !bench.channel(client(step)).stalled);
      }
      links();
    }

    /** A consumer gets what is published from its opening on. */
    private void links() {
      bench
          .broker
          .open(SnapshotBench.TOPIC)
          .forEach(c -> links.computeIfAbsent(c, k -> new ArrayDeque<>()));
    }

    /** A client reads nothing, or reads again. */
    private void stall(String client, boolean stalled) {
      RecordingChannel channel = bench.channel(client);
      channel.stalled = stalled;
      channel.wake();
    }

    private static String client(Step step) {
      return CLIENTS.get(step.number() % CLIENTS.size());
    }

    private boolean deliver() {
      boolean any = false;
      for (Map.Entry<FakeBroker.Opened, Deque<Integer>> link : links.entrySet()) {
        if (!link.getValue().isEmpty()) {
          SnapshotBench.deliver(link.getKey(), link.getValue().remove());
          any = true;
        }
      }
      return any;
    }

    void deliverAll() {
      while (deliver()) {}
    }

    /** The service answers the next question with the state of this moment. */
    private void answer(int parts) {
      if (answered == bench.questions().size()) {
        return;
      }
      Outbound question = bench.questions().get(answered++);
      for (int i = 1; i <= parts; i++) {
        answers.add(
            new Part(
                question,
                "s" + published + "." + i + "." + parts,
                i < parts
                    ? new Object[] {"sequence", i, "done", "false"}
                    : new Object[] {
                      "sequence", i, "done", "true", "snapshotThrough", SnapshotBench.id(published)
                    }));
      }
    }

    void finish() {
      CLIENTS.forEach(client -> stall(client, false));
      deliverAll();
      // Commands that waited behind a question ask the next one.
      while (answered < bench.questions().size() || !answers.isEmpty()) {
        answer(2);
        while (!answers.isEmpty()) {
          run(new Step(Kind.DELIVER_ANSWER, 0));
        }
      }
      bench.scheduler.elapse(20_000);
      for (int i = 0; i < 2; i++) {
        run(new Step(Kind.PUBLISH, 0));
        deliverAll();
      }
    }
  }

  @Property(tries = 1000)
  void nothingIsMissedOrRepeatedAfterASnapshot(
      @ForAll("steps") List<Step> steps, @ForAll boolean shared, @ForAll boolean keeps) {
    World world = new World();
    world.bench.policy =
        SnapshotBench.policy(
            SlowConsumer.QUEUE,
            keeps ? new Keep(5, 10_000, Duration.ofMinutes(1)) : Keep.NOTHING,
            shared);
    steps.forEach(world::run);
    world.finish();
    CLIENTS.forEach(client -> check(world.bench.seen(client), world.published));
    assertThat(world.bench.memory.used(Purpose.REQUESTS)).isZero();
    if (!keeps) {
      assertThat(world.bench.memory.used(Purpose.RETAINED)).isZero();
    }
  }

  /** A client that is slow gets the newest value, whether that is a snapshot or a message. */
  @Property(tries = 1000)
  void aSnapshotIsAValueThatOnlyANewerOneSupersedes(@ForAll("steps") List<Step> steps) {
    World world = new World();
    world.bench.policy =
        SnapshotBench.policy(
            SlowConsumer.LATEST, new Keep(5, 10_000, Duration.ofMinutes(1)), false);
    steps.forEach(world::run);
    world.finish();
    CLIENTS.forEach(client -> world.run(new Step(Kind.SUBSCRIBE, CLIENTS.indexOf(client))));
    world.finish();
    for (String client : CLIENTS) {
      List<String> values =
          world.bench.seen(client).stream().filter(v -> v.matches("[sm]\\d.*")).toList();
      int newest = 0;
      String part = "";
      for (String value : values) {
        String[] fields = value.substring(1).split("\\.");
        int number = Integer.parseInt(fields[0]);
        if (value.startsWith("m")) {
          assertThat(number).as("%s", values).isGreaterThan(newest);
        } else {
          assertThat(number).as("%s", values).isGreaterThanOrEqualTo(newest);
          String before =
              fields[1].equals("1") ? "" : (Integer.parseInt(fields[1]) - 1) + "." + fields[2];
          assertThat(part).as("parts of %s", values).isEqualTo(before);
        }
        part =
            value.startsWith("s") && !fields[1].equals(fields[2])
                ? fields[1] + "." + fields[2]
                : "";
        newest = number;
      }
      assertThat(newest).as("%s", values).isEqualTo(world.published);
    }
  }

  /** Checks the messages from each snapshot to the next one. */
  private static void check(List<String> seen, int published) {
    int next = -1;
    int part = 0;
    boolean gap = false;
    for (String message : new ArrayList<>(seen)) {
      if (message.startsWith("s") && message.contains(".")) {
        String[] fields = message.substring(1).split("\\.");
        part++;
        assertThat(Integer.parseInt(fields[1])).as("%s", seen).isEqualTo(part);
        if (fields[1].equals(fields[2])) {
          part = 0;
        }
        next = Integer.parseInt(fields[0]) + 1;
        gap = false;
      } else if (message.equals("gap")) {
        gap = true;
      } else if (message.startsWith("m")) {
        int number = Integer.parseInt(message.substring(1));
        assertThat(part).as("%s", seen).isZero();
        assertThat(next).as("a message without a snapshot: %s", seen).isPositive();
        if (gap) {
          assertThat(number).as("%s", seen).isGreaterThanOrEqualTo(next);
          gap = false;
        } else {
          assertThat(number).as("%s", seen).isEqualTo(next);
        }
        next = number + 1;
      }
    }
    assertThat(part).as("%s", seen).isZero();
    if (next > published) {
      assertThat(next).isEqualTo(published + 1);
    }
  }
}
