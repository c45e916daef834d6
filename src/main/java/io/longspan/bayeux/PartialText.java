package io.longspan.bayeux;

import io.longspan.budget.Account;
import io.longspan.budget.Purpose;
import java.util.function.Supplier;

/**
 * The text message of one WebSocket that has come in part. Each piece is charged to the
 * connection's account before it is kept; a message that comes in one piece is not kept at all.
 *
 * <p>Pieces are added by one thread at a time; the connection may be closed on any thread.
 */
final class PartialText {
  /** What a container holds for a message that is incomplete, beside the message. */
  private static final int DECODER_BYTES = 8 << 10;

  private static final int BYTES_PER_CHAR = 2;
  private static final int MIN_CAPACITY = 256;

  /** A character is at most so many bytes in UTF-8. */
  private static final int MAX_UTF8 = 3;

  /** What became of a piece. */
  enum Outcome {
    /** The message goes on. */
    INCOMPLETE,
    /** The message is complete; {@link #take} returns it. */
    COMPLETE,
    /** The message is larger than allowed. */
    TOO_LARGE,
    /** The account has no room for the piece. */
    NO_MEMORY
  }

  private final Supplier<Account> owner;

  /** The account that {@link #charged} bytes are charged to. Guarded by this, like the rest. */
  private Account account;

  private long charged;
  private StringBuilder text;
  private long textBytes;
  private String complete;
  private boolean closed;

  /** When the first piece came; 0: none has. */
  private volatile long begun;

  /**
   * Creates an empty message.
   *
   * @param owner returns the account to charge at that moment
   */
  PartialText(Supplier<Account> owner) {
    this.owner = owner;
  }

  /**
   * Adds a piece.
   *
   * @param last whether it completes the message
   * @param maxBytes what the whole message may have in UTF-8
   * @param now milliseconds, not 0
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

  /** Returns the complete message, once. */
  String take() {
    String taken = complete;
    complete = null;
    return taken;
  }

  /** Charges the connection's present account for room for more characters, and makes it. */
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

  /** Discards what has come, and all that comes. */
  synchronized void close() {
    closed = true;
    discard();
  }

  /** Returns when the first piece of an incomplete message came, in milliseconds; 0: none is. */
  long begun() {
    return begun;
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
