package io.longspan.bridge;

import io.longspan.budget.Account;
import io.longspan.budget.Purpose;
import io.longspan.catalogue.TopicPolicy;
import io.longspan.catalogue.TopicPolicy.SlowConsumer;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.BrokerMessage;
import io.longspan.protocol.Payload;
import io.longspan.protocol.PayloadEncoder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The question for one snapshot, and its answer so far. The parts are charged to the user for whom
 * the bridge asks.
 *
 * <p>Thread-safe: the lock guards the parts, and is not held around a call to the subscription.
 */
final class SnapshotQuestion implements BrokerRequests.Answer {
  /** Gives the id of the last message that a snapshot includes. */
  static final String THROUGH = "snapshotThrough";

  /** How long a service may take for each part, in milliseconds. */
  static final long PATIENCE = 5_000;

  /** How long a service may take in all, in milliseconds. */
  static final long MAX_TIME = 10_000;

  private static final Logger LOG = LoggerFactory.getLogger(SnapshotQuestion.class);

  private final ClientSubscription subscription;
  private final SharedSubscription shared;
  private final SnapshotRound round;
  private final PayloadEncoder encoder;
  private final Account account;
  private final Ticker ticker;
  private final long askedAt;
  private final List<Payload> parts = new ArrayList<>(1);
  private long lastPartAt;
  private long charged;
  private boolean ended;

  /**
   * Creates a question that was not sent yet.
   *
   * @param subscription the subscription for which the bridge asks
   * @param shared who gets the answer
   * @param account charged with the parts until the snapshot is queued
   */
  SnapshotQuestion(
      ClientSubscription subscription,
      SharedSubscription shared,
      SnapshotRound round,
      PayloadEncoder encoder,
      Account account,
      Ticker ticker) {
    this.subscription = subscription;
    this.shared = shared;
    this.round = round;
    this.encoder = encoder;
    this.account = account;
    this.ticker = ticker;
    this.askedAt = ticker.millis();
    this.lastPartAt = askedAt;
  }

  @Override
  public boolean received(BrokerMessage part) {
    Payload payload = encode(part);
    Optional<String> problem = Optional.empty();
    synchronized (this) {
      if (ended) {
        return true;
      }
      lastPartAt = ticker.millis();
      long bytes = KeptMessages.heapBytes(payload);
      if (part.properties().get("sequence") instanceof Number given
          && given.longValue() != parts.size() + 1) {
        problem = Optional.of("part %d is missing".formatted(parts.size() + 1));
      } else if (payload.isTooLarge() || !account.tryCharge(Purpose.REQUESTS, bytes)) {
        problem = Optional.of("");
      } else {
        charged += bytes;
        parts.add(payload);
        if (!part.endsAnswer()) {
          return false;
        }
        ended = true;
      }
    }
    if (problem.isPresent()) {
      end(problem.get().isEmpty() ? SnapshotEnd.TOO_LARGE : SnapshotEnd.UNANSWERED, problem.get());
    } else if (!shared.answered(round, List.copyOf(parts), part.text(THROUGH), this::release)) {
      release();
    }
    return true;
  }

  private Payload encode(BrokerMessage part) {
    String topic = subscription.topic().value();
    Payload payload = encoder.encodeSnapshot(part, topic);
    TopicPolicy policy = subscription.policy();
    if (policy.slowConsumer() != SlowConsumer.LATEST) {
      return payload;
    }
    boolean whole =
        part.endsAnswer()
            && !(part.properties().get("sequence") instanceof Number n && n.longValue() > 1);
    boolean keyed = policy.latestBy().map(part.properties()::containsKey).orElse(whole);
    // The parts of one snapshot must not supersede each other.
    return payload.about(
        keyed
            ? SharedSubscription.conflationKey(policy, topic, part)
            : topic + "\n\n" + System.identityHashCode(this) + '\n' + partCount());
  }

  private synchronized int partCount() {
    return parts.size();
  }

  private synchronized void release() {
    account.release(Purpose.REQUESTS, charged);
    charged = 0;
  }

  @Override
  public void failed(BridgeException why) {
    end(SnapshotEnd.UNANSWERED, why.toBayeuxError());
  }

  /**
   * Ends the question if the service takes too long.
   *
   * @return the time until the next check, in milliseconds; empty if the question has ended
   */
  Optional<Long> check() {
    long left;
    synchronized (this) {
      long now = ticker.millis();
      left = Math.min(lastPartAt + PATIENCE, askedAt + MAX_TIME) - now;
      if (ended) {
        return Optional.empty();
      }
    }
    if (left > 0) {
      return Optional.of(left);
    }
    end(SnapshotEnd.UNANSWERED, "no answer in time");
    return Optional.empty();
  }

  /** Ends the question because nobody waits for the answer any more. */
  synchronized void cancel() {
    ended = true;
    release();
  }

  private void end(SnapshotEnd how, String why) {
    synchronized (this) {
      if (ended) {
        return;
      }
      ended = true;
      release();
    }
    LOG.warn(
        "no snapshot topic={} service={} outcome={} reason=\"{}\"",
        subscription.topic(),
        subscription.policy().snapshot().map(s -> s.service().name()).orElse(""),
        how.label(),
        why);
    shared.failed(round, how);
  }
}
