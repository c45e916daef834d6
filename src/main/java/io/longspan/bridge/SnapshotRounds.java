package io.longspan.bridge;

import io.longspan.protocol.Payload;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * The clients of one JMS subscription that wait for a snapshot, and the messages that are published
 * meanwhile (protocol section 17). Each message is held once, for all of them.
 *
 * <p>Not thread-safe: {@link SharedSubscription} guards it. What must run without the lock is added
 * to a list that the caller runs.
 */
final class SnapshotRounds {
  /** The maximum number of messages that are held. */
  static final int MAX_MESSAGES = 10_000;

  /** The maximum size of the messages that are held, in bytes of payload. */
  static final long MAX_BYTES = 16 << 20;

  /** The position at which delivery begins while it is unknown what the snapshot includes. */
  static final long UNKNOWN = Long.MAX_VALUE;

  private record Held(long position, String id, Payload payload) {}

  /**
   * The wait of a client.
   *
   * @param started whether the caller must ask the service
   * @param answered completes with the answer; fails if there is none
   */
  record Joined(SnapshotRound round, boolean started, CompletableFuture<Void> answered) {}

  /**
   * What a client gets first.
   *
   * @param following the messages after the snapshot so far
   * @param beginsAfter the position after which delivery begins, or {@link #UNKNOWN}
   */
  record Start(List<Payload> parts, List<Payload> following, long beginsAfter) {}

  private final RetainedBytes.Charge charge;
  private final BridgeMetrics metrics;
  private final List<SnapshotRound> rounds = new ArrayList<>(1);
  private final Deque<Held> held = new ArrayDeque<>(1);
  private long bytes;

  SnapshotRounds(RetainedBytes.Charge charge, BridgeMetrics metrics) {
    this.charge = charge;
    this.metrics = metrics;
  }

  boolean isIdle() {
    return rounds.isEmpty();
  }

  /**
   * Adds a client that waits for a snapshot. It joins the newest round if that is shared and began
   * while the client had the right.
   *
   * @param shared whether others may join a new round
   * @param lastPosition the position of the last message
   * @param lastId the id of the last message; null if there was none
   * @param now in milliseconds of the bridge's ticker
   */
  Joined join(
      ClientSubscription client, boolean shared, long lastPosition, String lastId, long now) {
    SnapshotRound newest = rounds.isEmpty() ? null : rounds.get(rounds.size() - 1);
    boolean starts =
        newest == null || !newest.joinable || client.key().grant().heldSince() >= newest.startedAt;
    SnapshotRound round = starts ? new SnapshotRound(lastPosition, lastId, now, shared) : newest;
    if (starts) {
      rounds.add(round);
    }
    CompletableFuture<Void> answered =
        round.isAnswered() ? CompletableFuture.completedFuture(null) : new CompletableFuture<>();
    round.waiting.put(client, answered);
    client.waitFor(round);
    return new Joined(round, starts, answered);
  }

  /**
   * Holds a message, if anybody waits.
   *
   * @param position the position of the message
   */
  void add(long position, String id, Payload payload, List<Runnable> after) {
    if (rounds.isEmpty()) {
      return;
    }
    if (!charge.tryAdd(KeptMessages.heapBytes(payload))) {
      failAll(SnapshotEnd.OVERTAKEN, position - 1, after);
      return;
    }
    held.add(new Held(position, id, payload));
    bytes += payload.size();
    for (SnapshotRound round : List.copyOf(rounds)) {
      if (!round.unsettled.isEmpty() && round.through().filter(id::equals).isPresent()) {
        round.unsettled.forEach(client -> client.startAfter(position));
        round.unsettled.clear();
        endIfUnused(round, after);
      }
    }
    while (held.size() > MAX_MESSAGES || bytes > MAX_BYTES) {
      fail(rounds.get(0), SnapshotEnd.OVERTAKEN, position, after);
    }
  }

  /** Sets the answer of a round. Returns false if nobody waits for it any more. */
  boolean answered(
      SnapshotRound round,
      List<Payload> parts,
      Optional<String> through,
      Runnable whenEnded,
      List<Runnable> after) {
    if (round.isEnded()) {
      return false;
    }
    round.answer(parts, through, whenEnded);
    List<CompletableFuture<Void>> stages = List.copyOf(round.waiting.values());
    after.add(() -> stages.forEach(stage -> stage.complete(null)));
    endIfUnused(round, after);
    return true;
  }

  /**
   * Takes what a client gets first, and removes the client unless it must wait for a message that
   * the snapshot includes.
   *
   * @param kept finds the retained messages after the one with an id
   * @param lastPosition the position of the last message
   * @return empty if the round has failed; see {@link SnapshotRound#failure}
   */
  Optional<Start> start(
      ClientSubscription client,
      Function<String, Optional<List<Payload>>> kept,
      long lastPosition,
      List<Runnable> after) {
    SnapshotRound round = client.snapshot();
    if (round.failure().isPresent() || round.waiting.remove(client) == null) {
      return Optional.empty();
    }
    List<Payload> following = following(round, kept);
    Start start =
        new Start(
            round.parts(),
            following == null ? List.of() : following,
            following == null ? UNKNOWN : lastPosition);
    if (following == null) {
      round.unsettled.add(client);
    }
    endIfUnused(round, after);
    return Optional.of(start);
  }

  /** Returns the messages that follow a snapshot; null if that is not known yet. */
  private List<Payload> following(
      SnapshotRound round, Function<String, Optional<List<Payload>>> kept) {
    if (round.through().isEmpty()) {
      return after(round.start);
    }
    String through = round.through().get();
    Optional<Held> included = held.stream().filter(h -> h.id().equals(through)).findFirst();
    if (included.isPresent()) {
      return after(Math.max(round.start, included.get().position()));
    }
    if (through.equals(round.idBefore)) {
      return after(round.start);
    }
    return kept.apply(through).orElse(null);
  }

  private List<Payload> after(long position) {
    return held.stream().filter(h -> h.position() > position).map(Held::payload).toList();
  }

  /**
   * Begins delivery to a client that got its snapshot: the message that the snapshot includes was
   * published before the round began, or it never comes.
   */
  void settle(ClientSubscription client, long lastPosition, List<Runnable> after) {
    SnapshotRound round = client.snapshot();
    if (round.unsettled.remove(client)) {
      deliverHeld(round, client, lastPosition, after);
      endIfUnused(round, after);
    }
  }

  private void deliverHeld(
      SnapshotRound round, ClientSubscription client, long lastPosition, List<Runnable> after) {
    ClientOutbox outbox = client.client().outbox();
    after(round.start).forEach(payload -> outbox.appendRecovered(payload, client));
    client.startAfter(lastPosition);
    after.add(outbox::wake);
  }

  /** Removes a client that has ended or was revoked. */
  void leave(ClientSubscription client, List<Runnable> after) {
    SnapshotRound round = client.snapshot();
    if (round == null) {
      return;
    }
    CompletableFuture<Void> stage = round.waiting.remove(client);
    if (stage != null) {
      metrics.snapshotEnded(SnapshotEnd.ABANDONED);
      after.add(() -> stage.completeExceptionally(SnapshotEnd.ABANDONED.refusal()));
    }
    round.unsettled.remove(client);
    endIfUnused(round, after);
  }

  /** Lets no further client join a round. */
  void close(SnapshotRound round, List<Runnable> after) {
    round.joinable = false;
    endIfUnused(round, after);
  }

  /** Fails every round; see {@link #fail}. */
  void failAll(SnapshotEnd why, long lastPosition, List<Runnable> after) {
    List.copyOf(rounds).forEach(round -> fail(round, why, lastPosition, after));
  }

  /**
   * Fails a round. Clients that have their snapshot get the held messages. If the consumer was
   * lost, they get none: the snapshot may include all of them, and the gap covers them.
   */
  void fail(SnapshotRound round, SnapshotEnd why, long lastPosition, List<Runnable> after) {
    if (round.isEnded()) {
      return;
    }
    for (ClientSubscription client : round.unsettled) {
      if (why == SnapshotEnd.BROKER_LOST) {
        client.startAfter(lastPosition);
      } else {
        deliverHeld(round, client, lastPosition, after);
      }
    }
    round.unsettled.clear();
    List<CompletableFuture<Void>> stages = round.fail(why);
    stages.forEach(stage -> metrics.snapshotEnded(why));
    after.add(() -> stages.forEach(stage -> stage.completeExceptionally(why.refusal())));
    round.joinable = false;
    endIfUnused(round, after);
  }

  private void endIfUnused(SnapshotRound round, List<Runnable> after) {
    if (round.isEnded() || !round.isUnused()) {
      return;
    }
    rounds.remove(round);
    after.add(round.end());
    long needed = rounds.stream().mapToLong(other -> other.start).min().orElse(Long.MAX_VALUE);
    while (!held.isEmpty() && held.peek().position() <= needed) {
      Payload released = held.remove().payload();
      bytes -= released.size();
      charge.remove(KeptMessages.heapBytes(released));
    }
  }
}
