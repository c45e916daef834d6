package io.longspan.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.protocol.BrokerMessage.ReplyAddress;
import org.junit.jupiter.api.Test;

/** What bounds one session: requests in flight, messages in a second, reply handles. */
final class SessionBoundsTest {

  @Test
  void aRequestHoldsItsPlaceUntilItsAnswer() {
    RequestsInFlight requests = new RequestsInFlight(1);
    assertThat(requests.add("a", 0, 0)).isTrue();
    assertThat(requests.add("b", 0, 0)).isFalse();
    assertThat(requests.add("a", 0, 0)).isTrue();
    assertThat(requests.remove("a")).isTrue();
    assertThat(requests.remove("a")).isFalse();
    assertThat(requests.add("b", 0, 0)).isTrue();
  }

  @Test
  void aRequestWhoseTimeIsOverMakesRoom() {
    RequestsInFlight requests = new RequestsInFlight(1);
    requests.add("a", 100, 0);
    assertThat(requests.add("b", 100, 99)).isFalse();
    assertThat(requests.add("b", 100, 101)).isTrue();
    assertThat(requests.contains("a")).isFalse();
    RequestsInFlight forever = new RequestsInFlight(1);
    forever.add("a", 0, 0);
    assertThat(forever.add("b", 0, RequestsInFlight.WITHOUT_TIME_TO_LIVE)).isFalse();
    assertThat(forever.add("b", 0, RequestsInFlight.WITHOUT_TIME_TO_LIVE + 1)).isTrue();
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
    ReplyHandles handles = new ReplyHandles();
    ReplyAddress address = new ReplyAddress() {};
    String first = handles.register(address);
    String second = handles.register(address);
    assertThat(first).isNotEqualTo(second);
    assertThat(handles.take(second)).contains(address);
    assertThat(handles.take(second)).isEmpty();
    for (int i = 0; i < ReplyHandles.CAPACITY; i++) {
      handles.register(address);
    }
    assertThat(handles.take(first)).isEmpty();
  }
}
