package io.longspan.chaos;

import java.util.concurrent.Executor;

/**
 * A client of a crowd. All that it does runs on its strand, to which the fields belong. The public
 * methods may be called on any thread and return at once.
 */
abstract class CrowdClient implements AutoCloseable {
  final ClientSettings settings;
  final ClientRecord record;
  final Strand strand;
  final QueueFiller filler = new QueueFiller();
  boolean requesting = true;
  volatile boolean settled;
  private long slowUntil = Long.MIN_VALUE;

  CrowdClient(ClientSettings settings, Executor pool) {
    this.settings = settings;
    this.record = settings.record();
    this.strand = new Strand(pool, this::broken);
    settings.fills().ifPresent(filler::add);
  }

  /** Does what is due. */
  abstract void onTick();

  /** Called when the client itself has failed. */
  abstract void broken(Throwable failure);

  /** Called when it reads nothing from now on. */
  void slowed() {}

  /** Does what is due; to be called several times a second. */
  final void tick() {
    strand.execute(this::onTick);
  }

  /** Reads nothing for a while. */
  final void slowDown(long duration) {
    strand.execute(
        () -> {
          slowUntil = now() + duration;
          record.session().add("reads nothing for " + RunClock.text(duration));
          slowed();
        });
  }

  final boolean isSlow() {
    return slowUntil != Long.MIN_VALUE;
  }

  /** Returns whether it reads nothing, and the time for that is not over. */
  final boolean isSlowStill(long now) {
    return isSlow() && now < slowUntil;
  }

  /** Reads again. */
  void endSlowness() {
    slowUntil = Long.MIN_VALUE;
    record.session().add("reads again");
  }

  /** Sends to a queue that may be full, until {@link #fillNoMore}. */
  final void fill(String queue) {
    strand.execute(() -> filler.add(queue));
  }

  /** Sends no more to the queue. */
  final void fillNoMore(String queue) {
    strand.execute(() -> filler.remove(queue));
  }

  /** Returns what it knows. */
  final ClientRecord record() {
    return record;
  }

  /** Sends no more requests. */
  final void stopRequests() {
    strand.execute(() -> requesting = false);
  }

  /** Returns whether it is connected, subscribed and reading. */
  final boolean isSettled() {
    return settled;
  }

  final long now() {
    return record.clock().now();
  }

  /** Drops the connection and does nothing any more. */
  @Override
  public abstract void close();
}
