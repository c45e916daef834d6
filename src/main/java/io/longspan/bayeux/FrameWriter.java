package io.longspan.bayeux;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.cometd.bayeux.Promise;

/**
 * Writes the texts of one WebSocket, one after another. Small texts that one thread writes while it
 * {@linkplain #collect collects} are joined into one WebSocket message, because each message costs
 * a system call here and an event in the browser.
 *
 * <p>Each text is a JSON array of Bayeux messages. At most one text is being written, and one waits
 * for it: the caller must not write the next text before the promise of the previous one is
 * complete. May be used on any thread; never blocks.
 */
final class FrameWriter {
  /** The maximum length of a joined text, in characters. Longer texts are written alone. */
  static final int MAX_JOINED_CHARS = 16 << 10;

  /** Gives a text to the container, which completes the promise when the socket has accepted it. */
  interface Socket {
    void send(String text, Promise<Void> promise);
  }

  private record Waiting(String text, Promise<Void> promise) {}

  private final Socket socket;
  private final Consumer<Throwable> whenFailed;

  /** The thread that collects; null if none does. Guarded by this, like the fields below. */
  private Thread collector;

  private int depth;
  private StringBuilder joined;

  /** Run when the joined text is written. */
  private List<Runnable> whenJoinedIsWritten = new ArrayList<>(1);

  private boolean writing;
  private Waiting waiting;

  /**
   * Creates a writer.
   *
   * @param whenFailed is called when a joined text cannot be written; on any thread
   */
  FrameWriter(Socket socket, Consumer<Throwable> whenFailed) {
    this.socket = socket;
    this.whenFailed = whenFailed;
  }

  /**
   * Runs an action, and then writes what it has written as one message, as far as it is small. If
   * another thread collects, the texts of this action are not joined.
   */
  void collect(Runnable action) {
    boolean own = begin();
    try {
      action.run();
    } finally {
      if (own) {
        end();
      }
    }
  }

  private synchronized boolean begin() {
    if (collector != null && collector != Thread.currentThread()) {
      return false;
    }
    collector = Thread.currentThread();
    depth++;
    return true;
  }

  private void end() {
    synchronized (this) {
      if (--depth > 0) {
        return;
      }
      collector = null;
    }
    writeNext();
  }

  /** Returns whether this thread has collected a text that is not yet written. */
  synchronized boolean hasCollected() {
    return collector == Thread.currentThread() && joined != null;
  }

  /** Runs an action when the socket has accepted all texts whose promises are complete. */
  void afterWritten(Runnable action) {
    synchronized (this) {
      if (joined != null) {
        whenJoinedIsWritten.add(action);
        return;
      }
    }
    action.run();
  }

  /**
   * Writes a text, or collects it.
   *
   * @param text a JSON array
   * @param promise completes when the socket has accepted the text, or at once if it is collected
   */
  void write(String text, Promise<Void> promise) {
    if (join(text)) {
      promise.succeed(null);
      return;
    }
    synchronized (this) {
      waiting = new Waiting(text, promise);
    }
    writeNext();
  }

  /** Joins a text to those that this thread has collected; returns false if that is impossible. */
  private synchronized boolean join(String text) {
    if (collector != Thread.currentThread() || writing) {
      return false;
    }
    int length = joined == null ? 0 : joined.length();
    if (length + text.length() > MAX_JOINED_CHARS) {
      return false;
    }
    if (joined == null) {
      joined = new StringBuilder(text);
    } else {
      joined.setCharAt(length - 1, ',');
      joined.append(text, 1, text.length());
    }
    return true;
  }

  /** Writes the joined text, or else the waiting one, unless a text is being written. */
  private void writeNext() {
    String text;
    Promise<Void> promise;
    synchronized (this) {
      boolean first = joined != null;
      // Another thread may still add to its joined text.
      if (writing || (first && collector != null && collector != Thread.currentThread())) {
        return;
      }
      if (first) {
        text = joined.toString();
        List<Runnable> actions = whenJoinedIsWritten;
        promise = Promise.from(sent -> actions.forEach(Runnable::run), whenFailed::accept);
        joined = null;
        whenJoinedIsWritten = new ArrayList<>(1);
      } else if (waiting != null) {
        text = waiting.text();
        promise = waiting.promise();
        waiting = null;
      } else {
        return;
      }
      writing = true;
    }
    try {
      socket.send(text, Promise.from(sent -> written(promise, null), x -> written(promise, x)));
    } catch (RuntimeException notSent) {
      written(promise, notSent);
    }
  }

  private void written(Promise<Void> promise, Throwable failure) {
    synchronized (this) {
      writing = false;
    }
    if (failure == null) {
      promise.succeed(null);
    } else {
      promise.fail(failure);
    }
    writeNext();
  }
}
