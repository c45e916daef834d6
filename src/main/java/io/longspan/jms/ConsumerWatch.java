package io.longspan.jms;

import io.longspan.concurrent.InternalErrors;
import jakarta.jms.Connection;
import jakarta.jms.ExceptionListener;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the consumers of one session once a second, to find those that have ended by themselves.
 * The looks run on the session's lane, from its first consumer on.
 */
final class ConsumerWatch {
  /** How often the consumers are looked at, in milliseconds. */
  static final long PERIOD = 1000;

  private static final Logger LOG = LoggerFactory.getLogger(ConsumerWatch.class);

  private final Connection connection;
  private final Session session;
  private final ScheduledExecutorService lane;
  private final Set<WatchedConsumer> consumers = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean looking = new AtomicBoolean();
  private volatile boolean over;

  ConsumerWatch(Connection connection, Session session, ScheduledExecutorService lane) {
    this.connection = connection;
    this.session = session;
    this.lane = lane;
  }

  void add(WatchedConsumer consumer) {
    consumers.add(consumer);
    if (looking.compareAndSet(false, true)) {
      lane.scheduleWithFixedDelay(
          () -> InternalErrors.guard("looking at consumers", this::look),
          PERIOD,
          PERIOD,
          TimeUnit.MILLISECONDS);
    }
  }

  /** The bridge closes a consumer: its end is no loss. */
  void remove(WatchedConsumer consumer) {
    consumers.remove(consumer);
  }

  /** From now on nothing is reported: the connection is lost. */
  void end() {
    over = true;
  }

  private void look() {
    for (WatchedConsumer consumer : consumers) {
      if (!over && consumer.hasEnded() && consumers.remove(consumer)) {
        if (hasSessionEnded()) {
          return;
        }
        consumer.ended();
      }
    }
  }

  /**
   * Where the whole session has ended, nothing can be opened on it: the connection is of no use.
   */
  private boolean hasSessionEnded() {
    try {
      session.getAcknowledgeMode();
      return false;
    } catch (JMSException ended) {
      report(ended);
      return true;
    }
  }

  private void report(JMSException fault) {
    try {
      ExceptionListener listener = connection.getExceptionListener();
      if (!over && listener != null) {
        listener.onException(fault);
      }
    } catch (JMSException x) {
      LOG.debug("the connection has failed as well", x);
    }
  }
}
