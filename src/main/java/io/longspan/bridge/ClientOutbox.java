package io.longspan.bridge;

import io.longspan.bridge.ClientSubscription.Passage;
import io.longspan.protocol.Payload;
import io.longspan.protocol.PayloadEncoder;
import io.longspan.protocol.SessionEnd;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The messages to one client: numbered, in order, bounded by count, bytes and the memory of the
 * user. Messages that were taken are retained for a while, so that a client can resume after a loss
 * (protocol section 6). If the client does not keep up, messages that may be dropped are, and a
 * {@code gap} announces it (section 5).
 *
 * <p>If what is left still does not fit, the outbox overflows: it discards everything at once and
 * its client is ended. A message of the broker that would not even fit into an empty outbox, or
 * that has expired while it waited, is replaced by its announcement. Messages whose right is being
 * confirmed are withheld until it is. The outbox never discards a message that the client may read
 * without a word.
 *
 * <p>Called on any thread, JMS delivery threads included; never blocks. The lock is held for moves
 * within the queues only, never around a call out.
 */
public final class ClientOutbox {
  /** Taken messages may use this part of the limits of those that wait. */
  private static final int RETAINED_PART = 4;

  private enum State {
    /** Messages are queued. */
    OPEN,
    /** More waited than the limits allow. Nothing is queued; the client is being ended. */
    OVERFLOWED,
    /** The client has ended. Nothing is queued or charged. */
    CLOSED
  }

  private final int maxMessages;
  private final long maxBytes;
  private final LossNotices notices;
  private final BridgeMetrics metrics;
  private final OutboxMemory memory;
  private final Ticker ticker;
  private final WaitingMessages waiting = new WaitingMessages();
  private final TakenMessages taken = new TakenMessages();
  private final WithheldMessages withheld = new WithheldMessages();
  private final Consumer<Outgoing> drop = this::drop;
  private State state = State.OPEN;
  private long lastSeq;
  private long lastTaken;

  /** Messages re-queued by a resume do not count against the limits. */
  private int requeued;

  private long requeuedBytes;

  /** The highest number that was discarded; a client that lacks it cannot resume. */
  private long discarded;

  /** The highest number that the client has acknowledged. */
  private long acknowledged;

  /** The place of the announcement of {@link #lost}; null while nothing was dropped. */
  private Outgoing announcement;

  private Map<String, Long> lost = new LinkedHashMap<>(2);

  /** Written under the lock. */
  private volatile ClientOutbox successor;

  /** Written under the lock. */
  private volatile ClientChannel channel;

  private volatile Runnable whenOverflowed = () -> {};

  /**
   * Creates an empty outbox.
   *
   * @param maxMessages how many messages may wait
   * @param maxBytes how many bytes of payload may wait
   * @param memory charges what is held
   * @param ticker tells when messages expire
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
    this.metrics = metrics;
    this.ticker = ticker;
  }

  /** From now on the outbox is written to this channel; an overflow disconnects it. */
  void attach(ClientChannel next) {
    next.use(this);
    attach(next, () -> next.disconnect(SessionEnd.SLOW_CONSUMER.wireName()));
  }

  /**
   * The client is away, and may come back.
   *
   * @param ifOverflowed runs once the outbox has overflowed
   */
  void detach(Runnable ifOverflowed) {
    attach(null, ifOverflowed);
  }

  private void attach(ClientChannel next, Runnable ifOverflowed) {
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

  /** Queues a message to this client alone. */
  public void deliver(Payload payload) {
    deliver(payload, null);
  }

  /** Queues an answer; this thread writes it unless something is being written. */
  void answer(Payload payload) {
    append(payload, null);
    ClientChannel to = currentChannel();
    if (to != null) {
      to.wakeHere();
    }
  }

  /** Queues a message of a subscription. */
  void deliver(Payload payload, ClientSubscription subscription) {
    append(payload, subscription);
    wake();
  }

  /** Queues a message without waking the channel: {@link #wake} has to follow. */
  void append(Payload given, ClientSubscription subscription) {
    Payload payload = exceeds(given) ? notices.tooLarge(given, subscription) : given;
    ClientOutbox next;
    boolean overflows = false;
    boolean exhausted = false;
    synchronized (this) {
      next = successor;
      if (next == null && state == State.OPEN) {
        if (payload.isUnsupported()) {
          metrics.undelivered(Undelivered.UNSUPPORTED);
        }
        overflows = !add(new Outgoing(++lastSeq, payload, subscription));
        if (overflows) {
          exhausted = memory.isExhausted();
          overflow();
        }
      }
    }
    if (next != null) {
      next.append(payload, subscription);
    } else if (overflows) {
      if (exhausted) {
        // The shedder was too slow: the memory is free before it has looked.
        metrics.shed(Shedding.SLOW_SESSION);
      }
      whenOverflowed.run();
    }
    memory.requestRelief();
  }

  /** Adds a new message where it belongs; returns whether what waits fits into the limits. */
  private boolean add(Outgoing message) {
    Passage passage = message.passage();
    if (passage == Passage.DISCARD) {
      return true;
    }
    memory.hold(message.payload());
    if (passage == Passage.KEEP) {
      withheld.add(message);
      if (isFullWith(withheld.size(), withheld.bytes())) {
        giveUp(message.subscription());
      }
      return true;
    }
    waiting.add(message, drop);
    return makeRoom();
  }

  /** Returns whether there is no room for so much beside what waits. */
  private boolean isFullWith(int messages, long bytes) {
    return waiting.size() + messages > maxMessages
        || waiting.bytes() + bytes > maxBytes
        || memory.isExhausted();
  }

  /** Keeps nothing of a suspended subscription any more; its client will hear of the loss. */
  private void giveUp(ClientSubscription subscription) {
    subscription.discard();
    withheld.remove(subscription).forEach(this::release);
  }

  /**
   * Goes on delivering messages of a subscription whose right was confirmed, first those that were
   * withheld. Called by one thread at a time for each subscription.
   *
   * @return false if messages were discarded meanwhile; the subscription is still suspended then
   */
  boolean resume(ClientSubscription subscription) {
    ClientOutbox next;
    boolean complete;
    synchronized (this) {
      next = successor;
      complete = next == null && resumeHere(subscription);
    }
    if (next != null) {
      return next.resume(subscription);
    }
    wake();
    return complete;
  }

  private boolean resumeHere(ClientSubscription subscription) {
    if (withheld.has(subscription) && isFullWith(withheld.size(), withheld.bytes())) {
      giveUp(subscription);
    }
    List<Outgoing> kept = withheld.remove(subscription);
    boolean complete = subscription.resume(!kept.isEmpty());
    for (Outgoing message : kept) {
      if (complete) {
        waiting.add(new Outgoing(++lastSeq, message.payload(), subscription), drop);
      } else {
        release(message);
      }
    }
    return complete;
  }

  /** Discards what is withheld of a subscription that its client has ended. */
  void discardWithheld(ClientSubscription ended) {
    ClientOutbox next;
    synchronized (this) {
      next = successor;
      withheld.remove(ended).forEach(this::release);
    }
    if (next != null) {
      next.discardWithheld(ended);
    }
  }

  /** Returns whether a message of the broker would not fit even if nothing else waited. */
  boolean exceeds(Payload payload) {
    return payload.isFromBroker()
        && (payload.isTooLarge() || payload.size() > maxBytes || !memory.canHold(payload));
  }

  /** Tells the channel that something waits. */
  void wake() {
    ClientChannel to = currentChannel();
    if (to != null) {
      to.wake();
    }
  }

  /** Returns the channel to the client; null while it is away. */
  private ClientChannel currentChannel() {
    ClientOutbox next = successor;
    return next == null ? channel : next.channel;
  }

  private boolean isLagging() {
    int messages = announcement == null ? waiting.size() : waiting.size() - 1;
    return messages > maxMessages + requeued || waiting.bytes() > maxBytes + requeuedBytes;
  }

  /** Drops what may be dropped until the rest fits; returns whether it does. */
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
    lost.merge(message.subscription().topic().value(), 1L, Long::sum);
    metrics.topicMessageDropped();
  }

  /** At most one announcement waits; its content is settled when it is taken. */
  private void announce() {
    if (!lost.isEmpty() && announcement == null) {
      announcement = new Outgoing(++lastSeq, null, null);
      waiting.add(announcement, drop);
    }
  }

  /** Discards everything at once: the memory is free before the client has ended. */
  private void overflow() {
    state = State.OVERFLOWED;
    releaseAll();
    waiting.removeAll();
    withheld.removeAll();
    while (!taken.isEmpty()) {
      taken.removeFirst();
    }
  }

  private void releaseAll() {
    waiting.forEach(this::release);
    withheld.forEach(this::release);
    taken.forEach(memory::release);
  }

  private void release(Outgoing message) {
    if (message.payload() != null) {
      memory.release(message.payload());
    }
  }

  /**
   * Drops the messages that may be dropped, and announces it.
   *
   * @return the bytes of heap that are free now
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
   * Overflows, whatever the limits: the memory is needed.
   *
   * @return the bytes of heap that are free now
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

  /** Returns whether there is something to take. */
  public synchronized boolean hasWaiting() {
    return !waiting.isEmpty();
  }

  /**
   * Takes all that waits, in order.
   *
   * @param by the channel that is written to; another one than the current channel gets nothing
   */
  public List<Outgoing> take(ClientChannel by) {
    synchronized (this) {
      if (channel != by || waiting.isEmpty()) {
        return List.of();
      }
      List<Outgoing> messages = new ArrayList<>(waiting.size());
      for (Outgoing message : waiting.removeAll()) {
        switch (message.passage()) {
          case DISCARD -> release(message);
          case KEEP -> withhold(message);
          case DELIVER -> addTaken(message, messages);
        }
      }
      fillAnnouncement(messages);
      requeued = 0;
      requeuedBytes = 0;
      lastTaken = lastSeq;
      retain(messages);
      return messages;
    }
  }

  /** A message that the client may have received already cannot get the other number it needs. */
  private void withhold(Outgoing message) {
    if (message.seq() > lastTaken) {
      withheld.add(message);
    } else {
      release(message);
      giveUp(message.subscription());
    }
  }

  private void addTaken(Outgoing message, List<Outgoing> messages) {
    if (message.isExpired(ticker)) {
      addExpired(message, messages);
    } else {
      messages.add(message);
    }
  }

  /** Announces a message whose time to live is over, in its place, or with others that are lost. */
  private void addExpired(Outgoing message, List<Outgoing> messages) {
    if (message.subscription() == null) {
      memory.release(message.payload());
      Payload instead = notices.expired(message.payload());
      memory.hold(instead);
      messages.add(new Outgoing(message.seq(), instead, null));
      return;
    }
    drop(message);
    metrics.undelivered(Undelivered.EXPIRED);
    if (announcement == null) {
      announcement = new Outgoing(message.seq(), null, null);
      messages.add(announcement);
    }
  }

  /** Settles the announcement, which counts everything that is lost up to the end of the list. */
  private void fillAnnouncement(List<Outgoing> messages) {
    int place = announcement == null ? -1 : messages.indexOf(announcement);
    if (place >= 0) {
      messages.set(place, filled(announcement));
    }
  }

  private Outgoing filled(Outgoing place) {
    Payload payload = notices.dropped(lost);
    memory.hold(payload);
    announcement = null;
    lost = new LinkedHashMap<>(2);
    return new Outgoing(place.seq(), payload, null);
  }

  /** Retains what was taken last in any case, and older messages as far as there is room. */
  private void retain(List<Outgoing> messages) {
    if (state == State.CLOSED) {
      return;
    }
    messages.forEach(taken::add);
    while (taken.size() > messages.size()
        && (taken.size() > maxMessages / RETAINED_PART
            || taken.bytes() > maxBytes / RETAINED_PART)) {
      discardOldest();
    }
  }

  private void discardOldest() {
    discarded = taken.firstNumber();
    memory.release(taken.removeFirst());
  }

  /** Returns the number of the last message that was taken; 0: none. */
  public synchronized long lastTaken() {
    return lastTaken;
  }

  /** The client has received everything up to a number, which is retained no longer. */
  public synchronized void acknowledge(long seq) {
    acknowledged = Math.max(acknowledged, Math.min(seq, lastTaken));
    while (!taken.isEmpty() && taken.firstNumber() <= seq) {
      discardOldest();
    }
  }

  /**
   * Re-queues everything after a number.
   *
   * @param received the last number that the client has received; 0: none. Later acknowledgements
   *     count as well
   * @return false if that is impossible; nothing was changed then
   */
  public boolean rewind(long received) {
    synchronized (this) {
      long seq = Math.max(received, acknowledged);
      if (seq < discarded || seq > lastTaken || state != State.OPEN) {
        return false;
      }
      // All of it, and what was received is removed again: its room is left for the answer.
      putBack(0);
      while (!waiting.isEmpty() && waiting.first().seq() <= seq) {
        release(waiting.removeFirst());
        discarded = seq;
      }
    }
    wake();
    return true;
  }

  /**
   * Re-queues what was taken after a number, as far as it is still retained. Unlike {@link #rewind}
   * it makes no statement about older messages.
   */
  public synchronized void putBack(long after) {
    while (!taken.isEmpty() && taken.lastNumber() > after) {
      Outgoing message = taken.removeLast();
      waiting.addFirst(message);
      requeued++;
      requeuedBytes += message.size();
    }
  }

  /** Moves what waits here, and what comes later, to another outbox of the same client. */
  void moveTo(ClientOutbox next) {
    List<Outgoing> left;
    synchronized (this) {
      releaseAll();
      memory.close();
      left =
          Stream.concat(waiting.removeAll().stream(), withheld.removeAll().stream())
              .sorted(Comparator.comparingLong(Outgoing::seq))
              .map(message -> message == announcement ? filled(message) : message)
              .toList();
      successor = next;
    }
    left.forEach(message -> next.append(message.payload(), message.subscription()));
  }

  /** Frees the room of messages that may not be delivered any more. */
  synchronized void discardUndeliverable() {
    waiting.removeDiscarded().forEach(this::release);
    withheld.removeDiscarded().forEach(this::release);
  }

  /**
   * The client has ended, and nothing is charged to its user any more. What waits may still be
   * taken, for the last words of the session.
   *
   * @param by the channel of the session that has ended; nothing happens if another session has
   *     taken the outbox over. Null for a client that is away
   */
  synchronized void close(ClientChannel by) {
    if (channel == by && state != State.CLOSED && successor == null) {
      state = State.CLOSED;
      releaseAll();
      withheld.removeAll();
      memory.close();
    }
  }

  /** Returns how many messages wait. */
  synchronized int waitingMessages() {
    return waiting.size();
  }

  /** Returns how many bytes of payload wait. */
  synchronized long waitingBytes() {
    return waiting.bytes();
  }

  /** Returns the heap that is charged to the user, in bytes. */
  synchronized long heldBytes() {
    return memory.held();
  }

  @Override
  public synchronized String toString() {
    return "%s waiting=%d taken=%d held=%d"
        .formatted(state, waiting.size(), taken.size(), memory.held());
  }
}
