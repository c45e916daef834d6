package io.longspan.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.budget.Account;
import io.longspan.budget.MemoryBudget;
import io.longspan.budget.Purpose;
import io.longspan.identity.Identity;
import io.longspan.protocol.BrokerMessage.ReplyAddress;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What bounds one session: requests in flight, messages in a second, reply handles. */
final class SessionBoundsTest {
  private final MemoryBudget memory = new MemoryBudget(1 << 20, 100_000);
  private final Account account = memory.user("alice");

  @Test
  void aRequestHoldsItsPlaceUntilItsAnswer() {
    RequestsInFlight requests = new RequestsInFlight(1, account);
    assertThat(requests.add("a", 0, 0)).isTrue();
    assertThat(requests.add("b", 0, 0)).isFalse();
    assertThat(requests.add("a", 0, 0)).isTrue();
    assertThat(requests.remove("a")).isTrue();
    assertThat(requests.remove("a")).isFalse();
    assertThat(requests.add("b", 0, 0)).isTrue();
  }

  @Test
  void aRequestWhoseTimeIsOverMakesRoom() {
    RequestsInFlight requests = new RequestsInFlight(1, account);
    requests.add("a", 100, 0);
    assertThat(requests.add("b", 100, 99)).isFalse();
    assertThat(requests.add("b", 100, 101)).isTrue();
    assertThat(requests.find("a")).isEmpty();
    RequestsInFlight forever = new RequestsInFlight(1, account);
    forever.add("a", 0, 0);
    assertThat(forever.add("b", 0, RequestsInFlight.WITHOUT_TIME_TO_LIVE)).isFalse();
    assertThat(forever.add("b", 0, RequestsInFlight.WITHOUT_TIME_TO_LIVE + 1)).isTrue();
  }

  @Test
  void aRequestIsForgottenAtTheLatestAfterTheLongestAge() {
    RequestsInFlight requests = new RequestsInFlight(1, account);
    requests.add("a", 1L << 53, 0);
    assertThat(requests.add("b", 1, RequestsInFlight.MAX_AGE)).isFalse();
    assertThat(requests.waiting(RequestsInFlight.MAX_AGE)).isEqualTo(1);
    assertThat(requests.waiting(RequestsInFlight.MAX_AGE + 1)).isZero();
    assertThat(requests.add("b", 1, RequestsInFlight.MAX_AGE + 1)).isTrue();
  }

  @Test
  void requestsArePaidForByTheirUserUntilTheyEnd() {
    RequestsInFlight requests = new RequestsInFlight(1_000_000, account);
    int count = 0;
    while (requests.add("%0512d".formatted(count), 0, 0)) {
      count++;
    }
    assertThat(count).isBetween(10, 200);
    assertThat(memory.refused(Purpose.REQUESTS)).isPositive();
    assertThat(requests.add("%0512d".formatted(0), 0, 0)).as("known already").isTrue();
    assertThat(requests.remove("%0512d".formatted(0))).isTrue();
    assertThat(requests.add("x", 0, 0)).isTrue();
    requests.close();
    assertThat(account.used()).isZero();
    assertThat(requests.add("y", 0, 0)).isFalse();
    assertThat(account.used()).isZero();
  }

  @Test
  void expiredRequestsGiveTheirMemoryBack() {
    RequestsInFlight requests = new RequestsInFlight(1000, account);
    requests.add("a", 1, 0);
    long one = account.used();
    requests.add("b", 1, 60_000);
    assertThat(account.used()).isEqualTo(one);
  }

  @Test
  void replyHandlesArePaidForByTheirUserUntilTheyEnd() {
    ReplyAddress address = new ReplyAddress() {};
    ReplyHandles first = new ReplyHandles(account);
    ReplyHandles second = new ReplyHandles(account);
    for (int i = 0; i < 1000; i++) {
      first.register("", address);
    }
    assertThat(account.used()).isBetween(99_000L, 100_000L);
    assertThat(memory.refused(Purpose.REPLY_HANDLES)).isPositive();
    String forced = second.register("", address);
    assertThat(second.take(forced)).contains(new ReplyHandles.Address("", address));
    first.clear("");
    assertThat(account.used()).isZero();
    first.register("", address);
    first.close();
    first.register("", address);
    assertThat(account.used()).isZero();
  }

  @Test
  void rolesChangeInFullForAWhileAndThenOnlyShrinkAtOnce() {
    RoleChanges changes = new RoleChanges(0);
    Identity both = new Identity("alice", Set.of("a", "common"));
    Identity other = new Identity("alice", Set.of("b", "common"));
    Identity now = both;
    for (int i = 0; i < RoleChanges.SAVED; i++) {
      Identity presented = i % 2 == 0 ? other : both;
      now = changes.next(now, presented, 0);
      assertThat(now).isSameAs(presented);
    }
    Identity shrunk = changes.next(now, both, 0);
    assertThat(shrunk.roles()).containsExactly("common");
    for (int i = 0; i < 100; i++) {
      assertThat(changes.next(shrunk, i % 2 == 0 ? other : both, 0)).isSameAs(shrunk);
    }
    assertThat(changes.next(shrunk, both, RoleChanges.PERIOD)).isSameAs(both);
    assertThat(changes.next(both, new Identity("alice", Set.of()), RoleChanges.PERIOD).roles())
        .isEmpty();
  }

  @Test
  void aSecondsWorthOfMessagesCanBeSavedUpAndNoMore() {
    RateLimit limit = new RateLimit(2, 2, 0);
    assertThat(limit.tryAcquire(0)).isTrue();
    assertThat(limit.tryAcquire(0)).isTrue();
    assertThat(limit.tryAcquire(0)).isFalse();
    assertThat(limit.tryAcquire(499)).isFalse();
    assertThat(limit.tryAcquire(500)).isTrue();
    assertThat(limit.tryAcquire(60_000)).isTrue();
    assertThat(limit.tryAcquire(60_000)).isTrue();
    assertThat(limit.tryAcquire(60_000)).isFalse();
  }

  @Test
  void aReplyHandleWorksOnceAndTheOldestMakesRoom() {
    ReplyHandles handles = new ReplyHandles(account);
    ReplyAddress address = new ReplyAddress() {};
    String first = handles.register("", address);
    String second = handles.register("", address);
    assertThat(first).isNotEqualTo(second);
    assertThat(handles.take(second)).contains(new ReplyHandles.Address("", address));
    assertThat(handles.take(second)).isEmpty();
    for (int i = 0; i < ReplyHandles.CAPACITY; i++) {
      handles.register("", address);
    }
    assertThat(handles.take(first)).isEmpty();
  }
}
