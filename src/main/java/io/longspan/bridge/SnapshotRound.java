package io.longspan.bridge;

import io.longspan.protocol.Payload;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * One question for the snapshot of a topic, and the clients that wait for its answer (protocol
 * section 17). Messages that are published after its start follow the snapshot.
 *
 * <p>Guarded by the lock of its {@link SharedSubscription}.
 */
final class SnapshotRound {
  /** The position of the last message before the start. */
  final long start;

  /** The id of that message; null if none was received before. */
  final String idBefore;

  /** When the round began, in milliseconds of the bridge's ticker. */
  final long startedAt;

  /** Clients that have not begun, each with the stage that completes with the answer. */
  final Map<ClientSubscription, CompletableFuture<Void>> waiting = new HashMap<>(2);

  /** Clients that have the snapshot, while it is unknown which messages it includes. */
  final Set<ClientSubscription> unsettled = new HashSet<>(2);

  /** Whether further clients may join. */
  boolean joinable;

  private List<Payload> parts = List.of();
  private Optional<String> through = Optional.empty();
  private boolean answered;
  private Runnable release = () -> {};
  private Optional<SnapshotEnd> failure = Optional.empty();
  private boolean ended;

  /** Runs when the round ends without an answer. */
  private Runnable whenCancelled = () -> {};

  SnapshotRound(long start, String idBefore, long startedAt, boolean joinable) {
    this.start = start;
    this.idBefore = idBefore;
    this.startedAt = startedAt;
    this.joinable = joinable;
  }

  /**
   * Sets the answer.
   *
   * @param through the id of the last message that the snapshot includes, if the service names it
   * @param whenEnded releases the memory of the answer
   */
  void answer(List<Payload> answer, Optional<String> through, Runnable whenEnded) {
    this.parts = answer;
    this.through = through;
    this.release = whenEnded;
    this.answered = true;
  }

  boolean isAnswered() {
    return answered;
  }

  /** Returns the parts of the answer, in order. */
  List<Payload> parts() {
    return parts;
  }

  Optional<String> through() {
    return through;
  }

  /** Returns why there is no snapshot; empty if there is one, or none yet. */
  Optional<SnapshotEnd> failure() {
    return failure;
  }

  void whenCancelled(Runnable action) {
    whenCancelled = action;
  }

  boolean isEnded() {
    return ended;
  }

  /** Returns whether nobody needs the round any more. */
  boolean isUnused() {
    return !joinable && waiting.isEmpty() && unsettled.isEmpty();
  }

  /** Ends the round and releases the memory of its answer. Returns what must run without a lock. */
  Runnable end() {
    ended = true;
    joinable = false;
    release.run();
    return answered ? () -> {} : whenCancelled;
  }

  /** Fails the round. Returns the stages that must fail, which the caller does without a lock. */
  List<CompletableFuture<Void>> fail(SnapshotEnd why) {
    failure = Optional.of(why);
    List<CompletableFuture<Void>> stages = new ArrayList<>(waiting.values());
    waiting.clear();
    return stages;
  }
}
