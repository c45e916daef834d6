package io.longspan.concurrent;

import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Goes through many items in several calls, a part of them in each. A periodic check of thousands
 * of idle clients then costs a fraction.
 *
 * <p>Belongs to the thread that calls it; never blocks.
 *
 * @param <T> an item
 */
public final class PartialSweep<T> {
  /** Few items need no parts: they are checked with every call. */
  private static final int MIN_AT_ONCE = 100;

  private final Supplier<? extends Collection<? extends T>> items;
  private final int parts;
  private Iterator<? extends T> rest = Collections.emptyIterator();
  private int atOnce;

  /**
   * Creates a sweep that has not begun.
   *
   * @param items the current items; called once for each pass. Their iterator must tolerate changes
   * @param parts the maximum number of calls in which each item has its turn
   */
  public PartialSweep(Supplier<? extends Collection<? extends T>> items, int parts) {
    this.items = items;
    this.parts = parts;
  }

  /**
   * Passes the next part of the items to a task. An item that was there at the start of a pass has
   * its turn once in the pass, unless it is removed before. A failure of the task ends the part.
   */
  public void next(Consumer<? super T> task) {
    if (!rest.hasNext()) {
      Collection<? extends T> all = items.get();
      rest = all.iterator();
      atOnce = Math.max(MIN_AT_ONCE, (all.size() + parts - 1) / parts);
    }
    for (int i = 0; i < atOnce && rest.hasNext(); i++) {
      task.accept(rest.next());
    }
  }

  /** Passes all items to a task, and begins a new pass with the next call. */
  public void all(Consumer<? super T> task) {
    rest = Collections.emptyIterator();
    items.get().forEach(task);
  }
}
