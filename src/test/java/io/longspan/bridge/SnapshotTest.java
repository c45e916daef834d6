package io.longspan.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.budget.Purpose;
import io.longspan.catalogue.TopicPolicy.Keep;
import io.longspan.catalogue.TopicPolicy.SlowConsumer;
import io.longspan.protocol.SessionEnd;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The state first, then the changes (protocol section 17), step by step. */
final class SnapshotTest {
  private final SnapshotBench bench = new SnapshotBench();

  private void assertNothingIsLeft() {
    bench.scheduler.elapse(60_000);
    assertThat(bench.memory.used(Purpose.REQUESTS)).isZero();
    assertThat(bench.memory.used(Purpose.RETAINED)).isZero();
  }

  @Test
  void whatIsPublishedBeforeTheSnapshotComesFollowsIt() {
    bench.subscribe("alice");
    bench.publish(1);
    assertThat(bench.seen("alice")).isEmpty();
    bench.answer(bench.questions().get(0), "state");
    bench.publish(2);
    assertThat(bench.seen("alice")).containsExactly("state", "m1", "success", "m2");
    assertThat(bench.channel("alice").texts().get(0))
        .contains("\"type\":\"snapshot\"", "\"topic\":\"state\"")
        .doesNotContain("JMSCorrelationID");
    assertNothingIsLeft();
  }

  @Test
  void theServiceIsAskedInTheNameOfTheUser() {
    bench.subscribe("alice");
    assertThat(bench.questions().get(0).properties())
        .containsEntry("runAsUser", "alice")
        .containsEntry("bridgeClientId", "alice")
        .containsEntry("bodyFormat", "json");
    assertThat(bench.questions().get(0).body().toString())
        .contains("{\"operation\":\"snapshot\",\"topic\":\"state\",\"user\":\"alice\"}");
  }

  @Test
  void messagesThatTheSnapshotIncludesAreLeftOut() {
    bench.subscribe("alice");
    bench.publish(1);
    bench.publish(2);
    bench.publish(3);
    bench.answer(bench.questions().get(0), "state2", "snapshotThrough", "ID:2");
    assertThat(bench.seen("alice")).containsExactly("state2", "m3", "success");
  }

  @Test
  void aMessageThatTheSnapshotIncludesMayComeAfterIt() {
    bench.subscribe("alice");
    bench.publish(1);
    bench.answer(bench.questions().get(0), "state3", "snapshotThrough", "ID:3");
    assertThat(bench.seen("alice")).containsExactly("state3", "success");
    bench.publish(2);
    bench.publish(3);
    bench.publish(4);
    assertThat(bench.seen("alice")).containsExactly("state3", "success", "m4");
    assertNothingIsLeft();
  }

  @Test
  void aMessageOfBeforeTheConsumerHoldsUpTheNextOnesForAMoment() {
    bench.subscribe("alice");
    bench.answer(bench.questions().get(0), "state0", "snapshotThrough", "ID:0");
    bench.publish(1);
    assertThat(bench.seen("alice")).containsExactly("state0", "success");
    bench.scheduler.elapse(TopicSubscriptions.SETTLING);
    bench.publish(2);
    assertThat(bench.seen("alice")).containsExactly("state0", "success", "m1", "m2");
    assertNothingIsLeft();
  }

  @Test
  void theLastMessageBeforeTheQuestionHoldsNothingUp() {
    bench.subscribe("alice");
    bench.publish(1);
    bench.answer(bench.questions().get(0), "state1", "snapshotThrough", "ID:1");
    bench.subscribe("bob");
    bench.answer(bench.questions().get(1), "state1", "snapshotThrough", "ID:1");
    bench.publish(2);
    assertThat(bench.seen("bob")).containsExactly("state1", "success", "m2");
  }

  @Test
  void aServiceThatIsBehindIsMadeUpForByWhatIsKept() {
    bench.policy =
        SnapshotBench.policy(
            SlowConsumer.QUEUE, new Keep(10, 10_000, Duration.ofMinutes(1)), false);
    bench.subscribe("alice");
    bench.answer(bench.questions().get(0), "state0");
    bench.publish(1);
    bench.publish(2);
    bench.subscribe("bob");
    bench.answer(bench.questions().get(1), "state1", "snapshotThrough", "ID:1");
    bench.publish(3);
    assertThat(bench.seen("bob")).containsExactly("state1", "m2", "success", "m3");
  }

  @Test
  void anAnswerMayComeInParts() {
    bench.subscribe("alice");
    bench.answer(bench.questions().get(0), "a", "sequence", 1, "done", "false");
    bench.scheduler.elapse(SnapshotQuestion.PATIENCE - 1);
    bench.publish(1);
    bench.answer(bench.questions().get(0), "b", "sequence", 2, "done", "true");
    assertThat(bench.seen("alice")).containsExactly("a", "b", "m1", "success");
    assertNothingIsLeft();
  }

  @Test
  void anAnswerWithoutOneOfItsPartsIsNone() {
    bench.subscribe("alice");
    bench.answer(bench.questions().get(0), "a", "sequence", 1, "done", "false");
    bench.answer(bench.questions().get(0), "c", "sequence", 3, "done", "true");
    assertThat(bench.seen("alice")).containsExactly("failed");
    assertThat(bench.ends).containsOnly(Map.entry(SnapshotEnd.UNANSWERED, 1));
    assertNothingIsLeft();
  }

  @Test
  void withoutAnAnswerInTimeNothingIsSubscribed() {
    bench.subscribe("alice");
    bench.publish(1);
    bench.scheduler.elapse(SnapshotQuestion.PATIENCE - 1);
    assertThat(bench.seen("alice")).isEmpty();
    bench.scheduler.elapse(1);
    assertThat(bench.last("alice"))
        .contains("\"status\":\"failed\"", "brokerUnavailable", "\"temporary\":true");
    bench.answer(bench.questions().get(0), "late");
    bench.publish(2);
    assertThat(bench.seen("alice")).containsExactly("failed");
    bench.scheduler.elapse(TopicSubscriptions.LINGER);
    assertThat(bench.broker.open(SnapshotBench.TOPIC)).isEmpty();
    assertNothingIsLeft();
  }

  @Test
  void aServiceThatNeverComesToAnEndIsNotWaitedFor() {
    bench.subscribe("alice");
    for (int i = 1; i <= 4; i++) {
      bench.answer(bench.questions().get(0), "part", "sequence", i, "done", "false");
      bench.scheduler.elapse(SnapshotQuestion.PATIENCE / 2);
    }
    assertThat(bench.seen("alice")).containsExactly("failed");
    assertNothingIsLeft();
  }

  @Test
  void tooManyMessagesBeforeTheSnapshotEndTheWait() {
    bench.subscribe("alice");
    for (int i = 1; i <= SnapshotRounds.MAX_MESSAGES; i++) {
      bench.publish(i);
    }
    assertThat(bench.seen("alice")).isEmpty();
    bench.publish(SnapshotRounds.MAX_MESSAGES + 1);
    assertThat(bench.last("alice")).contains("limitExceeded", "\"temporary\":true");
    assertThat(bench.ends).containsOnly(Map.entry(SnapshotEnd.OVERTAKEN, 1));
    assertNothingIsLeft();
  }

  @Test
  void aSnapshotThatIsTooLargeForTheUserIsRefused() {
    SnapshotBench small = new SnapshotBench(200_000);
    small.subscribe("alice");
    String half = "x".repeat(80_000);
    small.answer(small.questions().get(0), half, "sequence", 1, "done", "false");
    small.answer(small.questions().get(0), half, "sequence", 2, "done", "false");
    small.answer(small.questions().get(0), half, "sequence", 3, "done", "true");
    assertThat(small.last("alice")).contains("limitExceeded");
    assertThat(small.ends).containsOnly(Map.entry(SnapshotEnd.TOO_LARGE, 1));
    assertThat(small.memory.used(Purpose.REQUESTS)).isZero();
  }

  @Test
  void clientsThatSubscribeWithinASecondShareAnAnswer() {
    bench.policy = SnapshotBench.policy(SlowConsumer.QUEUE, Keep.NOTHING, true);
    for (int i = 0; i < 250; i++) {
      bench.subscribe("early" + i);
    }
    bench.publish(1);
    bench.answer(bench.questions().get(0), "state0");
    bench.publish(2);
    bench.scheduler.elapse(SnapshotQuestions.SHARED_FOR - 1);
    for (int i = 0; i < 250; i++) {
      bench.subscribe("late" + i);
    }
    assertThat(bench.questions()).hasSize(1);
    bench.publish(3);
    for (int i = 0; i < 250; i++) {
      assertThat(bench.seen("early" + i)).containsExactly("state0", "m1", "success", "m2", "m3");
      assertThat(bench.seen("late" + i)).containsExactly("state0", "m1", "m2", "success", "m3");
    }
    bench.scheduler.elapse(1);
    bench.subscribe("next");
    assertThat(bench.questions()).hasSize(2);
    bench.answer(bench.questions().get(1), "state3");
    assertNothingIsLeft();
  }

  @Test
  void withoutSharingEachClientHasItsOwnAnswer() {
    for (int i = 0; i < 500; i++) {
      bench.subscribe("client" + i);
    }
    bench.publish(1);
    assertThat(bench.questions()).hasSize(500);
    for (int i = 0; i < 500; i++) {
      bench.answer(bench.questions().get(i), "state" + i);
      assertThat(bench.seen("client" + i)).containsExactly("state" + i, "m1", "success");
    }
    assertNothingIsLeft();
  }

  @Test
  void whoWaitedForASharedAnswerThatFailsIsRefusedAndTheNextOneAsksAgain() {
    bench.policy = SnapshotBench.policy(SlowConsumer.QUEUE, Keep.NOTHING, true);
    bench.subscribe("alice");
    bench.subscribe("bob");
    bench.scheduler.elapse(SnapshotQuestion.PATIENCE);
    assertThat(bench.seen("alice")).containsExactly("failed");
    assertThat(bench.seen("bob")).containsExactly("failed");
    bench.subscribe("bob");
    bench.answer(bench.questions().get(1), "state");
    assertThat(bench.seen("bob")).containsExactly("failed", "state", "success");
    assertNothingIsLeft();
  }

  @Test
  void aClientThatEndsWhileItWaitsLeavesNothing() {
    bench.subscribe("alice");
    bench.publish(1);
    bench.bridge.bayeuxSessionEnded(
        bench.session("alice"), false, SessionEnd.values()[0].wireName());
    assertThat(bench.ends).containsOnly(Map.entry(SnapshotEnd.ABANDONED, 1));
    bench.answer(bench.questions().get(0), "late");
    assertThat(bench.seen("alice")).doesNotContain("late", "m1");
    assertNothingIsLeft();
  }

  @Test
  void aClientThatUnsubscribesMeanwhileGetsTheSnapshotFirst() {
    bench.subscribe("alice");
    bench.unsubscribe("alice");
    bench.answer(bench.questions().get(0), "state");
    bench.publish(1);
    assertThat(bench.seen("alice")).containsExactly("state", "success", "success");
    assertNothingIsLeft();
  }

  @Test
  void aConsumerThatIsLostMeanwhileEndsTheWait() {
    bench.subscribe("alice");
    bench.publish(1);
    bench.broker.open(SnapshotBench.TOPIC).get(0).lose();
    assertThat(bench.seen("alice")).containsExactly("failed");
    assertThat(bench.last("alice")).contains("brokerUnavailable", "\"temporary\":true");
    assertThat(bench.ends).containsOnly(Map.entry(SnapshotEnd.BROKER_LOST, 1));
    assertNothingIsLeft();
  }

  @Test
  void aConnectionThatIsLostMeanwhileEndsTheWait() {
    bench.subscribe("alice");
    bench.broker.lose();
    assertThat(bench.seen("alice")).contains("failed");
    bench.broker.connect();
    bench.subscribe("alice");
    bench.answer(bench.questions().get(1), "state");
    assertThat(bench.seen("alice")).endsWith("state", "success");
    assertNothingIsLeft();
  }

  @Test
  void whatIsHeldAfterASnapshotIsPartOfTheGapOfALostConsumer() {
    bench.subscribe("alice");
    bench.answer(bench.questions().get(0), "state0", "snapshotThrough", "ID:0");
    bench.publish(1);
    bench.broker.open(SnapshotBench.TOPIC).get(0).lose();
    bench.publish(2);
    assertThat(bench.seen("alice")).containsExactly("state0", "success", "gap", "m2");
    assertNothingIsLeft();
  }

  @Test
  void aChangeOfRightsMeanwhileAsksOnceMore() {
    bench.subscribe("alice");
    bench.current = false;
    bench.answer(bench.questions().get(0), "state");
    bench.current = true;
    assertThat(bench.seen("alice")).isEmpty();
    bench.answer(bench.questions().get(1), "state again");
    assertThat(bench.seen("alice")).containsExactly("state again", "success");
    assertNothingIsLeft();
  }

  @Test
  void whoCanResumeNeedsNoSnapshot() {
    bench.policy =
        SnapshotBench.policy(
            SlowConsumer.QUEUE, new Keep(10, 10_000, Duration.ofMinutes(1)), false);
    bench.subscribe("alice");
    bench.answer(bench.questions().get(0), "state0");
    bench.publish(1);
    bench.publish(2);
    bench.subscribe("bob", Map.of(SnapshotBench.TOPIC, "ID:1"));
    assertThat(bench.questions()).hasSize(1);
    assertThat(bench.seen("bob")).containsExactly("m2", "success");
    assertThat(bench.last("bob")).contains("recoveredTopics");
  }

  @Test
  void whoCannotResumeGetsTheGapAndThenASnapshot() {
    bench.subscribe("bob", Map.of(SnapshotBench.TOPIC, "ID:unknown"));
    bench.answer(bench.questions().get(0), "state0");
    assertThat(bench.seen("bob")).containsExactly("gap", "state0", "success");
  }

  @Test
  void aTopicThatIsSubscribedAlreadyIsNotAskedForAgain() {
    bench.subscribe("alice");
    bench.answer(bench.questions().get(0), "state0");
    bench.subscribe("alice");
    assertThat(bench.questions()).hasSize(1);
    assertThat(bench.seen("alice")).containsExactly("state0", "success", "success");
  }

  @Test
  void withLatestTheSnapshotIsAValueThatANewerOneSupersedes() {
    bench.policy = SnapshotBench.policy(SlowConsumer.LATEST, Keep.NOTHING, false);
    bench.channel("alice").stalled = true;
    bench.subscribe("alice");
    bench.answer(bench.questions().get(0), "state0");
    for (int i = 1; i <= 20_000; i++) {
      bench.publish(i);
    }
    bench.channel("alice").take();
    List<String> seen = bench.seen("alice");
    assertThat(seen).contains("success", "gap").endsWith("m20000").doesNotContain("state0");
    assertThat(seen.size()).isLessThan(20_000);
  }

  @Test
  void theRepliesOfServicesArriveApartFromThoseAboutRights() {
    bench.subscribe("alice");
    assertThat(bench.questions().get(0).replyTo()).isPresent();
    assertThat(bench.broker.temporaryTopics()).hasSizeGreaterThanOrEqualTo(3);
    bench.subscribe("bob");
    assertThat(bench.questions().get(1).replyTo()).isEqualTo(bench.questions().get(0).replyTo());
  }
}
