package io.longspan.bridge;

import io.longspan.protocol.Answer;
import io.longspan.protocol.Answer.GapReason;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.Payload;
import io.longspan.protocol.PayloadEncoder;
import java.util.Map;
import java.util.Optional;

/**
 * What a client is told instead of a message that it does not get (protocol section 5). Counts each
 * notice.
 */
final class LossNotices {
  private final PayloadEncoder encoder;
  private final BridgeMetrics metrics;
  private final long maxBytes;

  /**
   * Creates notices for one client.
   *
   * @param maxBytes how many bytes of payload may wait for it
   */
  LossNotices(PayloadEncoder encoder, BridgeMetrics metrics, long maxBytes) {
    this.encoder = encoder;
    this.metrics = metrics;
    this.maxBytes = maxBytes;
  }

  /** Returns the notice of how many messages of each topic were dropped. */
  Payload dropped(Map<String, Long> lost) {
    return encoder.encode(new Answer.Gap(lost, GapReason.SLOW_CONSUMER));
  }

  /**
   * Returns the notice of a message that is too large: the end of its request, or a gap of one.
   *
   * @param subscription by which it came; null for a message to this client alone
   */
  Payload tooLarge(Payload message, ClientSubscription subscription) {
    metrics.undelivered(Undelivered.TOO_LARGE);
    return message.request() == null
        ? encoder.encode(new Answer.Gap(one(subscription), GapReason.TOO_LARGE))
        : failed(
            message.request(),
            BridgeException.tooLarge(
                "the answer is larger than the %d bytes that may wait for a client"
                    .formatted(maxBytes)));
  }

  /** Returns the notice of a message to this client alone that has expired. */
  Payload expired(Payload message) {
    metrics.undelivered(Undelivered.EXPIRED);
    return message.request() == null
        ? encoder.encode(new Answer.Gap(one(null), GapReason.SLOW_CONSUMER))
        : failed(
            message.request(),
            BridgeException.limitExceeded("the answer expired before the client took it"));
  }

  /** A gap of one; it names no topic where the message was for this client alone. */
  private static Map<String, Long> one(ClientSubscription subscription) {
    return subscription == null ? Map.of() : Map.of(subscription.topic().value(), 1L);
  }

  private Payload failed(String request, BridgeException failure) {
    metrics.refused(failure.code());
    return encoder.encode(new Answer.SendFailed(Optional.of(request), failure));
  }
}
