package io.longspan.local;

/** Sends the parts of one answer. Parts of one answer are sent by one thread at a time. */
@FunctionalInterface
public interface LocalParts {
  /**
   * Sends a part that is not the last one; never blocks. The bridge numbers the parts ({@code
   * sequence}) and marks the last one ({@code done}).
   *
   * @return false if the part was discarded, because nobody waits for the answer any more
   */
  boolean send(LocalMessage part);
}
