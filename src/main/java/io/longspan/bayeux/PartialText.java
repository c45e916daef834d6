package io.longspan.bayeux;

import io.longspan.budget.Account;
import io.longspan.budget.Purpose;
import java.util.function.Supplier;

/**
 * The partially received text message of one WebSocket. Each piece is charged to the connection's
 * account before it is stored. A message that arrives in one piece is not stored.
 *
 * <p>One thread at a time adds pieces. {@link #close} may be called on any thread. Never blocks.
 */
final class PartialText {
  /** Heap that the container holds for an incomplete message in addition to the text, in bytes. */
  private static final int DECODER_BYTES = 8 << 10;

  private static final int BYTES_PER_CHAR = 2;
  private static final int MIN_CAPACITY = 256;

  /** Maximum number of bytes of a {@code char} in UTF-8. */
  private static final int MAX_UTF8 = 3;

  /** The result of adding a piece. */
  enum Outcome {
    /** More pieces must follow. A closed message discards the piece. */
    INCOMPLETE,
    /** The message is complete; {@link #take} returns it. */
    COMPLETE,
    /** The message is larger than allowed. */
    TOO_LARGE,
    /** The account has no room for the piece. */
    NO_MEMORY
  }

  private final Supplier<Account> owner;

  /**
   * The account that {@link #charged} bytes are charged to. Guarded by this, like {@code charged},
   * {@code text}, {@code textBytes} and {@code closed}.
   */
  private Account account;

  private long charged;
  private StringBuilder text;
  private long textBytes;

  /** Owned by the thread that adds pieces. */
  private String complete;

  private boolean closed;

  /** The arrival time of the first piece, in milliseconds; 0 if no message is incomplete. */
  private volatile long begun;

  /**
   * Creates an empty message.
   *
   * @param owner returns the account to charge at the time of the call
   */
  PartialText(Supplier<Account> owner) {
    this.owner = owner;
  }

  /**
   * Adds a piece.
   *
   * @param piece the text
   * @param last whether the piece completes the message
   * @param maxBytes the maximum size of the message, in bytes of UTF-8
   * @param now the time in milliseconds; not 0
   */
  Outcome add(String piece, boolean last, int maxBytes, long now) {
    if (last && begun == 0) {
      complete = piece;
      return fits(piece, maxBytes) ? Outcome.COMPLETE : Outcome.TOO_LARGE;
    }
    return addPart(piece, last, maxBytes, now);
  }

  private synchronized Outcome addPart(String piece, boolean last, int maxBytes, long now) {
    if (closed) {
      return Outcome.INCOMPLETE;
    }
    if (begun == 0) {
      begun = now;
    }
    textBytes += utf8Bytes(piece);
    if (textBytes > maxBytes) {
      return Outcome.TOO_LARGE;
    }
    if (!reserve(piece.length(), maxBytes)) {
      return Outcome.NO_MEMORY;
    }
    text.append(piece);
    if (!last) {
      return Outcome.INCOMPLETE;
    }
    complete = text.toString();
    discard();
    return Outcome.COMPLETE;
  }

  /** Removes and returns the complete message. */
  String take() {
    String taken = complete;
    complete = null;
    return taken;
  }

  /**
   * Reserves room for more characters, and charges it to the connection's current account. Earlier
   * charges move to that account.
   *
   * @return false if the account has no room
   */
  private boolean reserve(int chars, int maxBytes) {
    Account present = owner.get();
    if (charged > 0 && account != present) {
      if (!present.tryCharge(Purpose.INBOUND, charged)) {
        return false;
      }
      account.release(Purpose.INBOUND, charged);
    }
    account = present;
    int length = text == null ? 0 : text.length();
    int capacity = text == null ? 0 : text.capacity();
    if (length + chars <= capacity) {
      return true;
    }
    int wanted = Math.max(length + chars, Math.min(2 * capacity, maxBytes));
    wanted = Math.max(wanted, MIN_CAPACITY);
    long more = (long) BYTES_PER_CHAR * (wanted - capacity) + (charged == 0 ? DECODER_BYTES : 0);
    if (!present.tryCharge(Purpose.INBOUND, more)) {
      return false;
    }
    charged += more;
    text = text == null ? new StringBuilder(wanted) : new StringBuilder(wanted).append(text);
    return true;
  }

  private synchronized void discard() {
    if (charged > 0) {
      account.release(Purpose.INBOUND, charged);
    }
    charged = 0;
    text = null;
    textBytes = 0;
    begun = 0;
  }

  /** Discards the stored pieces and all later ones. Idempotent. */
  synchronized void close() {
    closed = true;
    discard();
  }

  /**
   * Returns whether a message is incomplete, and its first piece arrived so long ago. The last
   * piece may be added at the same time.
   *
   * @param millis the age, in milliseconds
   * @param now the time in milliseconds
   */
  boolean isOlderThan(long millis, long now) {
    long since = begun;
    return since != 0 && now - since >= millis;
  }

  private static boolean fits(String text, int maxBytes) {
    return (long) MAX_UTF8 * text.length() <= maxBytes || utf8Bytes(text) <= maxBytes;
  }

  private static long utf8Bytes(String text) {
    long bytes = text.length();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c >= 0x80) {
        bytes += c < 0x800 || Character.isSurrogate(c) ? 1 : 2;
      }
    }
    return bytes;
  }
}
