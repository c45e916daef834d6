package io.longspan.bridge;

import io.longspan.catalogue.BodySchema;
import io.longspan.catalogue.SendPolicy;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.SendCommand;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks messages of clients against the schema of their catalogue entry. Called on any thread;
 * computes and never waits.
 */
final class SchemaChecks {
  private static final Logger LOG = LoggerFactory.getLogger(SchemaChecks.class);

  /** The minimum time between two lines of the log, in milliseconds. */
  private static final long LOG_PERIOD = 1000;

  private final BridgeMetrics metrics;
  private final Ticker ticker;
  private final AtomicLong nextLine = new AtomicLong(Long.MIN_VALUE);

  SchemaChecks(BridgeMetrics metrics, Ticker ticker) {
    this.metrics = metrics;
    this.ticker = ticker;
  }

  /**
   * Checks a message. A cancellation has no body to check.
   *
   * @throws BridgeException {@code badRequest} if the message does not fit, and the entry refuses
   *     such messages
   */
  void require(ConnectedClient client, SendCommand command, SendPolicy policy) {
    if (policy.schema().isEmpty() || command.isCancel()) {
      return;
    }
    BodySchema schema = policy.schema().get();
    Optional<String> problem = schema.problem(command.body());
    if (problem.isEmpty()) {
      return;
    }
    if (schema.check() == BodySchema.Check.REFUSE) {
      throw BridgeException.badRequest("the body does not fit the schema: " + problem.get());
    }
    metrics.schemaMismatch();
    long now = ticker.millis();
    long due = nextLine.get();
    if (now >= due && nextLine.compareAndSet(due, now + LOG_PERIOD)) {
      // Values of the message stay out of the log.
      LOG.warn(
          "body does not fit the schema {} target={} path={}",
          client,
          command.target(),
          problem.get().split(": ", 2)[0]);
    }
  }
}
