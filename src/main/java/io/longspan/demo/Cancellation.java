package io.longspan.demo;

/** Stops one running query; any thread may cancel, before, while and after it runs. */
final class Cancellation {

  private Runnable stop;
  private boolean cancelled;

  /** Sets how the query is stopped; stops it at once when it was cancelled before it began. */
  void onCancel(Runnable how) {
    boolean now;
    synchronized (this) {
      stop = how;
      now = cancelled;
    }
    if (now) {
      how.run();
    }
  }

  void cancel() {
    Runnable how;
    synchronized (this) {
      cancelled = true;
      how = stop;
    }
    if (how != null) {
      how.run();
    }
  }

  synchronized boolean isCancelled() {
    return cancelled;
  }
}
