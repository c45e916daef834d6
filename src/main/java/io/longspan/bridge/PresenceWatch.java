package io.longspan.bridge;

import io.longspan.protocol.Notice;
import io.longspan.protocol.Payload;
import java.util.List;

/**
 * A subscriber who is told who joins and leaves its topic (protocol section 18).
 *
 * <p>Called on any thread; never blocks. The lock guards {@code ended}, and is held while notices
 * are queued, so that none follows the last one.
 */
final class PresenceWatch {
  private final ClientSubscription subscription;
  private final long since;
  private boolean ended;

  /**
   * Creates a watch.
   *
   * @param since the number of the last transition that the subscriber is not told of
   */
  PresenceWatch(ClientSubscription subscription, long since) {
    this.subscription = subscription;
    this.since = since;
  }

  ClientSubscription subscription() {
    return subscription;
  }

  long since() {
    return since;
  }

  /** Queues notices, unless the watch has ended. */
  void tell(List<Payload> notices) {
    ClientOutbox outbox = subscription.client().outbox();
    synchronized (this) {
      if (ended) {
        return;
      }
      notices.forEach(notice -> outbox.append(notice, subscription));
    }
    outbox.wake();
  }

  /** Ends the watch because the right was lost. The subscription stays. */
  void revoke() {
    synchronized (this) {
      if (ended) {
        return;
      }
      ended = true;
    }
    subscription.client().tell(new Notice.PresenceEnded(subscription.topic().value()));
  }
}
