package io.longspan.jms;

import io.longspan.bridge.MessageBroker.Outbound;
import io.longspan.bridge.MessageBroker.Source;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.ErrorCode;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * The messages of one connection that wait for the broker, from {@link #offer} until each is
 * settled: taken by the broker, refused, or over its {@link #DEADLINE}.
 *
 * <ul>
 *   <li>Order: messages of one client to one destination are a stream; a lane that takes one keeps
 *       the rest of the stream waiting until it has handed it to the provider.
 *   <li>Fairness: users have their turns round robin, also those that wait for one destination.
 *   <li>Bounds: messages are refused beyond the {@code MAX_} constants, and wait here, not in the
 *       provider, beyond the {@link Windows}. So a destination that takes nothing, or a user who
 *       sends to many such, holds up nobody else.
 * </ul>
 *
 * <p>Called on any thread. Only {@link #take} waits. The lock is held for moves within this object;
 * futures are completed without it.
 */
final class SendQueue {
  static final int MAX_PER_CLIENT = 1_000;
  static final int MAX_PER_USER = 4_000;
  static final int MAX_PER_DESTINATION = 10_000;
  static final int MAX_TOTAL = 40_000;

  /**
   * How long a message may wait for the broker in all. Longer than a provider's call may take, so
   * that the provider's own refusal comes first; shorter than clients wait for their receipt.
   */
  static final Duration DEADLINE = JmsProvider.CALL_TIMEOUT.plusSeconds(3);

  /** How long the broker may take over one message before its destination counts as slow. */
  static final Duration SLOW = Duration.ofMillis(250);

  /**
   * How many messages the provider may have, whose fate is not known.
   *
   * @param destination to one destination
   * @param slowDestination to one destination that is slow
   * @param user of one user, apart from those over their deadline
   * @param userInAll of one user
   */
  record Windows(int destination, int slowDestination, int user, int userInAll) {
    /** For a provider whose sends return before the broker has answered. */
    static final Windows PIPELINED = new Windows(128, 8, 256, 1_024);

    /** For a provider whose sends wait: each message occupies a lane. */
    static final Windows BLOCKING = new Windows(4, 1, 6, 6);
  }

  /** One message. Its fields are guarded by the queue's lock. */
  static final class Item {
    private final CompletableFuture<Void> sent = new CompletableFuture<>();
    private final Stream stream;
    private final long since;

    /** Null once settled: the provider may keep the item for longer. */
    private Outbound message;

    private long takenAt;
    private boolean taken;
    private boolean answered;

    private Item(Outbound message, Stream stream, long since) {
      this.message = message;
      this.stream = stream;
      this.since = since;
    }

    private boolean isSettled() {
      return message == null;
    }
  }

  /** An item that a lane has taken, with its message. */
  record Taken(Item item, Outbound message) {}

  /** A user; the bridge itself has the empty name and no bounds. */
  private static final class User {
    private final String name;
    private int streams;

    /** Unsettled messages. */
    private int open;

    /** Unsettled messages that the provider has. */
    private int inFlight;

    /** Messages that the provider has, settled or not. */
    private int unanswered;

    private User(String name) {
      this.name = name;
    }

    private boolean isBridge() {
      return name.isEmpty();
    }
  }

  /** A queue, a topic or a reply address. */
  private static final class Target {
    private final Object key;

    /** Ready streams that wait for room in the destination's window. */
    private final FairTurns<User, Stream> parked = new FairTurns<>();

    private int streams;
    private int open;
    private int unanswered;
    private boolean slow;

    private Target(Object key) {
      this.key = key;
    }
  }

  private record StreamKey(String client, Object destination) {}

  /** The messages of one client to one destination, in their order. */
  private static final class Stream {
    private final StreamKey key;
    private final User user;
    private final Target target;
    private final Queue<Item> waiting = new ArrayDeque<>(4);

    /** Whether a lane hands a message of it to the provider. */
    private boolean busy;

    /** Whether it is among the ready or the parked streams. */
    private boolean listed;

    private Stream(StreamKey key, User user, Target target) {
      this.key = key;
      this.user = user;
      this.target = target;
    }
  }

  private final Windows windows;
  private final LongSupplier nanoTime;
  private final ReentrantLock lock = new ReentrantLock();

  /** Signalled when a message has become ready, and at the end. */
  private final Condition ready = lock.newCondition();

  // All guarded by the lock.
  private final FairTurns<User, Stream> turns = new FairTurns<>();
  private final Map<StreamKey, Stream> streams = new HashMap<>();
  private final Map<String, User> users = new HashMap<>();
  private final Map<Object, Target> targets = new HashMap<>();
  private final Map<String, Integer> openOfClient = new HashMap<>();

  /** Unsettled messages, the oldest first. */
  private final Set<Item> open = new LinkedHashSet<>();

  /** Messages that the provider has, those first that it has had for longest. */
  private final Set<Item> unanswered = new LinkedHashSet<>();

  private int idleLanes;
  private boolean closed;

  /**
   * Creates an empty queue.
   *
   * @param nanoTime a clock as {@link System#nanoTime}
   */
  SendQueue(Windows windows, LongSupplier nanoTime) {
    this.windows = windows;
    this.nanoTime = nanoTime;
  }

  /**
   * Adds a message; never blocks.
   *
   * @param source who it is from; the bridge's own messages have an empty user
   * @param destination what is equal for messages whose order must be kept
   * @return completes when the broker has taken the message, on any thread; fails with {@code
   *     limitExceeded}, {@code sendFailed} or {@code brokerUnavailable}
   */
  CompletionStage<Void> offer(Outbound message, Source source, Object destination) {
    lock.lock();
    try {
      if (closed) {
        return CompletableFuture.failedFuture(BridgeException.brokerUnavailable(null));
      }
      User user = users.computeIfAbsent(source.user(), User::new);
      Target target = targets.computeIfAbsent(destination, Target::new);
      int ofClient = openOfClient.getOrDefault(source.client(), 0);
      String full = full(user, target, ofClient);
      if (full != null) {
        forgetIfIdle(user);
        forgetIfIdle(target);
        return CompletableFuture.failedFuture(BridgeException.limitExceeded(full));
      }
      Stream stream =
          streams.computeIfAbsent(
              new StreamKey(source.client(), destination), key -> newStream(key, user, target));
      Item item = new Item(message, stream, nanoTime.getAsLong());
      open.add(item);
      openOfClient.put(source.client(), ofClient + 1);
      stream.user.open++;
      stream.target.open++;
      stream.waiting.add(item);
      list(stream);
      return item.sent;
    } finally {
      lock.unlock();
    }
  }

  private static Stream newStream(StreamKey key, User user, Target target) {
    user.streams++;
    target.streams++;
    return new Stream(key, user, target);
  }

  /** Returns why a message is refused; null if it isn't. */
  private String full(User user, Target target, int ofClient) {
    if (open.size() >= MAX_TOTAL) {
      return "too many messages wait for the broker";
    }
    if (user.isBridge()) {
      return null;
    }
    if (ofClient >= MAX_PER_CLIENT) {
      return "more than " + MAX_PER_CLIENT + " messages of this client wait for the broker";
    }
    if (user.open >= MAX_PER_USER) {
      return "more than " + MAX_PER_USER + " messages of this user wait for the broker";
    }
    if (target.open >= MAX_PER_DESTINATION) {
      return "too many messages wait for this destination";
    }
    return null;
  }

  /**
   * Waits for the next message; the lane that has taken it calls {@link #handedOver} afterwards.
   *
   * @return null when the queue is closed
   */
  Taken take() throws InterruptedException {
    lock.lock();
    try {
      while (!closed) {
        Taken next = next();
        if (next != null) {
          return next;
        }
        idleLanes++;
        try {
          ready.await();
        } finally {
          idleLanes--;
        }
      }
      return null;
    } finally {
      lock.unlock();
    }
  }

  private Taken next() {
    Stream stream;
    while ((stream = turns.poll(this::hasRoom)) != null) {
      stream.listed = false;
      if (stream.waiting.isEmpty()) {
        forgetIfIdle(stream);
      } else if (stream.target.unanswered >= window(stream.target)) {
        stream.listed = true;
        stream.target.parked.add(stream.user, stream);
      } else {
        return take(stream);
      }
    }
    return null;
  }

  private Taken take(Stream stream) {
    Item item = stream.waiting.remove();
    item.taken = true;
    item.takenAt = nanoTime.getAsLong();
    stream.busy = true;
    stream.user.inFlight++;
    stream.user.unanswered++;
    stream.target.unanswered++;
    unanswered.add(item);
    return new Taken(item, item.message);
  }

  private boolean hasRoom(User user) {
    return user.isBridge()
        || (user.inFlight < windows.user() && user.unanswered < windows.userInAll());
  }

  private int window(Target target) {
    return target.slow ? windows.slowDestination() : windows.destination();
  }

  /** The provider's call for a message has ended, so that the next one of its stream may follow. */
  void handedOver(Item item) {
    lock.lock();
    try {
      item.stream.busy = false;
      list(item.stream);
      forgetIfIdle(item.stream);
    } finally {
      lock.unlock();
    }
  }

  /** Lists a stream among the ready ones, if it is. */
  private void list(Stream stream) {
    if (!stream.busy && !stream.listed && !stream.waiting.isEmpty()) {
      stream.listed = true;
      turns.add(stream.user, stream);
      wakeLane();
    }
  }

  /** A user or a destination has room again. */
  private void wakeIfReady() {
    if (turns.size() > 0) {
      wakeLane();
    }
  }

  private void wakeLane() {
    if (idleLanes > 0) {
      ready.signal();
    }
  }

  /**
   * The broker has answered, or the provider has given up.
   *
   * @param failure null if the broker has taken the message
   * @return whether the message was settled by that, not before
   */
  boolean answered(Item item, BridgeException failure) {
    boolean settled;
    lock.lock();
    try {
      if (item.answered) {
        return false;
      }
      item.answered = true;
      Target target = item.stream.target;
      unanswered.remove(item);
      item.stream.user.unanswered--;
      target.unanswered--;
      if (failure == null) {
        target.slow = isSlow(item, nanoTime.getAsLong());
      }
      settled = settle(item);
      unpark(target);
      wakeIfReady();
      forgetIfIdle(item.stream.user);
      forgetIfIdle(target);
    } finally {
      lock.unlock();
    }
    if (settled) {
      complete(item, failure);
    }
    return settled;
  }

  private void unpark(Target target) {
    int room = window(target) - target.unanswered;
    Stream stream;
    while (room-- > 0 && (stream = target.parked.poll()) != null) {
      turns.add(stream.user, stream);
      wakeLane();
    }
  }

  private static boolean isSlow(Item item, long now) {
    return now - item.takenAt > SLOW.toNanos();
  }

  /** The one place where a message ceases to be open; the caller completes its future. */
  private boolean settle(Item item) {
    if (item.isSettled()) {
      return false;
    }
    item.message = null;
    open.remove(item);
    Stream stream = item.stream;
    openOfClient.computeIfPresent(stream.key.client(), (c, count) -> count == 1 ? null : count - 1);
    stream.user.open--;
    stream.target.open--;
    if (item.taken) {
      stream.user.inFlight--;
      wakeIfReady();
    } else {
      // The oldest of its stream: messages are overdue in the order in which they came.
      stream.waiting.remove();
    }
    return true;
  }

  private static void complete(Item item, BridgeException failure) {
    if (failure == null) {
      item.sent.complete(null);
    } else {
      item.sent.completeExceptionally(failure);
    }
  }

  /**
   * What the clock shows.
   *
   * @param overdue messages that a lane has taken and that have failed now, in no state to be
   *     repeated
   * @param slow how many messages the provider has had for longer than {@link #SLOW}
   */
  record Tick(List<Item> overdue, int slow) {}

  /** Fails what is over its deadline, and finds destinations that are slow; called regularly. */
  Tick tick() {
    List<Item> overdue = new ArrayList<>();
    int slow = 0;
    lock.lock();
    try {
      long now = nanoTime.getAsLong();
      for (Item item : open) {
        if (now - item.since < DEADLINE.toNanos()) {
          break;
        }
        overdue.add(item);
      }
      for (Item item : unanswered) {
        if (!isSlow(item, now)) {
          break;
        }
        item.stream.target.slow = true;
        slow++;
      }
      overdue.forEach(this::settle);
      overdue.forEach(item -> withdrawIfEmpty(item.stream));
    } finally {
      lock.unlock();
    }
    overdue.forEach(item -> complete(item, late(item)));
    return new Tick(overdue.stream().filter(item -> item.taken).toList(), slow);
  }

  private static BridgeException late(Item item) {
    return new BridgeException(
        ErrorCode.SEND_FAILED,
        item.taken
            ? "the broker has not taken the message in %d s; it may take it yet"
                .formatted(DEADLINE.toSeconds())
            : "the destination took no messages for %d s; this one was not sent"
                .formatted(DEADLINE.toSeconds()));
  }

  private void withdrawIfEmpty(Stream stream) {
    if (stream.listed && stream.waiting.isEmpty()) {
      stream.listed =
          !turns.remove(stream.user, stream) && !stream.target.parked.remove(stream.user, stream);
    }
    forgetIfIdle(stream);
  }

  private void forgetIfIdle(Stream stream) {
    if (!stream.busy
        && !stream.listed
        && stream.waiting.isEmpty()
        && streams.remove(stream.key, stream)) {
      stream.user.streams--;
      stream.target.streams--;
      forgetIfIdle(stream.user);
      forgetIfIdle(stream.target);
    }
  }

  private void forgetIfIdle(User user) {
    if (user.streams == 0 && user.unanswered == 0) {
      users.remove(user.name, user);
    }
  }

  private void forgetIfIdle(Target target) {
    if (target.streams == 0 && target.unanswered == 0) {
      targets.remove(target.key, target);
    }
  }

  /** Returns how many messages are unsettled. */
  int size() {
    lock.lock();
    try {
      return open.size();
    } finally {
      lock.unlock();
    }
  }

  /** Returns a stage that completes when all that is unsettled now is settled. */
  CompletableFuture<Void> flushed() {
    CompletableFuture<?>[] waiting;
    lock.lock();
    try {
      waiting = open.stream().map(item -> item.sent).toArray(CompletableFuture[]::new);
    } finally {
      lock.unlock();
    }
    return CompletableFuture.allOf(waiting).handle((all, failure) -> null);
  }

  /** Fails every message with {@code brokerUnavailable}, and ends the lanes. Idempotent. */
  void close() {
    List<Item> failed;
    lock.lock();
    try {
      closed = true;
      failed = List.copyOf(open);
      // In their order, so that each is the first of its stream.
      failed.forEach(this::settle);
      ready.signalAll();
    } finally {
      lock.unlock();
    }
    failed.forEach(item -> complete(item, BridgeException.brokerUnavailable(null)));
  }

  @Override
  public String toString() {
    lock.lock();
    try {
      return "SendQueue (open=%d, unanswered=%d, streams=%d)"
          .formatted(open.size(), unanswered.size(), streams.size());
    } finally {
      lock.unlock();
    }
  }
}
