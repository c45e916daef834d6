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

  /** Gives a text to the container, which tells when the socket has accepted it. */
  interface Socket {
    void send(FrameText text, WebSocketOutput.Writing writing);
  }

  private record Waiting(FrameText text, Promise<Void> promise) {}

  private final Socket socket;
  private final Consumer<Throwable> whenFailed;

  /** The thread that collects; null if none does. Guarded by this, like the fields below. */
  private Thread collector;

  private int depth;

  /** The collected text if it is the only one; it is not copied then. */
  private FrameText collected;

  /** The collected texts if there are several. */
  private StringBuilder joined;

  /** Run when the collected texts are written. */
  private List<Runnable> whenJoinedIsWritten = List.of();

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

  /**
   * Begins to collect on this thread.
   *
   * @return false if another thread collects; otherwise {@link #end} must be called
   */
  synchronized boolean begin() {
    if (collector != null && collector != Thread.currentThread()) {
      return false;
    }
    collector = Thread.currentThread();
    depth++;
    return true;
  }

  /** Ends what {@link #begin} began, and writes what was collected. */
  void end() {
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
    return collector == Thread.currentThread() && isFilled();
  }

  private boolean isFilled() {
    return collected != null || joined != null;
  }

  /** Runs an action when the socket has accepted all texts whose promises are complete. */
  void afterWritten(Runnable action) {
    synchronized (this) {
      if (isFilled()) {
        if (whenJoinedIsWritten.isEmpty()) {
          whenJoinedIsWritten = new ArrayList<>(1);
        }
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
  void write(FrameText text, Promise<Void> promise) {
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
  private synchronized boolean join(FrameText text) {
    if (collector != Thread.currentThread() || writing) {
      return false;
    }
    int length = joined != null ? joined.length() : collected != null ? collected.chars() : 0;
    if (length + text.chars() > MAX_JOINED_CHARS) {
      return false;
    }
    if (!isFilled()) {
      collected = text;
      return true;
    }
    if (joined == null) {
      joined = new StringBuilder(collected.toString());
      collected = null;
    }
    String more = text.toString();
    joined.setCharAt(joined.length() - 1, ',');
    joined.append(more, 1, more.length());
    return true;
  }

  /** Writes the collected text, or else the waiting one, unless a text is being written. */
  private void writeNext() {
    FrameText text;
    TextWriting next;
    synchronized (this) {
      boolean first = isFilled();
      // Another thread may still add to its joined text.
      if (writing || (first && collector != null && collector != Thread.currentThread())) {
        return;
      }
      if (first) {
        text = joined == null ? collected : FrameText.of(joined.toString());
        next = new TextWriting(null, whenJoinedIsWritten);
        joined = null;
        collected = null;
        whenJoinedIsWritten = List.of();
      } else if (waiting != null) {
        text = waiting.text();
        next = new TextWriting(waiting.promise(), List.of());
        waiting = null;
      } else {
        return;
      }
      writing = true;
    }
    try {
      socket.send(text, next);
    } catch (RuntimeException notSent) {
      next.failed(notSent);
    }
  }

  /** A text that is being written: a waiting one with its promise, or a collected one. */
  private final class TextWriting implements WebSocketOutput.Writing {
    private final Promise<Void> promise;
    private final List<Runnable> actions;

    TextWriting(Promise<Void> promise, List<Runnable> actions) {
      this.promise = promise;
      this.actions = actions;
    }

    @Override
    public void succeeded() {
      written();
      if (promise == null) {
        for (int i = 0; i < actions.size(); i++) {
          actions.get(i).run();
        }
      } else {
        promise.succeed(null);
      }
      writeNext();
    }

    @Override
    public void failed(Throwable failure) {
      written();
      if (promise == null) {
        whenFailed.accept(failure);
      } else {
        promise.fail(failure);
      }
      writeNext();
    }
  }

  private synchronized void written() {
    writing = false;
  }
}
