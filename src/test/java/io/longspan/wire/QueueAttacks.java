package io.longspan.wire;

import static io.longspan.wire.QueueTests.consume;
import static io.longspan.wire.QueueTests.deliveries;
import static io.longspan.wire.QueueTests.fail;
import static io.longspan.wire.QueueTests.next;
import static io.longspan.wire.QueueTests.settle;
import static io.longspan.wire.QueueTests.succeed;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A client settles messages that are not its own any more, or takes those of others (section 15).
 */
interface QueueAttacks extends AttackTarget {
  String[] JOBS = {"1", "2", "3", "4", "5", "6", "7", "8"};

  private TestService source() {
    return new TestService(broker().connectionFactory());
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aHandleIsWorthlessAfterItsRelease(Transport transport) {
    String queue = "q" + Long.toHexString(System.nanoTime());
    try (TestService source = source();
        TestService dead = source();
        RawBayeuxClient alice = bridge().connected(transport, "alice");
        RawBayeuxClient again = bridge().connected(transport, "alice");
        RawBayeuxClient bob = bridge().connected(transport, "bob")) {
      dead.serve("work.dead", (session, message) -> {});
      succeed(consume(alice, "work/" + queue));
      QueueTests.send(source, "work." + queue, queue);
      Map<String, Object> released = next(alice, 1);
      succeed(settle(alice, "release", released));
      succeed(alice.control("type", "queueUnsubscribe", "queue", "work/" + queue));
      succeed(consume(bob, "work/" + queue));
      Map<String, Object> bobs = next(bob, 1);
      String handle = (String) bobs.get("delivery");
      char last = handle.charAt(handle.length() - 1);
      Map<String, Object> guessed =
          Map.of("delivery", handle.substring(0, handle.length() - 1) + (last == 'A' ? 'B' : 'A'));
      for (RawBayeuxClient attacker : List.of(alice, again)) {
        for (Map<String, Object> stolen : List.of(released, bobs, guessed)) {
          for (String type : List.of("ack", "release", "reject")) {
            fail(settle(attacker, type, stolen), stolen);
          }
        }
      }
      fail(settle(bob, "ack", released), released);
      assertThat(deliveries(bob)).hasSize(1);
      succeed(settle(bob, "ack", bobs));
      fail(settle(bob, "reject", bobs), bobs);
      assertThat(dead.received()).noneMatch(message -> queue.equals(TestService.text(message)));
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aConsumerThatNeverAcknowledgesStarvesNobody(Transport transport) {
    String queue = "q" + Long.toHexString(System.nanoTime());
    try (TestService source = source();
        RawBayeuxClient hoarder = bridge().connected(transport, "alice");
        RawBayeuxClient worker = bridge().connected(transport, "bob")) {
      succeed(consume(hoarder, "brief/" + queue, "prefetch", 100));
      QueueTests.send(source, "work.brief." + queue, JOBS);
      next(hoarder, JOBS.length);
      succeed(consume(worker, "brief/" + queue));
      Set<Object> done = new HashSet<>();
      Set<Object> seen = new HashSet<>();
      Awaitility.await()
          .until(
              () -> {
                for (Map<String, Object> delivery : deliveries(worker)) {
                  if (seen.add(delivery.get("delivery"))
                      && "success".equals(settle(worker, "ack", delivery).get("status"))) {
                    done.add(delivery.get("body"));
                  }
                }
                return done.size() == JOBS.length;
              });
    }
  }
}
