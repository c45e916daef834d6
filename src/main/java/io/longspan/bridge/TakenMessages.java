package io.longspan.bridge;

import io.longspan.protocol.Payload;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * The messages that were taken from an outbox, by ascending {@code seq}. They are retained in case
 * they are lost on the way to the client.
 *
 * <p>They are stored in arrays: an object for each message would live just long enough to burden
 * the garbage collector.
 *
 * <p>Not thread-safe: {@link ClientOutbox} guards it.
 */
final class TakenMessages {
  private static final int FIRST_CAPACITY = 8;
  private static final long[] NO_NUMBERS = {};
  private static final Payload[] NO_PAYLOADS = {};
  private static final MessageRight[] NO_RIGHTS = {};

  /** A ring buffer, like the two below. The length is 0 or a power of two. */
  private long[] numbers = NO_NUMBERS;

  private Payload[] payloads = NO_PAYLOADS;
  private MessageRight[] rights = NO_RIGHTS;
  private int first;
  private int size;
  private long bytes;

  boolean isEmpty() {
    return size == 0;
  }

  int size() {
    return size;
  }

  /** Returns the bytes of payload. */
  long bytes() {
    return bytes;
  }

  /** Returns the lowest {@code seq}; must not be called if empty. */
  long firstNumber() {
    return numbers[first];
  }

  /** Returns the highest {@code seq}; must not be called if empty. */
  long lastNumber() {
    return numbers[at(size - 1)];
  }

  void add(Outgoing message) {
    if (size == numbers.length) {
      resize(Math.max(FIRST_CAPACITY, 2 * size));
    }
    int end = at(size++);
    numbers[end] = message.seq();
    payloads[end] = message.payload();
    rights[end] = message.right();
    bytes += message.size();
  }

  /**
   * Removes the message with the lowest {@code seq} and returns its payload; must not be called if
   * empty.
   */
  Payload removeFirst() {
    int oldest = first;
    Payload payload = payloads[oldest];
    first = at(1);
    clear(oldest);
    return payload;
  }

  Outgoing removeLast() {
    int end = at(size - 1);
    Outgoing last = new Outgoing(numbers[end], payloads[end], rights[end]);
    clear(end);
    return last;
  }

  /** Calls an action with each payload, in order. */
  void forEach(Consumer<Payload> action) {
    for (int position = 0; position < size; position++) {
      action.accept(payloads[at(position)]);
    }
  }

  /** Clears the entry at one end of the ring. */
  private void clear(int index) {
    bytes -= payloads[index].size();
    payloads[index] = null;
    rights[index] = null;
    size--;
    if (size == 0 && numbers.length > FIRST_CAPACITY) {
      numbers = NO_NUMBERS;
      payloads = NO_PAYLOADS;
      rights = NO_RIGHTS;
      first = 0;
    }
  }

  private int at(int position) {
    return first + position & numbers.length - 1;
  }

  private void resize(int capacity) {
    int upToEnd = Math.min(size, numbers.length - first);
    long[] newNumbers = Arrays.copyOfRange(numbers, first, first + capacity);
    Payload[] newPayloads = Arrays.copyOfRange(payloads, first, first + capacity);
    MessageRight[] newRights = Arrays.copyOfRange(rights, first, first + capacity);
    System.arraycopy(numbers, 0, newNumbers, upToEnd, size - upToEnd);
    System.arraycopy(payloads, 0, newPayloads, upToEnd, size - upToEnd);
    System.arraycopy(rights, 0, newRights, upToEnd, size - upToEnd);
    numbers = newNumbers;
    payloads = newPayloads;
    rights = newRights;
    first = 0;
  }
}
