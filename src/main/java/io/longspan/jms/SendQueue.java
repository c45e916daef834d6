package io.longspan.jms;

import io.longspan.bridge.MessageBroker.Outbound;
import io.longspan.bridge.MessageBroker.Source;
import io.longspan.concurrent.FairTurns;
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
 * The messages that one connection sends, from {@link #offer} until each is settled. A message is
 * settled when the broker has accepted or rejected it, when its {@link #DEADLINE} has passed, or
 * when the queue is closed.
 *
 * <ul>
 *   <li>Order: the messages of one client to one destination are a stream. A producer session takes
 *       one message of a stream. The rest of the stream waits until the session has handed that
 *       message to the provider.
 *   <li>Fairness: users have their turns round robin, also if they wait for the same destination.
 *   <li>Bounds: {@link #offer} rejects messages beyond the {@code MAX_} constants. Beyond the
 *       {@link Windows}, messages wait here and not in the provider. So a full destination does not
 *       delay other destinations. A user who sends to many full destinations does not delay other
 *       users.
 * </ul>
 *
 * <p>May be called on any thread. Only {@link #take} blocks. The lock guards the fields; futures
 * are completed outside it.
 */
final class SendQueue {
  static final int MAX_PER_CLIENT = 1_000;
  static final int MAX_PER_USER = 4_000;
  static final int MAX_PER_DESTINATION = 10_000;
  static final int MAX_TOTAL = 40_000;

  /**
   * Maximum time from {@link #offer} until a message is settled. It is longer than a provider's
   * call, so that the provider's own error comes first. It is shorter than the time that clients
   * wait for a receipt.
   */
  static final Duration DEADLINE = JmsProvider.CALL_TIMEOUT.plusSeconds(3);

  /**
   * A destination counts as slow if the broker has not answered one of its messages for this time.
   */
  static final Duration SLOW = Duration.ofMillis(250);

  /**
   * Maximum numbers of messages in flight: handed to the provider, without an answer yet.
   *
   * @param destination to one destination
   * @param slowDestination to one slow destination
   * @param user of one user, without overdue messages
   * @param userInAll of one user, with overdue messages
   */
  record Windows(int destination, int slowDestination, int user, int userInAll) {
    /** For a provider whose sends return before the broker has answered. */
    static final Windows PIPELINED = new Windows(128, 8, 256, 1_024);

    /** For a provider whose sends block: each message in flight occupies a session. */
    static final Windows BLOCKING = new Windows(4, 1, 6, 6);
  }

  /** One message. The queue's lock guards its fields. */
  static final class Item {
    private final CompletableFuture<String> sent = new CompletableFuture<>();
    private final Stream stream;
    private final long since;

    /**
     * Null once settled. The provider may hold the item longer, so the message must not stay in
     * memory.
     */
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

  /** An item that a producer session has taken, with its message. */
  record Taken(Item item, Outbound message) {}

  /**
   * A user. The bridge itself has the empty name; only {@link #MAX_TOTAL} and the windows of the
   * destinations bound it.
   */
  private static final class User {
    private final String name;
    private int streams;

    /** Number of unsettled messages. */
    private int open;

    /** Number of unsettled messages in flight. */
    private int inFlight;

    /** Number of messages in flight, settled or not. */
    private int unanswered;

    private User(String name) {
      this.name = name;
    }

    private boolean isBridge() {
      return name.isEmpty();
    }
  }

  /** A destination: a queue, a topic or a reply address. */
  private static final class Target {
    private final Object key;

    /** Ready streams that wait until the destination's window has room. */
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

  /** The messages of one client to one destination, in order. */
  private static final class Stream {
    private final StreamKey key;
    private final User user;
    private final Target target;
    private final Queue<Item> waiting = new ArrayDeque<>(4);

    /** Whether a producer session is handing one of its messages to the provider. */
    private boolean busy;

    /** Whether the stream is in {@link SendQueue#turns} or in {@link Target#parked}. */
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

  /** Signalled when a stream becomes ready, and when the queue is closed. */
  private final Condition ready = lock.newCondition();

  // The lock guards all fields below.
  private final FairTurns<User, Stream> turns = new FairTurns<>();
  private final Map<StreamKey, Stream> streams = new HashMap<>();
  private final Map<String, User> users = new HashMap<>();
  private final Map<Object, Target> targets = new HashMap<>();
  private final Map<String, Integer> openOfClient = new HashMap<>();

  /** Unsettled messages, the oldest first. */
  private final Set<Item> open = new LinkedHashSet<>();

  /** Messages in flight, in the order in which sessions took them. */
  private final Set<Item> unanswered = new LinkedHashSet<>();

  private int idleSessions;
  private boolean closed;

  /**
   * Creates an empty queue.
   *
   * @param windows the maximum numbers of messages in flight
   * @param nanoTime a clock in nanoseconds, like {@link System#nanoTime}
   */
  SendQueue(Windows windows, LongSupplier nanoTime) {
    this.windows = windows;
    this.nanoTime = nanoTime;
  }

  /**
   * Adds a message; never blocks.
   *
   * @param message the message
   * @param source the sender; the user name of the bridge itself is empty
   * @param destination a key of the destination; messages with equal keys and the same client keep
   *     their order
   * @return completes when the broker has accepted the message, on any thread. Fails with a {@link
   *     BridgeException}: {@code limitExceeded}, {@code sendFailed}, {@code brokerUnavailable} or
   *     {@code internalError}
   */
  CompletionStage<String> offer(Outbound message, Source source, Object destination) {
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

  /** Returns the reason to reject a message; null to accept it. */
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
   * Waits for the next message; blocks. The session that takes a message must call {@link
   * #handedOver} after the provider's call.
   *
   * @return null if the queue is closed
   * @throws InterruptedException if the session is interrupted while it waits
   */
  Taken take() throws InterruptedException {
    lock.lock();
    try {
      while (!closed) {
        Taken next = next();
        if (next != null) {
          return next;
        }
        idleSessions++;
        try {
          ready.await();
        } finally {
          idleSessions--;
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

  /**
   * Records that the provider's call for a message has ended, so that a session may take the next
   * message of the stream.
   */
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

  /** Adds a stream to the turns if it is ready and not listed. */
  private void list(Stream stream) {
    if (!stream.busy && !stream.listed && !stream.waiting.isEmpty()) {
      stream.listed = true;
      turns.add(stream.user, stream);
      wakeSession();
    }
  }

  /** Wakes a producer session if a stream is ready, because a window has room. */
  private void wakeIfReady() {
    if (turns.size() > 0) {
      wakeSession();
    }
  }

  private void wakeSession() {
    if (idleSessions > 0) {
      ready.signal();
    }
  }

  /**
   * Records that the broker has accepted a message.
   *
   * @param messageId its {@code JMSMessageID}; null if the provider gives none
   */
  void accepted(Item item, String messageId) {
    if (answered(item, true)) {
      item.sent.complete(messageId);
    }
  }

  /**
   * Records that the broker has refused a message, or that the provider's call has failed.
   *
   * @return true if this answer settled the message; false if it was settled before
   */
  boolean refused(Item item, BridgeException failure) {
    boolean settled = answered(item, false);
    if (settled) {
      item.sent.completeExceptionally(failure);
    }
    return settled;
  }

  private boolean answered(Item item, boolean accepted) {
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
      if (accepted) {
        target.slow = isSlow(item, nanoTime.getAsLong());
      }
      boolean settled = settle(item);
      unpark(target);
      wakeIfReady();
      forgetIfIdle(item.stream.user);
      forgetIfIdle(target);
      return settled;
    } finally {
      lock.unlock();
    }
  }

  private void unpark(Target target) {
    int room = window(target) - target.unanswered;
    Stream stream;
    while (room-- > 0 && (stream = target.parked.poll()) != null) {
      turns.add(stream.user, stream);
      wakeSession();
    }
  }

  private static boolean isSlow(Item item, long now) {
    return now - item.takenAt > SLOW.toNanos();
  }

  /**
   * Settles a message; the only place that does. The caller completes the future outside the lock.
   *
   * @return false if the message was settled before
   */
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
      // Removes this message: callers settle the messages of a stream in order, so it is the
      // oldest.
      stream.waiting.remove();
    }
    return true;
  }

  /**
   * The result of a check of the deadlines.
   *
   * @param overdue the overdue messages that a session has taken; they failed just now, and the
   *     broker may still accept them
   * @param slow the number of messages in flight for longer than {@link #SLOW}
   */
  record Tick(List<Item> overdue, int slow) {}

  /**
   * Fails overdue messages and marks slow destinations. Called regularly by the pool's watch; never
   * blocks.
   */
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
    overdue.forEach(item -> item.sent.completeExceptionally(late(item)));
    return new Tick(overdue.stream().filter(item -> item.taken).toList(), slow);
  }

  private static BridgeException late(Item item) {
    return new BridgeException(
        ErrorCode.SEND_FAILED,
        item.taken
            ? "the broker has not answered within %d s; it may still accept the message"
                .formatted(DEADLINE.toSeconds())
            : "the destination accepted no messages for %d s; this message was not sent"
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

  /** Returns the number of unsettled messages. */
  int size() {
    lock.lock();
    try {
      return open.size();
    } finally {
      lock.unlock();
    }
  }

  /** Returns a stage that completes when all messages that are unsettled now are settled. */
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

  /**
   * Fails every message with {@code brokerUnavailable} and ends the sessions. Never blocks.
   * Idempotent.
   */
  void close() {
    List<Item> failed;
    lock.lock();
    try {
      closed = true;
      failed = List.copyOf(open);
      // In order, so that each message is the oldest of its stream.
      failed.forEach(this::settle);
      ready.signalAll();
    } finally {
      lock.unlock();
    }
    failed.forEach(
        item -> item.sent.completeExceptionally(BridgeException.brokerUnavailable(null)));
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
