package io.longspan.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.access.AuthorizationService;
import io.longspan.access.AuthorizationService.Operation;
import io.longspan.access.AuthorizationService.Question;
import io.longspan.access.AuthorizationService.Verdict;
import io.longspan.budget.MemoryBudget;
import io.longspan.budget.Purpose;
import io.longspan.identity.Identity;
import io.longspan.protocol.DestinationName;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Who is asked about when, and what becomes of those who have to wait. */
final class AuthorizationQueueTest {
  private static final Verdict YES = new Verdict(Verdict.Kind.ALLOWED, Duration.ofMinutes(1));

  private final MemoryBudget memory = new MemoryBudget(1L << 30, 1L << 30);
  private final List<Runnable> later = new ArrayList<>();
  private final Deque<Question> asked = new ArrayDeque<>();
  private final Deque<CompletableFuture<Verdict>> answers = new ArrayDeque<>();
  private boolean answerAtOnce;
  private long now;
  private final AuthorizationQueue queue =
      new AuthorizationQueue(this::service, memory, (task, delay) -> later.add(task), () -> now);

  private CompletableFuture<Verdict> service(Question question) {
    asked.add(question);
    CompletableFuture<Verdict> answer = new CompletableFuture<>();
    if (answerAtOnce) {
      answer.complete(YES);
    } else {
      answers.add(answer);
    }
    return answer;
  }

  private static Question question(String service, String user, int number) {
    return new Question(
        service,
        Operation.CAN_SUBSCRIBE,
        new Identity(user, Set.of()),
        DestinationName.parse("graphs/g" + number));
  }

  private CompletableFuture<Verdict> ask(String user, int number, boolean confirmation) {
    return queue.ask(question("authz", user, number), confirmation).toCompletableFuture();
  }

  private List<CompletableFuture<Verdict>> askMany(String user, int count) {
    return IntStream.range(0, count).mapToObj(i -> ask(user, i, false)).toList();
  }

  private void answerOne() {
    answers.remove().complete(YES);
  }

  private String lastUser() {
    return asked.getLast().identity().user();
  }

  private void runLater() {
    List<Runnable> due = List.copyOf(later);
    later.clear();
    due.forEach(Runnable::run);
  }

  @Test
  void aUserHasSoManyQuestionsInFlightAndAnotherItsOwn() {
    askMany("alice", 500);
    assertThat(asked).hasSize(ServiceQuestions.MAX_IN_FLIGHT_PER_USER);
    ask("bob", 0, false);
    assertThat(lastUser()).isEqualTo("bob");
    answerOne();
    assertThat(lastUser()).isEqualTo("alice");
    assertThat(asked).hasSize(ServiceQuestions.MAX_IN_FLIGHT_PER_USER + 2);
  }

  @Test
  void usersTakeTurns() {
    for (int i = 0; i < 20; i++) {
      askMany("user" + i, ServiceQuestions.MAX_IN_FLIGHT_PER_USER);
    }
    assertThat(asked).hasSize(ServiceQuestions.MAX_IN_FLIGHT - ServiceQuestions.RESERVED);
    askMany("greedy", 1000);
    ask("bob", 0, false);
    asked.clear();
    // One turn of each user that waits, and bob is among them.
    for (int i = 0; i < 25; i++) {
      answerOne();
    }
    assertThat(asked).anyMatch(question -> question.identity().user().equals("bob"));
  }

  @Test
  void confirmationsComeFirstAndNewQuestionsAreNotForgotten() {
    for (int i = 0; i < 40; i++) {
      askMany("user" + i, ServiceQuestions.MAX_IN_FLIGHT_PER_USER);
    }
    int before = asked.size();
    for (int i = 0; i < ServiceQuestions.RESERVED; i++) {
      ask("bob" + i, 0, true);
    }
    assertThat(asked)
        .as("at once, in what is reserved")
        .hasSize(before + ServiceQuestions.RESERVED);
    for (int i = 0; i < 200; i++) {
      ask("carol" + i, 0, true);
    }
    asked.clear();
    // Until there are fewer in flight than new questions may take.
    for (int i = 0; i < 100; i++) {
      answerOne();
    }
    assertThat(asked).allMatch(question -> question.identity().user().startsWith("carol"));
    for (int i = 0; i < 200; i++) {
      answerOne();
    }
    assertThat(asked).anyMatch(question -> question.identity().user().startsWith("user"));
  }

  @Test
  void whatIsBeyondAUsersBoundIsNotAskedAndNobodyElseIsRefused() {
    List<CompletableFuture<Verdict>> all =
        askMany(
            "alice",
            ServiceQuestions.MAX_IN_FLIGHT_PER_USER + ServiceQuestions.MAX_WAITING_PER_USER + 1);
    assertThat(all.get(all.size() - 1)).isCompletedWithValue(Verdict.NOT_ASKED);
    assertThat(all.get(all.size() - 2)).isNotDone();
    assertThat(ask("bob", 0, false)).isNotDone();
    assertThat(queue.notAsked()).isEqualTo(1);
  }

  @Test
  void theUserWhoHasMostWaitingMakesRoom() {
    for (int i = 0; queue.waiting() < ServiceQuestions.MAX_WAITING; i++) {
      askMany("user" + i, 2000);
    }
    long refused = queue.notAsked();
    assertThat(ask("bob", 0, false)).isNotDone();
    assertThat(queue.waiting()).isEqualTo(ServiceQuestions.MAX_WAITING);
    assertThat(queue.notAsked()).isEqualTo(refused + 1);
  }

  @Test
  void whatWaitsTooLongIsNotAsked() {
    List<CompletableFuture<Verdict>> all = askMany("alice", 33);
    CompletableFuture<Verdict> confirmation = ask("alice", 100, true);
    now = ServiceQuestions.PATIENCE - 1;
    runLater();
    assertThat(all.get(32)).isNotDone();
    now++;
    runLater();
    assertThat(all.get(32)).isCompletedWithValue(Verdict.NOT_ASKED);
    assertThat(all.get(0)).as("in flight").isNotDone();
    assertThat(confirmation).isNotDone();
    now = ServiceQuestions.CONFIRMATION_PATIENCE;
    runLater();
    assertThat(confirmation).isCompletedWithValue(Verdict.NOT_ASKED);
    assertThat(later).isEmpty();
  }

  @Test
  void aSilentServiceHoldsUpNoOther() {
    askMany("alice", 1000);
    asked.clear();
    queue.ask(question("other", "alice", 0));
    assertThat(asked).hasSize(1);
  }

  @Test
  void whatWaitsIsPaidForByItsUserAndEverythingIsFreedAtTheEnd() {
    List<CompletableFuture<Verdict>> all = askMany("alice", 1000);
    assertThat(memory.user("alice").used()).isPositive();
    assertThat(memory.used(Purpose.REQUESTS)).isPositive();
    while (!answers.isEmpty()) {
      answerOne();
    }
    assertThat(all).allMatch(CompletableFuture::isDone);
    assertThat(memory.used(Purpose.REQUESTS)).isZero();
    assertThat(queue.waiting()).isZero();
  }

  @Test
  void aUserWithoutMemoryIsNotAskedAbout() {
    AuthorizationQueue poor =
        new AuthorizationQueue(
            this::service, new MemoryBudget(1 << 20, 2000), (task, delay) -> {}, () -> now);
    poor.ask(question("authz", "alice", 0));
    assertThat(poor.ask(question("authz", "alice", 1)).toCompletableFuture())
        .isCompletedWithValue(Verdict.NOT_ASKED);
  }

  /** A recursion would not come back from so many. */
  @Test
  void answersThatComeAtOnceAreTakenInALoop() {
    List<CompletableFuture<Verdict>> all = askMany("alice", 2000);
    answerAtOnce = true;
    while (!answers.isEmpty()) {
      answerOne();
    }
    assertThat(all).allMatch(CompletableFuture::isDone);
  }

  @Test
  void whoWaitsForCapacityIsToldApartFromWhomASilentServiceLeavesWaiting() {
    askMany("alice", 33);
    Question waiting = question("authz", "alice", 32);
    Question sent = question("authz", "alice", 0);
    now = 750;
    assertThat(queue.isHeldUp(waiting)).as("not sent").isTrue();
    assertThat(queue.isHeldUp(sent)).as("silence").isFalse();
    CompletableFuture<Verdict> last = answers.removeLast();
    last.complete(YES);
    assertThat(queue.isHeldUp(sent)).as("others are answered").isTrue();
    assertThat(queue.isHeldUp(waiting)).as("sent just now").isTrue();
    now += ServiceQuestions.SLOWNESS * 750;
    assertThat(queue.isHeldUp(waiting)).isFalse();
    assertThat(queue.isHeldUp(question("authz", "bob", 0))).isFalse();
  }

  @Test
  void aServiceThatWasSlowLatelyHasMoreTime() {
    Question question = question("authz", "alice", 0);
    queue.ask(question);
    now = 400;
    answers.removeLast().complete(YES);

    now = 1_000;
    queue.ask(question);
    now += 4 * 400 - 1;
    assertThat(queue.isHeldUp(question)).as("as slow as before").isTrue();
    now++;
    assertThat(queue.isHeldUp(question)).as("silent").isFalse();

    answers.removeLast().complete(YES);
    now += 3 * ServiceQuestions.LATELY;
    queue.ask(question);
    now += ServiceQuestions.SILENCE;
    assertThat(queue.isHeldUp(question)).as("fast for a while").isFalse();
  }

  @Test
  void aFaultOfTheServiceIsNoAnswer() {
    AuthorizationService broken =
        question -> CompletableFuture.failedFuture(new IllegalStateException());
    assertThat(
            new AuthorizationQueue(broken, memory, (task, delay) -> {}, () -> now)
                .ask(question("authz", "alice", 0))
                .toCompletableFuture())
        .isCompletedWithValue(Verdict.NONE);
  }
}
