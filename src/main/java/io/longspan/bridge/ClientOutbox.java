package io.longspan.bridge;

import io.longspan.protocol.Answer;
import io.longspan.protocol.Payload;
import io.longspan.protocol.PayloadEncoder;
import io.longspan.protocol.SessionEnd;
import io.longspan.security.TopicPolicy.SlowConsumer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What goes out to one client: numbered, in order, bounded by count and bytes. What was taken is
 * kept for a while, so that a client can go on after a loss (protocol section 6); where the client
 * does not keep up, what may be dropped is, and announced (section 5).
 *
 * <p>Called on any thread, JMS delivery threads included; never blocks. The lock is held for moves
 * within the queues only, never around a call out.
 */
public final class ClientOutbox {
  /** What was taken may have this part of the room for what waits. */
  private static final int KEPT_PART = 4;

  private final int maxMessages;
  private final long maxBytes;
  private final PayloadEncoder encoder;
  private final BridgeMetrics metrics;
  private final Deque<Outgoing> waiting = new ArrayDeque<>(4);
  private final TakenMessages kept = new TakenMessages();
  private long waitingBytes;
  private long lastSeq;
  private long lastTaken;

  /** What a resume has put back does not count as lagging. */
  private int putBack;

  private long putBackBytes;

  /** The last one that was taken and is gone: a client that lacks it cannot resume. */
  private long forgotten;

  /** The last one that the client said it has got. */
  private long acknowledged;

  /** Before this number is reached, looking for superseded messages again would find few. */
  private long nextConflation;

  /** The place of the announcement of {@link #lost}; null while nothing was dropped. */
  private Outgoing announcement;

  private Map<String, Long> lost = new LinkedHashMap<>(2);
  private boolean overfull;

  /** Written under the lock. */
  private volatile ClientOutbox successor;

  private volatile ClientChannel channel;
  private volatile Runnable whenOverfull = () -> {};

  /**
   * Creates an empty outbox.
   *
   * @param maxMessages how many messages may wait
   * @param maxBytes how many bytes of payload may wait
   */
  ClientOutbox(int maxMessages, long maxBytes, PayloadEncoder encoder, BridgeMetrics metrics) {
    this.maxMessages = maxMessages;
    this.maxBytes = maxBytes;
    this.encoder = encoder;
    this.metrics = metrics;
  }

  /** From now on the outbox is written to this channel; a client that lags too far loses it. */
  void attach(ClientChannel next) {
    whenOverfull = () -> next.disconnect(SessionEnd.SLOW_CONSUMER.wireName());
    channel = next;
    next.use(this);
  }

  /** The client is away, and may come back. */
  void detach(Runnable ifOverfull) {
    whenOverfull = ifOverfull;
    channel = null;
  }

  /** Queues what is for this client alone. */
  public void deliver(Payload payload) {
    deliver(payload, null);
  }

  /** Queues an answer, and has it written by this thread where nothing is being written. */
  void answer(Payload payload) {
    append(payload, null);
    ClientChannel to = reachedBy();
    if (to != null) {
      to.wakeHere();
    }
  }

  /** Queues a message of a subscription. */
  void deliver(Payload payload, ClientSubscription subscription) {
    append(payload, subscription);
    wake();
  }

  /** Queues a message without waking the channel: {@link #wake} follows. */
  void append(Payload payload, ClientSubscription subscription) {
    ClientOutbox next;
    boolean overflows = false;
    synchronized (this) {
      next = successor;
      if (next == null && !overfull) {
        waiting.add(new Outgoing(++lastSeq, payload, subscription));
        waitingBytes += payload.size();
        overflows = isLagging() && !relieve();
        overfull = overflows;
      }
    }
    if (next != null) {
      next.append(payload, subscription);
    } else if (overflows) {
      whenOverfull.run();
    }
  }

  /** Tells the channel that something waits. */
  void wake() {
    ClientChannel to = reachedBy();
    if (to != null) {
      to.wake();
    }
  }

  /** Returns the way to the client; null while it is away. */
  private ClientChannel reachedBy() {
    ClientOutbox next = successor;
    return next == null ? channel : next.channel;
  }

  private boolean isLagging() {
    int messages = announcement == null ? waiting.size() : waiting.size() - 1;
    return messages > maxMessages + putBack || waitingBytes > maxBytes + putBackBytes;
  }

  /** Drops what may be dropped until the rest fits; returns whether it does. */
  private boolean relieve() {
    if (lastSeq >= nextConflation) {
      dropSuperseded();
    }
    Iterator<Outgoing> oldest = waiting.iterator();
    while (isLagging() && oldest.hasNext()) {
      Outgoing next = oldest.next();
      if (next.isDroppable()) {
        oldest.remove();
        drop(next);
      }
    }
    announce();
    return !isLagging();
  }

  /** Of each key of a topic with {@code latest}, only the newest message stays. */
  private void dropSuperseded() {
    Set<Object> newer = new HashSet<>();
    Deque<Outgoing> staying = new ArrayDeque<>();
    for (Iterator<Outgoing> newest = waiting.descendingIterator(); newest.hasNext(); ) {
      Outgoing next = newest.next();
      if (isLatest(next) && !newer.add(List.of(next.subscription(), next.payload().key()))) {
        drop(next);
      } else {
        staying.addFirst(next);
      }
    }
    if (waiting.size() - staying.size() < maxMessages / 16) {
      nextConflation = lastSeq + maxMessages / 16;
    }
    waiting.clear();
    waiting.addAll(staying);
  }

  private static boolean isLatest(Outgoing message) {
    return message.isDroppable()
        && message.subscription().policy().slowConsumer() == SlowConsumer.LATEST;
  }

  private void drop(Outgoing message) {
    waitingBytes -= message.size();
    lost.merge(message.subscription().topic().value(), 1L, Long::sum);
    metrics.topicMessageDropped();
  }

  /** One announcement waits at most; what it says is settled when it is taken. */
  private void announce() {
    if (!lost.isEmpty() && announcement == null) {
      announcement = new Outgoing(++lastSeq, null, null);
      waiting.add(announcement);
    }
  }

  /** Returns whether there is something to take. */
  public synchronized boolean hasWaiting() {
    return !waiting.isEmpty();
  }

  /**
   * Takes all that waits, in order.
   *
   * @param by whose turn it is; another channel than the one in force gets nothing
   */
  public List<Outgoing> take(ClientChannel by) {
    synchronized (this) {
      if (channel != by || waiting.isEmpty()) {
        return List.of();
      }
      List<Outgoing> taken = new ArrayList<>(waiting.size());
      for (Outgoing message : waiting) {
        if (!message.isRevoked()) {
          taken.add(message == announcement ? filled(message) : message);
        }
      }
      waiting.clear();
      waitingBytes = 0;
      putBack = 0;
      putBackBytes = 0;
      lastTaken = lastSeq;
      keep(taken);
      return taken;
    }
  }

  private Outgoing filled(Outgoing place) {
    Payload payload = encoder.encode(new Answer.Gap(lost, Answer.GapReason.SLOW_CONSUMER));
    announcement = null;
    lost = new LinkedHashMap<>(2);
    return new Outgoing(place.seq(), payload, null);
  }

  /** Keeps what was taken last in any case, and of what was taken before what there is room for. */
  private void keep(List<Outgoing> taken) {
    taken.forEach(kept::add);
    while (kept.size() > taken.size()
        && (kept.size() > maxMessages / KEPT_PART || kept.bytes() > maxBytes / KEPT_PART)) {
      forgetOldest();
    }
  }

  private void forgetOldest() {
    forgotten = kept.firstNumber();
    kept.removeFirst();
  }

  /** Returns the number of the last message that was taken; 0: none. */
  public synchronized long lastTaken() {
    return lastTaken;
  }

  /** The client has got everything up to a number: it need not be kept any more. */
  public synchronized void acknowledge(long seq) {
    acknowledged = Math.max(acknowledged, Math.min(seq, lastTaken));
    while (!kept.isEmpty() && kept.firstNumber() <= seq) {
      forgetOldest();
    }
  }

  /**
   * Puts everything after a number back, to be taken once more.
   *
   * @param got the last message that the client has got; 0: none. What it has acknowledged since it
   *     said so counts as well
   * @return false where that is impossible, and nothing was changed
   */
  public boolean rewind(long got) {
    synchronized (this) {
      long seq = Math.max(got, acknowledged);
      if (seq < forgotten || seq > lastTaken || overfull) {
        return false;
      }
      // All of it, and what the client has got is taken out again: its room is left for the answer.
      putBack(0);
      while (!waiting.isEmpty() && waiting.peek().seq() <= seq) {
        waitingBytes -= waiting.remove().size();
        forgotten = seq;
      }
    }
    wake();
    return true;
  }

  /**
   * Puts back what was taken after a number, as far as it is still kept. Unlike {@link #rewind} it
   * says nothing about what came before.
   */
  public synchronized void putBack(long after) {
    while (!kept.isEmpty() && kept.lastNumber() > after) {
      Outgoing message = kept.removeLast();
      waiting.addFirst(message);
      waitingBytes += message.size();
      putBack++;
      putBackBytes += message.size();
    }
  }

  /** What waits here, and what comes later, goes to another outbox of the same client. */
  void moveTo(ClientOutbox next) {
    List<Outgoing> left;
    synchronized (this) {
      left = List.copyOf(waiting);
      waiting.clear();
      waitingBytes = 0;
      successor = next;
    }
    left.forEach(message -> next.append(message.payload(), message.subscription()));
  }

  /** Frees what occupies room of topics to which the right was taken away. */
  synchronized void discardRevoked() {
    waiting.removeIf(Outgoing::isRevoked);
    waitingBytes = waiting.stream().mapToLong(Outgoing::size).sum();
  }

  /** Returns how many messages wait. */
  synchronized int waitingMessages() {
    return waiting.size();
  }

  /** Returns how many bytes of payload wait. */
  synchronized long waitingBytes() {
    return waitingBytes;
  }
}
