package io.longspan.bridge;

import io.longspan.access.AuthorizationService.Question;
import io.longspan.access.AuthorizationService.Verdict;
import io.longspan.budget.Account;
import io.longspan.budget.Purpose;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * The questions to one authorisation service that wait or are in flight. Users have their turns.
 * Confirmations of existing rights have priority over new questions.
 *
 * <p>Thread-safe. Under the lock, only queues are changed and accounts charged.
 */
final class ServiceQuestions {
  /** The maximum number of questions in flight. */
  static final int MAX_IN_FLIGHT = 256;

  /** How many of these are reserved for confirmations. */
  static final int RESERVED = 64;

  /** The maximum number of questions of one user in flight. */
  static final int MAX_IN_FLIGHT_PER_USER = 32;

  /** The maximum number of new questions that wait, and of confirmations that wait. */
  static final int MAX_WAITING = 20_000;

  /** The maximum number of new questions of one user that wait. */
  static final int MAX_WAITING_PER_USER = 2000;

  /** The maximum number of confirmations of one user that wait. */
  static final int MAX_CONFIRMATIONS_PER_USER = 5000;

  /** The maximum time that a new question waits to be sent, in milliseconds. */
  static final long PATIENCE = 5000;

  /** The maximum time that a confirmation waits to be sent, in milliseconds. */
  static final long CONFIRMATION_PATIENCE = 30_000;

  /**
   * A service counts as silent if it answers nothing for this long after a question was sent, in
   * milliseconds. A service that was slow lately has more time: {@link #SLOWNESS} times its slowest
   * answer.
   */
  static final long SILENCE = 500;

  static final int SLOWNESS = 4;

  /** How long an answer counts as one of lately, in milliseconds; at most twice as long. */
  static final long LATELY = 10_000;

  /** While both kinds wait, one in this many turns goes to a new question. */
  private static final int TURNS = 8;

  /** Estimated heap of a question and of the work that waits for its answer, in bytes. */
  private static final int QUESTION_BYTES = 1024;

  /** A question that waits or is in flight. Its fields are guarded by this object. */
  static final class Pending {
    final CompletableFuture<Verdict> verdict = new CompletableFuture<>();
    final Question question;
    final boolean confirmation;
    private final User user;
    private final long since;
    private boolean sent;
    private long sentAt;

    private Pending(Question question, boolean confirmation, User user, long since) {
      this.question = question;
      this.confirmation = confirmation;
      this.user = user;
      this.since = since;
    }

    private long patience() {
      return confirmation ? CONFIRMATION_PATIENCE : PATIENCE;
    }
  }

  private static final class User {
    private final String name;
    private final Account account;
    private final Deque<Pending> confirmations = new ArrayDeque<>(4);
    private final Deque<Pending> news = new ArrayDeque<>(4);
    private boolean confirmationTurn;
    private boolean newTurn;
    private int inFlight;

    User(String name, Account account) {
      this.name = name;
      this.account = account;
    }

    Deque<Pending> queue(boolean confirmation) {
      return confirmation ? confirmations : news;
    }

    boolean isIdle() {
      return inFlight == 0 && confirmations.isEmpty() && news.isEmpty();
    }
  }

  private final Function<String, Account> accounts;
  private final Map<String, User> users = new HashMap<>();
  private final Map<Question, Pending> pending = new HashMap<>();
  private final Deque<User> confirmationTurns = new ArrayDeque<>();
  private final Deque<User> newTurns = new ArrayDeque<>();
  private int confirmationsWaiting;
  private int newWaiting;
  private int inFlight;
  private int turn;
  private long lastAnswer = Long.MIN_VALUE;

  /** When the present period of {@link #LATELY} began. */
  private long periodSince;

  /** The longest time until an answer, in the present period and in the one before. */
  private long slowest;

  private long slowestBefore;

  /**
   * Creates empty queues.
   *
   * @param accounts returns the memory account of a user
   */
  ServiceQuestions(Function<String, Account> accounts) {
    this.accounts = accounts;
  }

  /**
   * The result of adding a question.
   *
   * @param waiting the question, if it waits now; empty if it will not be asked
   * @param displaced a question of another user that will not be asked, if it had to make room
   */
  record Added(Optional<Pending> waiting, Optional<Pending> displaced) {}

  /**
   * Adds a question. If too many new questions wait, the user with the most of them loses one.
   *
   * @param confirmation whether the user has the right already
   * @param now in milliseconds of the bridge's ticker
   */
  synchronized Added add(Question question, boolean confirmation, long now) {
    String name = question.identity().user();
    User user = users.computeIfAbsent(name, n -> new User(n, accounts.apply(n)));
    int own = user.queue(confirmation).size();
    Optional<Pending> displaced = Optional.empty();
    boolean room =
        own < (confirmation ? MAX_CONFIRMATIONS_PER_USER : MAX_WAITING_PER_USER)
            && (!confirmation || confirmationsWaiting < MAX_WAITING);
    if (room && !confirmation && newWaiting >= MAX_WAITING) {
      displaced = displace(own);
      room = displaced.isPresent();
    }
    if (!room || !user.account.tryCharge(Purpose.REQUESTS, QUESTION_BYTES)) {
      forgetIfIdle(user);
      return new Added(Optional.empty(), displaced);
    }
    Pending added = new Pending(question, confirmation, user, now);
    user.queue(confirmation).add(added);
    count(confirmation, 1);
    pending.put(question, added);
    giveTurn(user);
    return new Added(Optional.of(added), displaced);
  }

  private Optional<Pending> displace(int own) {
    User most = null;
    for (User user : users.values()) {
      if (user.news.size() > own + 1 && (most == null || user.news.size() > most.news.size())) {
        most = user;
      }
    }
    if (most == null) {
      return Optional.empty();
    }
    Pending last = most.news.removeLast();
    count(false, -1);
    ended(last);
    return Optional.of(last);
  }

  private void count(boolean confirmation, int change) {
    if (confirmation) {
      confirmationsWaiting += change;
    } else {
      newWaiting += change;
    }
  }

  /** Puts a user at the end of the queues in which it waits for a turn. */
  private void giveTurn(User user) {
    if (user.inFlight >= MAX_IN_FLIGHT_PER_USER) {
      return;
    }
    if (!user.confirmationTurn && !user.confirmations.isEmpty()) {
      user.confirmationTurn = true;
      confirmationTurns.add(user);
    }
    if (!user.newTurn && !user.news.isEmpty()) {
      user.newTurn = true;
      newTurns.add(user);
    }
  }

  /**
   * Takes the next question to send.
   *
   * @param now in milliseconds of the bridge's ticker
   * @return empty if none may be sent now
   */
  synchronized Optional<Pending> next(long now) {
    if (inFlight >= MAX_IN_FLIGHT) {
      return Optional.empty();
    }
    boolean newMayGo = inFlight < MAX_IN_FLIGHT - RESERVED;
    boolean newFirst = newMayGo && ++turn % TURNS == 0;
    Pending next = null;
    if (newFirst) {
      next = nextOf(false);
    }
    if (next == null) {
      next = nextOf(true);
    }
    if (next == null && newMayGo && !newFirst) {
      next = nextOf(false);
    }
    if (next != null) {
      next.sent = true;
      next.sentAt = now;
      inFlight++;
      next.user.inFlight++;
      giveTurn(next.user);
    }
    return Optional.ofNullable(next);
  }

  private Pending nextOf(boolean confirmation) {
    Deque<User> turns = confirmation ? confirmationTurns : newTurns;
    for (User user = turns.poll(); user != null; user = turns.poll()) {
      if (confirmation) {
        user.confirmationTurn = false;
      } else {
        user.newTurn = false;
      }
      if (user.inFlight < MAX_IN_FLIGHT_PER_USER) {
        Pending first = user.queue(confirmation).poll();
        if (first != null) {
          count(confirmation, -1);
          return first;
        }
        forgetIfIdle(user);
      }
    }
    return null;
  }

  /**
   * Removes a question in flight.
   *
   * @param answered whether the service has answered it
   * @param now in milliseconds of the bridge's ticker
   */
  synchronized void ended(Pending question, boolean answered, long now) {
    beginPeriod(now);
    if (answered) {
      lastAnswer = now;
      slowest = Math.max(slowest, now - question.sentAt);
    }
    inFlight--;
    question.user.inFlight--;
    giveTurn(question.user);
    ended(question);
  }

  private void beginPeriod(long now) {
    if (now - periodSince >= LATELY) {
      slowestBefore = now - periodSince < 2 * LATELY ? slowest : 0;
      slowest = 0;
      periodSince = now;
    }
  }

  private void ended(Pending question) {
    pending.remove(question.question, question);
    question.user.account.release(Purpose.REQUESTS, QUESTION_BYTES);
    forgetIfIdle(question.user);
  }

  private void forgetIfIdle(User user) {
    if (user.isIdle() && !user.confirmationTurn && !user.newTurn) {
      users.remove(user.name, user);
    }
  }

  /**
   * Removes and returns the questions that have waited too long to be sent.
   *
   * @param now in milliseconds of the bridge's ticker
   */
  synchronized List<Pending> removeOverdue(long now) {
    List<Pending> overdue = new ArrayList<>();
    for (User user : List.copyOf(users.values())) {
      for (boolean confirmation : new boolean[] {true, false}) {
        Deque<Pending> queue = user.queue(confirmation);
        while (!queue.isEmpty() && now - queue.peek().since >= queue.peek().patience()) {
          Pending first = queue.poll();
          count(confirmation, -1);
          ended(first);
          overdue.add(first);
        }
      }
    }
    return overdue;
  }

  /**
   * Returns whether the answer to a question is delayed for want of capacity. That is so if the
   * question was not sent yet, was sent just now, or the service has answered others since.
   *
   * @param now in milliseconds of the bridge's ticker
   */
  synchronized boolean isHeldUp(Question question, long now) {
    beginPeriod(now);
    long silence = Math.max(SILENCE, SLOWNESS * Math.max(slowest, slowestBefore));
    Pending asked = pending.get(question);
    return asked != null
        && (!asked.sent || now - asked.sentAt < silence || lastAnswer > asked.sentAt);
  }

  /** Returns the number of questions that wait to be sent. */
  synchronized int waiting() {
    return confirmationsWaiting + newWaiting;
  }
}
