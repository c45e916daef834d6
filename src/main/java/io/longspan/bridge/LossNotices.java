package io.longspan.bridge;

import io.longspan.protocol.BridgeException;
import io.longspan.protocol.Notice;
import io.longspan.protocol.Notice.GapReason;
import io.longspan.protocol.Payload;
import io.longspan.protocol.PayloadEncoder;
import java.util.Map;
import java.util.Optional;

/**
 * Creates the notices that replace messages which a client does not get (protocol sections 5 and
 * 12), and counts them.
 */
final class LossNotices {
  private final PayloadEncoder encoder;
  private final BridgeMetrics metrics;
  private final long maxBytes;

  /**
   * Creates notices for one client.
   *
   * @param maxBytes the maximum bytes of payload that may wait for the client
   */
  LossNotices(PayloadEncoder encoder, BridgeMetrics metrics, long maxBytes) {
    this.encoder = encoder;
    this.metrics = metrics;
    this.maxBytes = maxBytes;
  }

  /**
   * Returns a gap notice.
   *
   * @param lost the number of discarded messages by topic
   */
  Payload dropped(Map<String, Long> lost) {
    return encoder.encode(new Notice.Gap(lost, GapReason.SLOW_CONSUMER));
  }

  /**
   * Returns the notice for a message that is too large. If the message is an answer, the request
   * fails; otherwise a gap announces one message.
   *
   * @param right the right to the message; null if it belongs to no subscription
   */
  Payload tooLarge(Payload message, MessageRight right) {
    metrics.undelivered(Undelivered.TOO_LARGE);
    return message.request() == null
        ? encoder.encode(new Notice.Gap(one(right), GapReason.TOO_LARGE))
        : failed(
            message.request(),
            BridgeException.tooLarge(
                "the answer is larger than the client's queue of %d bytes".formatted(maxBytes)));
  }

  /** Returns the notice for an expired message that belongs to no subscription. */
  Payload expired(Payload message) {
    metrics.undelivered(Undelivered.EXPIRED);
    return message.request() == null
        ? encoder.encode(new Notice.Gap(one(null), GapReason.SLOW_CONSUMER))
        : failed(
            message.request(),
            BridgeException.limitExceeded("the answer expired before it was delivered"));
  }

  /** Returns a gap of one message. It names no topic if the message belongs to no subscription. */
  private static Map<String, Long> one(MessageRight right) {
    return right == null ? Map.of() : Map.of(right.topic().value(), 1L);
  }

  private Payload failed(String request, BridgeException failure) {
    metrics.refused(failure.code());
    return encoder.encode(new Notice.SendFailed(Optional.of(request), failure));
  }
}
