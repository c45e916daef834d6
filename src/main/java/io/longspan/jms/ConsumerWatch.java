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
 * Checks the consumers of one session once a second, and reports those that the broker has ended.
 * The check runs on the control thread.
 */
final class ConsumerWatch {
  /** The interval between two checks, in milliseconds. */
  static final long PERIOD = 1000;

  private static final Logger LOG = LoggerFactory.getLogger(ConsumerWatch.class);

  private final Connection connection;
  private final Session session;
  private final ScheduledExecutorService control;
  private final Set<WatchedConsumer> consumers = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean looking = new AtomicBoolean();
  private volatile boolean over;

  ConsumerWatch(Connection connection, Session session, ScheduledExecutorService control) {
    this.connection = connection;
    this.session = session;
    this.control = control;
  }

  void add(WatchedConsumer consumer) {
    consumers.add(consumer);
    if (looking.compareAndSet(false, true)) {
      control.scheduleWithFixedDelay(
          () -> InternalErrors.guard("the watch of the consumers", this::look),
          PERIOD,
          PERIOD,
          TimeUnit.MILLISECONDS);
    }
  }

  /** Stops watching a consumer that the bridge closes itself. */
  void remove(WatchedConsumer consumer) {
    consumers.remove(consumer);
  }

  /** Stops all reports, because the connection is lost. */
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
   * Returns whether the session itself has ended, and reports it as a fault of the connection. No
   * consumer can be opened on such a session.
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
      LOG.debug("lost session not reported, its connection has failed too", x);
    }
  }
}
