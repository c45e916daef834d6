package io.longspan.bridge;

import io.longspan.access.AuthorizationService;
import io.longspan.budget.MemoryBudget;
import io.longspan.concurrent.InternalErrors;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * Shares authorisation services among users (protocol section 11). It bounds the questions that
 * wait and those in flight, for each user and in total. Each service has queues of its own, so that
 * a silent service delays no other.
 *
 * <p>A question that cannot be sent in time completes with {@code NOT_ASKED}, which is not a
 * refusal.
 *
 * <p>Called on any thread; never blocks.
 */
public final class AuthorizationQueue implements AuthorizationService {
  /** How often overdue questions are removed, in milliseconds. */
  private static final long SWEEP_PERIOD = 500;

  private final AuthorizationService service;
  private final MemoryBudget memory;
  private final Scheduler scheduler;
  private final Ticker ticker;
  private final LongAdder notAsked = new LongAdder();
  private final ConcurrentMap<String, ServiceState> services = new ConcurrentHashMap<>();

  /** The queues of one service, and the state of sending from them. */
  private final class ServiceState {
    private final ServiceQuestions questions = new ServiceQuestions(memory::user);

    /** The number of calls to send. The thread that raises it from 0 sends for all. */
    private final AtomicInteger wakeUps = new AtomicInteger();

    private final AtomicBoolean sweepScheduled = new AtomicBoolean();
  }

  /**
   * Creates empty queues.
   *
   * @param service asked within the bounds
   * @param memory the accounts that waiting questions are charged to
   */
  public AuthorizationQueue(
      AuthorizationService service, MemoryBudget memory, Scheduler scheduler, Ticker ticker) {
    this.service = service;
    this.memory = memory;
    this.scheduler = scheduler;
    this.ticker = ticker;
  }

  @Override
  public CompletionStage<Verdict> ask(Question question) {
    return ask(question, false);
  }

  @Override
  public CompletionStage<Verdict> ask(Question question, boolean confirmation) {
    ServiceState state = services.computeIfAbsent(question.queue(), queue -> new ServiceState());
    ServiceQuestions.Added added = state.questions.add(question, confirmation, ticker.millis());
    added.displaced().ifPresent(this::refuse);
    if (added.waiting().isEmpty()) {
      notAsked.increment();
      return CompletableFuture.completedFuture(Verdict.NOT_ASKED);
    }
    send(state);
    scheduleSweep(state);
    return added.waiting().get().verdict;
  }

  @Override
  public boolean isHeldUp(Question question) {
    ServiceState state = services.get(question.queue());
    return state != null && state.questions.isHeldUp(question, ticker.millis());
  }

  /**
   * Sends the questions that may be sent. One thread at a time sends, in a loop: an answer that
   * arrives at once would otherwise recurse.
   */
  private void send(ServiceState state) {
    if (state.wakeUps.getAndIncrement() != 0) {
      return;
    }
    int handled = 1;
    while (handled > 0) {
      for (Optional<ServiceQuestions.Pending> next = state.questions.next(ticker.millis());
          next.isPresent();
          next = state.questions.next(ticker.millis())) {
        send(state, next.get());
      }
      handled = state.wakeUps.addAndGet(-handled);
    }
  }

  private void send(ServiceState state, ServiceQuestions.Pending question) {
    CompletionStage<Verdict> asked;
    try {
      asked = service.ask(question.question);
    } catch (RuntimeException | Error x) {
      InternalErrors.report("the request to an authorisation service", x);
      asked = CompletableFuture.failedFuture(x);
    }
    asked.whenComplete(
        (verdict, failure) -> {
          Verdict outcome = failure == null ? verdict : Verdict.NONE;
          boolean answered = outcome.kind() != Verdict.Kind.NO_ANSWER;
          state.questions.ended(question, answered, ticker.millis());
          question.verdict.complete(outcome);
          send(state);
        });
  }

  private void refuse(ServiceQuestions.Pending question) {
    notAsked.increment();
    question.verdict.complete(Verdict.NOT_ASKED);
  }

  private void scheduleSweep(ServiceState state) {
    if (state.questions.waiting() > 0 && state.sweepScheduled.compareAndSet(false, true)) {
      scheduler.schedule(
          () -> {
            state.sweepScheduled.set(false);
            state.questions.removeOverdue(ticker.millis()).forEach(this::refuse);
            scheduleSweep(state);
          },
          SWEEP_PERIOD);
    }
  }

  /** Returns the number of questions that wait to be sent. */
  public int waiting() {
    return services.values().stream().mapToInt(state -> state.questions.waiting()).sum();
  }

  /** Returns the number of questions that were not asked for want of capacity. */
  public long notAsked() {
    return notAsked.sum();
  }
}
