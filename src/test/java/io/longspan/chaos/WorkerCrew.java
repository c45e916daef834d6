package io.longspan.chaos;

import java.net.http.HttpClient;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** The workers of a run, and their threads. */
final class WorkerCrew implements AutoCloseable {
  private static final int THREADS = 4;
  private static final int TICK_MILLIS = 50;

  private final DeliveryStage stage;
  private final Random random;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final ScheduledExecutorService pool = Executors.newScheduledThreadPool(THREADS);
  private final List<QueueWorker> workers = new ArrayList<>();

  WorkerCrew(DeliveryStage stage, Random random) {
    this.stage = stage;
    this.random = random;
  }

  /** Lets one more worker begin. */
  void add(Workload workload, String user, QueueLedger ledger) {
    int number = workers.size();
    Random own = new Random(random.nextLong());
    QueueWorker worker =
        new QueueWorker(number, user, workload, stage.doorways(number), http, own, ledger, pool);
    workers.add(worker);
    pool.scheduleWithFixedDelay(worker::tick, 0, TICK_MILLIS, TimeUnit.MILLISECONDS);
  }

  boolean isAnyIdle() {
    return workers.stream().anyMatch(QueueWorker::isIdle);
  }

  boolean areAllIdle() {
    return workers.stream().allMatch(QueueWorker::isIdle);
  }

  /** Returns whether each has begun to consume at least once. */
  boolean haveAllConsumed() {
    return workers.stream().allMatch(QueueWorker::hasConsumed);
  }

  void calmDown() {
    workers.forEach(QueueWorker::calmDown);
  }

  /** Ends all workers. */
  void endWorkers() {
    workers.forEach(QueueWorker::close);
  }

  @Override
  public void close() {
    endWorkers();
    pool.shutdown();
  }
}
