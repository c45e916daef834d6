package io.longspan.demo;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.longspan.concurrent.DaemonThreads;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * A few threads that work on requests off the delivery thread, each with a JMS session of its own
 * to answer through. A lane of one thread keeps the order of its requests.
 */
final class WorkLane implements AutoCloseable {

  private final ThreadPoolExecutor threads;
  private final BlockingQueue<Answers> sessions;

  /**
   * Opens the lane's JMS sessions; its threads start when they have something to do.
   *
   * @param backlog how many requests may wait
   */
  WorkLane(String name, int threads, int backlog, Connection connection, ObjectMapper json)
      throws JMSException {
    this.sessions = new ArrayBlockingQueue<>(threads);
    for (int i = 0; i < threads; i++) {
      sessions.add(Answers.open(connection, json));
    }
    this.threads =
        new ThreadPoolExecutor(
            threads,
            threads,
            0,
            TimeUnit.MILLISECONDS,
            new ArrayBlockingQueue<>(backlog),
            new DaemonThreads(name));
  }

  /**
   * Has the work done later; never blocks.
   *
   * @throws ServiceException tooLarge when too much is waiting already
   */
  void submit(Request request, Answers.Work work) {
    try {
      threads.execute(() -> run(request, work));
    } catch (RejectedExecutionException e) {
      throw new ServiceException(ErrorCode.tooLarge, "Too many requests are waiting.", e);
    }
  }

  private void run(Request request, Answers.Work work) {
    // There are as many sessions as threads: one is free.
    Answers answers = sessions.remove();
    try {
      answers.guard(request, work);
    } finally {
      sessions.add(answers);
    }
  }

  /** Interrupts the threads and drops what waits; doesn't wait for them. */
  @Override
  public void close() {
    threads.shutdownNow();
  }
}
