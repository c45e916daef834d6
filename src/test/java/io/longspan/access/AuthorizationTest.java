package io.longspan.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.access.AuthorizationService.Question;
import io.longspan.access.AuthorizationService.Verdict;
import io.longspan.access.AuthorizationService.Verdict.Kind;
import io.longspan.catalogue.CatalogueParser;
import io.longspan.catalogue.DestinationCatalogue;
import io.longspan.identity.Identity;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.DestinationName;
import io.longspan.protocol.ErrorCode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is asked of the authorisation service, how long it counts, and what a change does to it. */
final class AuthorizationTest {
  private static final Identity ALICE = new Identity("alice", Set.of("trader"));
  private static final Identity BOB = new Identity("bob", Set.of());
  private static final DestinationName GRAPH = DestinationName.parse("graphs/g");
  private static final Verdict YES = new Verdict(Kind.ALLOWED, Duration.ofMinutes(1));
  private static final Verdict NO = new Verdict(Kind.REFUSED, Duration.ofMinutes(1));

  private final DestinationCatalogue catalogue =
      new CatalogueParser()
          .parse(
              """
              destinations:
                - {name: "graphs/{g}", kind: topic, send: {ask: authz}, subscribe: {ask: authz}}
                - {name: "prices/{p}", kind: topic, subscribe: [trader]}
              """);
  private final List<Question> asked = new ArrayList<>();
  private final List<CompletableFuture<Verdict>> answers = new ArrayList<>();
  private long now;
  private final CatalogueAccessPolicy policy =
      new CatalogueAccessPolicy(() -> catalogue, this::ask, () -> now);

  @BeforeEach
  void hearChanges() {
    policy.hearsChanges(true);
  }

  private CompletionStage<Verdict> ask(Question question) {
    asked.add(question);
    CompletableFuture<Verdict> answer = new CompletableFuture<>();
    answers.add(answer);
    return answer;
  }

  private CompletableFuture<TopicGrant> subscribe(Identity identity) {
    return policy.maySubscribe(identity, GRAPH).toCompletableFuture();
  }

  private static RightsChange change(String destination) {
    return new RightsChange(
        Optional.of(DestinationName.parsePattern(destination)), Optional.empty(), Optional.empty());
  }

  private static ErrorCode codeOf(CompletableFuture<?> refused) {
    return refused.handle((granted, failure) -> BridgeException.from(failure).code()).join();
  }

  @Test
  void anAnswerCountsAsLongAsItSays() {
    CompletableFuture<TopicGrant> first = subscribe(ALICE);
    answers.get(0).complete(YES);
    assertThat(first).isCompleted();
    assertThat(subscribe(ALICE)).isCompleted();
    assertThat(asked).hasSize(1);
    now += Duration.ofSeconds(61).toNanos();
    assertThat(subscribe(ALICE)).isNotDone();
    assertThat(asked).hasSize(2);
  }

  @Test
  void anAnswerWithoutATimeCountsOnce() {
    subscribe(ALICE);
    answers.get(0).complete(new Verdict(Kind.ALLOWED, Duration.ZERO));
    subscribe(ALICE);
    assertThat(asked).hasSize(2);
  }

  @Test
  void aQuestionIsAskedOnceHoweverManyWaitForIt() {
    CompletableFuture<TopicGrant> first = subscribe(ALICE);
    CompletableFuture<TopicGrant> second = subscribe(ALICE);
    assertThat(asked).hasSize(1);
    answers.get(0).complete(YES);
    assertThat(first).isCompleted();
    assertThat(second).isCompleted();
  }

  @Test
  void otherUsersRolesAndOperationsAreOtherQuestions() {
    subscribe(ALICE);
    subscribe(BOB);
    subscribe(new Identity("alice", Set.of()));
    policy.maySend(ALICE, GRAPH);
    assertThat(asked).hasSize(4);
  }

  @Test
  void noAnswerIsADenialThatIsNotRemembered() {
    CompletableFuture<TopicGrant> refused = subscribe(ALICE);
    answers.get(0).complete(Verdict.NONE);
    assertThat(codeOf(refused)).isEqualTo(ErrorCode.NOT_AUTHORIZED);
    subscribe(ALICE);
    assertThat(asked).hasSize(2);
  }

  @Test
  void whoeverMayStayIsToldApartFromWhomNobodyCouldBeAskedAbout() {
    CompletableFuture<TopicGrant> unknown = policy.mayStay(ALICE, GRAPH).toCompletableFuture();
    answers.get(0).complete(Verdict.NONE);
    assertThat(codeOf(unknown)).isEqualTo(ErrorCode.BROKER_UNAVAILABLE);
    CompletableFuture<TopicGrant> refused = policy.mayStay(ALICE, GRAPH).toCompletableFuture();
    answers.get(1).complete(NO);
    assertThat(codeOf(refused)).isEqualTo(ErrorCode.NOT_AUTHORIZED);
  }

  @Test
  void whileChangesAreUnheardNothingIsGrantedThatOnlyTheyTakeAway() {
    subscribe(ALICE);
    answers.get(0).complete(YES);
    policy.hearsChanges(false);
    assertThat(codeOf(subscribe(ALICE)))
        .as("though the answer is remembered")
        .isEqualTo(ErrorCode.BROKER_UNAVAILABLE);
    assertThat(codeOf(policy.maySend(ALICE, GRAPH).toCompletableFuture()))
        .isEqualTo(ErrorCode.BROKER_UNAVAILABLE);
    assertThat(codeOf(policy.mayStay(ALICE, GRAPH).toCompletableFuture()))
        .as("as a question that has to wait")
        .isEqualTo(ErrorCode.LIMIT_EXCEEDED);
    assertThat(policy.isHeldUp(ALICE, GRAPH)).isTrue();
    assertThat(policy.needsEvents(ALICE, GRAPH)).isTrue();
    assertThat(asked).hasSize(1);

    DestinationName price = DestinationName.parse("prices/p");
    assertThat(policy.needsEvents(ALICE, price)).isFalse();
    assertThat(policy.maySubscribe(ALICE, price).toCompletableFuture()).isCompleted();
    policy.hearsChanges(true);
    assertThat(subscribe(ALICE)).isCompleted();
  }

  @Test
  void aDecisionThatBeganWhileChangesWereHeardIsMadeAgainWhenTheyAreNot() {
    CompletableFuture<TopicGrant> begun = subscribe(ALICE);
    policy.hearsChanges(false);
    policy.changed(RightsChange.EVERYTHING);
    answers.get(0).complete(YES);
    assertThat(codeOf(begun)).isEqualTo(ErrorCode.BROKER_UNAVAILABLE);
  }

  @Test
  void aCheckThatBeganBeforeAChangeIsMadeAgain() {
    CompletableFuture<TopicGrant> subscription = subscribe(ALICE);
    policy.changed(change("graphs/*"));
    answers.get(0).complete(YES);
    assertThat(subscription).isNotDone();
    assertThat(asked).hasSize(2);
    answers.get(1).complete(NO);
    assertThat(codeOf(subscription)).isEqualTo(ErrorCode.NOT_AUTHORIZED);
  }

  @Test
  void aSendThatWasCheckedBeforeAChangeIsCheckedAgain() {
    CompletableFuture<?> send = policy.maySend(ALICE, GRAPH).toCompletableFuture();
    policy.changed(change("graphs/**"));
    answers.get(0).complete(YES);
    assertThat(send).isNotDone();
    answers.get(1).complete(NO);
    assertThat(codeOf(send)).isEqualTo(ErrorCode.NOT_AUTHORIZED);
  }

  @Test
  void rightsThatNeverRestAreADenial() {
    CompletableFuture<TopicGrant> subscription = subscribe(ALICE);
    for (int i = 0; i < 10; i++) {
      policy.changed(RightsChange.EVERYTHING);
      answers.get(i).complete(YES);
    }
    assertThat(codeOf(subscription)).isEqualTo(ErrorCode.NOT_AUTHORIZED);
  }

  @Test
  void anAnswerThatComesAfterAChangeIsNotRemembered() {
    subscribe(ALICE);
    policy.changed(change("graphs/g"));
    answers.get(0).complete(YES);
    CompletableFuture<TopicGrant> next = subscribe(ALICE);
    assertThat(next).isNotDone();
  }

  @ParameterizedTest
  @CsvSource({
    "graphs/g,,,true",
    "graphs/*,,,true",
    "**,,,true",
    "graphs/other,,,false",
    "prices/*,,,false",
    "graphs/g,alice,,true",
    "graphs/g,bob,,false",
    "graphs/g,,trader,true",
    "graphs/g,,viewer,false",
    "graphs/g,bob,trader,true"
  })
  void aChangeConcernsWhomItNames(String destination, String user, String role, boolean concerned) {
    CompletableFuture<TopicGrant> granted = subscribe(ALICE);
    answers.get(0).complete(YES);
    policy.changed(
        new RightsChange(
            Optional.of(DestinationName.parsePattern(destination)),
            Optional.ofNullable(user),
            Optional.ofNullable(role)));
    assertThat(policy.isCurrent(ALICE, granted.join())).isEqualTo(!concerned);
    subscribe(ALICE);
    assertThat(asked).hasSize(concerned ? 2 : 1);
  }

  @Test
  void whoWasDecidedAboutTooLongAgoIsTakenToBeConcerned() {
    CompletableFuture<TopicGrant> granted = subscribe(ALICE);
    answers.get(0).complete(YES);
    for (int i = 0; i < 128; i++) {
      policy.changed(change("prices/x"));
    }
    assertThat(policy.isCurrent(ALICE, granted.join())).isTrue();
    policy.changed(change("prices/x"));
    assertThat(policy.isCurrent(ALICE, granted.join())).isFalse();
  }
}
