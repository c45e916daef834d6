package io.longspan.demo;

/** Cancels one query. Any thread may call {@link #cancel}, also before or after the query runs. */
final class Cancellation {

  private Runnable stop;
  private boolean cancelled;

  /**
   * Registers the action that stops the query; runs it at once if the query was cancelled before.
   */
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
