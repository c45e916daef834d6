package io.longspan.bridge;

import io.longspan.bridge.MessageRight.Passage;
import io.longspan.protocol.Payload;
import io.longspan.protocol.PayloadEncoder;
import io.longspan.protocol.SessionEnd;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The messages to one client, in order and numbered by {@code seq}. They are bounded by number, by
 * bytes, and by the memory of the user and the process. Messages that were taken stay in the {@link
 * ResumeWindow} for a while, so that the client can resume (protocol section 6).
 *
 * <p>If the client is too slow, the outbox discards messages that may be dropped, and a {@code gap}
 * announces them (section 5). If the rest still does not fit, the outbox overflows: it discards
 * everything, and the session is terminated.
 *
 * <p>A message from the broker is replaced by a notice if it would not fit into an empty outbox, or
 * if it has expired. Messages of a suspended subscription are withheld until the right is
 * confirmed. A message that the client may read is never lost without a notice.
 *
 * <p>Called on any thread, JMS delivery threads included; never blocks. Under the lock, the outbox
 * moves messages, counts metrics, encodes notices, charges memory, and reads and changes the state
 * of subscriptions. It calls the channel and the overflow listener without the lock.
 */
public final class ClientOutbox {
  private enum State {
    OPEN,
    /** The limits were exceeded. New messages are discarded; the session is being terminated. */
    OVERFLOWED,
    /** The client has ended. New messages are discarded, and nothing is charged. */
    CLOSED
  }

  private final int maxMessages;
  private final long maxBytes;
  private final LossNotices notices;
  private final BridgeMetrics metrics;
  private final OutboxMemory memory;
  private final Ticker ticker;
  private final WaitingMessages waiting = new WaitingMessages();
  private final ResumeWindow window;
  private final WithheldMessages withheld = new WithheldMessages();
  private final Consumer<Outgoing> drop = this::drop;
  private final PendingGap gap;
  private State state = State.OPEN;
  private long lastSeq;

  /** The outbox that has replaced this one; null if there is none. Written under the lock. */
  private volatile ClientOutbox successor;

  /** Null while the session is suspended. Written under the lock. */
  private volatile ClientChannel channel;

  private volatile Runnable whenOverflowed = () -> {};

  /**
   * Creates an empty outbox.
   *
   * @param maxMessages the maximum number of messages that wait
   * @param maxBytes the maximum bytes of payload that wait
   * @param memory the account of this outbox
   * @param ticker the clock by which messages expire
   */
  ClientOutbox(
      int maxMessages,
      long maxBytes,
      OutboxMemory memory,
      PayloadEncoder encoder,
      BridgeMetrics metrics,
      Ticker ticker) {
    this.maxMessages = maxMessages;
    this.maxBytes = maxBytes;
    this.memory = memory;
    this.notices = new LossNotices(encoder, metrics, maxBytes);
    this.gap = new PendingGap(notices);
    this.window = new ResumeWindow(maxMessages, maxBytes, memory);
    this.metrics = metrics;
    this.ticker = ticker;
  }

  /**
   * Sets the channel that writes this outbox. If the outbox overflows, or has overflowed already,
   * the channel is disconnected.
   */
  void resumeOn(ClientChannel next) {
    next.use(this);
    writeTo(next, () -> next.disconnect(SessionEnd.SLOW_CONSUMER.wireName()));
  }

  /**
   * Removes the channel: the session is suspended.
   *
   * @param ifOverflowed runs when the outbox overflows; at once, if it has overflowed already
   */
  void suspend(Runnable ifOverflowed) {
    writeTo(null, ifOverflowed);
  }

  private void writeTo(ClientChannel next, Runnable ifOverflowed) {
    boolean overflowed;
    synchronized (this) {
      whenOverflowed = ifOverflowed;
      channel = next;
      overflowed = state == State.OVERFLOWED;
    }
    if (overflowed) {
      ifOverflowed.run();
    }
  }

  /** Queues a message that belongs to no subscription, and wakes the channel. */
  public void deliver(Payload payload) {
    deliver(payload, null);
  }

  /**
   * Queues a message, and lets this thread write it unless the channel is being written already.
   */
  void answer(Payload payload) {
    append(payload, null);
    ClientChannel to = currentChannel();
    if (to != null) {
      to.wakeHere();
    }
  }

  /** Queues a message of a subscription, and wakes the channel. */
  void deliver(Payload payload, MessageRight right) {
    append(payload, right);
    wake();
  }

  /**
   * Queues a message that may wait a moment for the next one, so that both are written together.
   *
   * @param right the right to the message; null if it belongs to no subscription
   */
  void deliverWithNext(Payload payload, MessageRight right) {
    append(payload, right);
    ClientChannel to = currentChannel();
    if (to != null) {
      to.wakeSoon();
    }
  }

  /**
   * Queues a message without waking the channel. The caller must then call {@link #wake}.
   *
   * @param right the right to the message; null if it belongs to no subscription
   */
  void append(Payload given, MessageRight right) {
    append(given, right, false);
  }

  /**
   * Queues a retained message that a subscriber has missed, without waking the channel. It does not
   * count against {@code limits.queueMessages} and {@code limits.queueBytes}: a client that missed
   * more than they allow would be terminated each time it resumes. The caller must first check
   * {@link #hasRoomFor}, and then call {@link #wake}.
   */
  void appendRecovered(Payload payload, MessageRight right) {
    append(payload, right, true);
  }

  private void append(Payload given, MessageRight right, boolean recovered) {
    Payload payload = exceeds(given) ? notices.tooLarge(given, right) : given;
    ClientOutbox next;
    boolean overflows = false;
    boolean exhausted = false;
    synchronized (this) {
      next = successor;
      if (next == null && state == State.OPEN) {
        if (payload.isUnsupported()) {
          metrics.undelivered(Undelivered.UNSUPPORTED);
        }
        overflows = !add(new Outgoing(++lastSeq, payload, right), recovered);
        if (overflows) {
          exhausted = memory.isExhausted();
          overflow();
        }
      }
    }
    if (next != null) {
      next.append(payload, right, recovered);
    } else if (overflows) {
      if (exhausted) {
        // The shedder was too slow: this overflow has freed the memory before it ran.
        metrics.shed(Shedding.SLOW_SESSION);
      }
      whenOverflowed.run();
    }
    memory.requestRelief();
  }

  /**
   * Adds a new message to the queue of its passage. Returns whether the waiting messages fit into
   * the limits.
   */
  private boolean add(Outgoing message, boolean recovered) {
    Passage passage = message.passage();
    if (passage == Passage.DISCARD) {
      return true;
    }
    memory.hold(message.payload());
    if (passage == Passage.KEEP) {
      withheld.add(message);
      if (exceedsWithWithheld()) {
        giveUp(message.right());
      }
      return true;
    }
    waiting.add(message, drop);
    if (recovered) {
      waiting.exempt(message);
    }
    return makeRoom();
  }

  /** Returns whether what waits and what is withheld exceed the limits together. */
  private boolean exceedsWithWithheld() {
    return waiting.size() + withheld.size() > maxMessages
        || waiting.bytes() + withheld.bytes() > maxBytes
        || memory.isExhausted();
  }

  /**
   * Discards the withheld messages of a suspended subscription. Its client will be notified of the
   * loss.
   */
  private void giveUp(MessageRight right) {
    right.discard();
    withheld.remove(right).forEach(this::release);
  }

  /**
   * Resumes delivery of a subscription whose right was confirmed; its withheld messages come first.
   * Must be called by one thread at a time for each subscription.
   *
   * @return false if messages were discarded meanwhile; the subscription is then still suspended
   */
  boolean resume(MessageRight right) {
    ClientOutbox next;
    boolean complete;
    synchronized (this) {
      next = successor;
      complete = next == null && resumeHere(right);
    }
    if (next != null) {
      return next.resume(right);
    }
    wake();
    return complete;
  }

  private boolean resumeHere(MessageRight right) {
    boolean exceeds = exceedsWithWithheld();
    List<Outgoing> kept = withheld.remove(right);
    if (exceeds) {
      right.keepNoLonger();
    }
    boolean complete = right.resume(!kept.isEmpty());
    for (Outgoing message : kept) {
      if (complete) {
        waiting.add(new Outgoing(++lastSeq, message.payload(), right), drop);
      } else {
        release(message);
      }
    }
    return complete;
  }

  /** Discards the withheld messages of a subscription that its client has ended. */
  void discardWithheld(MessageRight ended) {
    ClientOutbox next;
    synchronized (this) {
      next = successor;
      withheld.remove(ended).forEach(this::release);
    }
    if (next != null) {
      next.discardWithheld(ended);
    }
  }

  /** Returns whether the user's memory has room for messages. */
  synchronized boolean hasRoomFor(List<Payload> payloads) {
    ClientOutbox next = successor;
    return next == null ? memory.hasRoomFor(payloads) : next.hasRoomFor(payloads);
  }

  /** Returns whether a message from the broker would not fit even into an empty outbox. */
  boolean exceeds(Payload payload) {
    return payload.isFromBroker()
        && (payload.isTooLarge() || payload.size() > maxBytes || !memory.canHold(payload));
  }

  /** Notifies the channel, if there is one, that messages wait. Called without the lock. */
  void wake() {
    ClientChannel to = currentChannel();
    if (to != null) {
      to.wake();
    }
  }

  /** Returns the channel to the client; null while the session is suspended. */
  private ClientChannel currentChannel() {
    ClientOutbox next = successor;
    return next == null ? channel : next.channel;
  }

  private boolean isLagging() {
    int messages = waiting.size() - waiting.exempted() - (gap.hasPlace() ? 1 : 0);
    return messages > maxMessages || waiting.bytes() - waiting.exemptedBytes() > maxBytes;
  }

  /**
   * Discards droppable messages until the rest fits. Returns false if it does not fit even then.
   */
  private boolean makeRoom() {
    if (isLagging()) {
      waiting.conflate(drop);
    }
    while (isLagging() || memory.isExhausted()) {
      Outgoing oldest = waiting.dropOldest();
      if (oldest == null) {
        return false;
      }
      drop(oldest);
    }
    announce();
    return true;
  }

  private void drop(Outgoing message) {
    memory.release(message.payload());
    gap.count(message);
    metrics.topicMessageDropped();
  }

  private void announce() {
    if (gap.needsPlace()) {
      waiting.add(gap.reserve(++lastSeq), drop);
    }
  }

  /** Discards everything at once, so that the memory is free before the session has ended. */
  private void overflow() {
    state = State.OVERFLOWED;
    releaseAll();
    waiting.removeAll();
    withheld.removeAll();
    window.clear();
  }

  private void releaseAll() {
    waiting.forEach(this::release);
    withheld.forEach(this::release);
    window.release();
  }

  private void release(Outgoing message) {
    if (message.payload() != null) {
      memory.release(message.payload());
    }
  }

  /**
   * Discards all droppable messages and announces them by a {@code gap}.
   *
   * @return the bytes of heap that were freed
   */
  long dropDroppable() {
    long before;
    long after;
    synchronized (this) {
      before = memory.held();
      Outgoing oldest;
      while (state == State.OPEN && (oldest = waiting.dropOldest()) != null) {
        drop(oldest);
      }
      announce();
      after = memory.held();
    }
    wake();
    return before - after;
  }

  /**
   * Discards the messages that were taken and that the client may request again.
   *
   * @return the bytes of heap that were freed
   */
  synchronized long discardTaken() {
    long before = memory.held();
    if (state == State.OPEN && successor == null) {
      window.discardAll();
    }
    return before - memory.held();
  }

  /**
   * Overflows to free memory, even within the limits. Does nothing if the outbox is not open.
   *
   * @return the bytes of heap that were freed
   */
  long shed() {
    long bytes;
    synchronized (this) {
      bytes = memory.held();
      if (state != State.OPEN || successor != null) {
        return 0;
      }
      overflow();
    }
    whenOverflowed.run();
    return bytes;
  }

  /** Returns whether messages wait. */
  public synchronized boolean hasWaiting() {
    return !waiting.isEmpty();
  }

  /**
   * Takes the waiting messages, in order, and retains them for a resume. Messages whose right is
   * revoked or in doubt are not returned.
   *
   * @param by the channel that writes them; any channel but the current one gets nothing
   */
  public List<Outgoing> take(ClientChannel by) {
    synchronized (this) {
      if (channel != by || waiting.isEmpty()) {
        return List.of();
      }
      List<Outgoing> messages = waiting.removeAll();
      int delivered = 0;
      for (int i = 0; i < messages.size(); i++) {
        Outgoing taken = taken(messages.get(i));
        if (taken != null) {
          messages.set(delivered++, taken);
        }
      }
      if (delivered < messages.size()) {
        messages.subList(delivered, messages.size()).clear();
      }
      if (gap.hasPlace()) {
        messages.replaceAll(message -> gap.isAt(message) ? takeGap() : message);
      }
      window.moveTo(lastSeq);
      if (state != State.CLOSED) {
        window.add(messages);
      }
      return messages;
    }
  }

  /**
   * Withholds a message when it is taken. A withheld message gets a new {@code seq} later. If the
   * client may have received the message under the old {@code seq}, it is discarded, with all
   * withheld messages of its subscription.
   */
  private void withhold(Outgoing message) {
    if (message.seq() > window.lastTaken()) {
      withheld.add(message);
    } else {
      release(message);
      giveUp(message.right());
    }
  }

  /** Returns what to deliver in the place of a waiting message; null for nothing. */
  private Outgoing taken(Outgoing message) {
    switch (message.passage()) {
      case DISCARD -> release(message);
      case KEEP -> withhold(message);
      case DELIVER -> {
        if (message.isExpired(ticker)) {
          return expired(message);
        }
        long received = message.payload() == null ? 0 : message.payload().receivedAt();
        if (received != 0) {
          metrics.topicMessageTaken(ticker.millis() - received);
        }
        return message;
      }
    }
    return null;
  }

  /**
   * Announces an expired message: a notice takes its place, or it is counted in the next gap
   * notice.
   *
   * @return the notice or the place of the gap notice; null if the gap has a place already
   */
  private Outgoing expired(Outgoing message) {
    if (message.right() == null) {
      memory.release(message.payload());
      Payload instead = notices.expired(message.payload());
      memory.hold(instead);
      return new Outgoing(message.seq(), instead, null);
    }
    drop(message);
    metrics.undelivered(Undelivered.EXPIRED);
    return gap.needsPlace() ? gap.reserve(message.seq()) : null;
  }

  private Outgoing takeGap() {
    Outgoing taken = gap.take();
    memory.hold(taken.payload());
    return taken;
  }

  /** Returns the {@code seq} of the last message that was taken; 0 if none was. */
  public synchronized long lastTaken() {
    return window.lastTaken();
  }

  /**
   * Discards retained messages that the client has received.
   *
   * @param seq the last message that the client has received
   */
  public synchronized void acknowledge(long seq) {
    window.acknowledge(seq);
  }

  /**
   * Re-queues the retained messages after a {@code seq}.
   *
   * @param received the {@code seq} of the last message that the client has received; 0 if none. A
   *     higher acknowledged {@code seq} takes precedence
   * @return false if that is impossible: some messages are no longer retained, the {@code seq} is
   *     higher than any taken one, or the outbox is not open. Nothing is changed then
   */
  public boolean rewind(long received) {
    synchronized (this) {
      long seq = Math.max(received, window.acknowledged());
      if (state != State.OPEN || !window.covers(seq)) {
        return false;
      }
      // Re-queue all, then remove what was received: its room in the limits is left for the answer.
      putBack(0);
      while (!waiting.isEmpty() && waiting.first().seq() <= seq) {
        release(waiting.removeFirst());
        window.discarded(seq);
      }
    }
    wake();
    return true;
  }

  /**
   * Re-queues the messages that were taken after a {@code seq}, as far as they are still retained.
   * Unlike {@link #rewind}, this neither requires nor acknowledges the older ones.
   */
  public synchronized void putBack(long after) {
    while (window.hasAfter(after)) {
      waiting.addFirst(window.removeNewest());
    }
  }

  /**
   * Moves the waiting messages to another outbox of the same client. Messages that are queued here
   * later go there too.
   */
  void moveTo(ClientOutbox next) {
    List<Outgoing> left;
    synchronized (this) {
      releaseAll();
      memory.close();
      left =
          Stream.concat(waiting.removeAll().stream(), withheld.removeAll().stream())
              .sorted(Comparator.comparingLong(Outgoing::seq))
              .map(message -> gap.isAt(message) ? takeGap() : message)
              .toList();
      successor = next;
    }
    left.forEach(message -> next.append(message.payload(), message.right()));
  }

  /** Discards messages that may not be delivered any more, to free their memory. */
  synchronized void discardUndeliverable() {
    waiting.removeDiscarded().forEach(this::release);
    withheld.removeDiscarded().forEach(this::release);
  }

  /**
   * Ends the outbox and releases its memory. Waiting messages can still be taken, for the last
   * notices of the session.
   *
   * @param by the channel of the session that has ended; nothing happens if another session has
   *     taken the outbox over. Null for a suspended session
   */
  synchronized void close(ClientChannel by) {
    if (channel == by && state != State.CLOSED && successor == null) {
      state = State.CLOSED;
      releaseAll();
      withheld.removeAll();
      memory.close();
    }
  }

  /** Returns the number of messages that wait. */
  synchronized int waitingMessages() {
    return waiting.size();
  }

  /** Returns the bytes of payload that wait. */
  synchronized long waitingBytes() {
    return waiting.bytes();
  }

  /** Returns the bytes of heap that are charged to the user. */
  synchronized long heldBytes() {
    return memory.held();
  }

  @Override
  public synchronized String toString() {
    return "%s waiting=%d taken=%d held=%d"
        .formatted(state, waiting.size(), window.size(), memory.held());
  }
}
