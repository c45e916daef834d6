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
 * Threads that handle requests off the delivery thread, with one JMS session each for the answers.
 * A queue with one thread keeps the order of its requests.
 */
final class WorkQueue implements AutoCloseable {

  private final ThreadPoolExecutor threads;
  private final BlockingQueue<Answers> sessions;

  /**
   * Opens the JMS sessions; threads start on demand.
   *
   * @param backlog how many requests may wait
   */
  WorkQueue(String name, int threads, int backlog, Connection connection, ObjectMapper json)
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
   * Submits work; never blocks.
   *
   * @throws ServiceException {@code tooLarge} if too many requests wait
   */
  void submit(Request request, Answers.Work work) {
    try {
      threads.execute(() -> run(request, work));
    } catch (RejectedExecutionException e) {
      throw new ServiceException(ErrorCode.tooLarge, "Too many requests are waiting.", e);
    }
  }

  private void run(Request request, Answers.Work work) {
    // There are as many sessions as threads, so one is free.
    Answers answers = sessions.remove();
    try {
      answers.guard(request, work);
    } finally {
      sessions.add(answers);
    }
  }

  /** Interrupts the threads and discards waiting requests; does not wait for them. */
  @Override
  public void close() {
    threads.shutdownNow();
  }
}
