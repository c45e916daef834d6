package io.longspan.load;

import io.longspan.concurrent.DaemonThreads;
import io.longspan.load.LoadPlan.Account;
import io.longspan.load.LoadPlan.Transport;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/** One run: all clients connect, then the load lasts for the time of the plan. */
public final class LoadRun {
  /** How many clients connect at the same time. */
  private static final int CONNECTING = 32;

  /** The most requests of one client that wait for their answers, if the plan has a rate. */
  private static final int MAX_OPEN = 100;

  private static final long TICK_MILLIS = 10;
  private static final Duration ANSWER_PATIENCE = Duration.ofSeconds(10);
  private static final Duration DISCONNECT_PATIENCE = Duration.ofSeconds(5);

  private final LoadPlan plan;
  private final LoadFigures figures = new LoadFigures();
  private final List<LoadClient> clients = new ArrayList<>();
  private final ConcurrentLinkedQueue<LightClient> connections = new ConcurrentLinkedQueue<>();
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(30))
          .build();
  private final AtomicInteger started = new AtomicInteger();
  private final CountDownLatch settled;

  /** The next client that sends. Used by the timer's thread only. */
  private int turn;

  /** Prepares a run; nothing is connected yet. */
  public LoadRun(LoadPlan plan) {
    this.plan = plan;
    this.settled = new CountDownLatch(plan.clients());
    for (int i = 0; i < plan.clients(); i++) {
      clients.add(new LoadClient(plan, figures, "load-" + i, this::oneSettled));
    }
  }

  /** Returns the figures; they grow during the run. */
  public LoadFigures figures() {
    return figures;
  }

  /**
   * Runs; blocks until all clients have disconnected.
   *
   * @param progress is called once a second with a line for people
   * @return the result
   * @throws InterruptedException if the thread is interrupted; all connections are dropped then
   */
  public LoadReport run(Consumer<String> progress) throws InterruptedException {
    ScheduledExecutorService timer =
        Executors.newSingleThreadScheduledExecutor(new DaemonThreads("longspan-load"));
    try {
      timer.scheduleAtFixedRate(
          () -> progress.accept(LoadReport.progress(figures)), 1, 1, TimeUnit.SECONDS);
      long start = System.nanoTime();
      for (int i = 0; i < Math.min(CONNECTING, plan.clients()); i++) {
        startNext();
      }
      settled.await();
      double connecting = since(start);
      long from = System.nanoTime();
      if (clients.stream().noneMatch(LoadClient::isReady)) {
        return new LoadReport(plan.clients(), connecting, 0, figures);
      }
      clients.stream().filter(LoadClient::isReady).forEach(LoadClient::run);
      pace(timer, plan.destination().isPresent() ? plan.rate() : 0, this::requestOfNext);
      pace(timer, plan.topic().isPresent() ? plan.publications() : 0, this::publish);
      TimeUnit.NANOSECONDS.sleep(plan.duration().toNanos());
      double seconds = since(from);
      timer.shutdownNow();
      awaitAnswers();
      return new LoadReport(plan.clients(), connecting, seconds, figures);
    } finally {
      timer.shutdownNow();
      end();
    }
  }

  private static double since(long start) {
    return (System.nanoTime() - start) / 1e9;
  }

  private void startNext() {
    int number = started.getAndIncrement();
    if (number >= plan.clients()) {
      return;
    }
    Account account = plan.accounts().get(number % plan.accounts().size());
    Transport transport = plan.transports().get(number % plan.transports().size());
    LoadClient client = clients.get(number);
    LightClient connection =
        new LightClient(
            http,
            plan.endpoint(),
            account.user(),
            account.password(),
            transport == Transport.WEBSOCKET,
            client);
    client.use(connection);
    connections.add(connection);
    connection.connect();
  }

  private void oneSettled() {
    settled.countDown();
    startNext();
  }

  /** Calls an action so often in a second, each time with the moment when it was due. */
  private static void pace(ScheduledExecutorService timer, int rate, LongConsumer action) {
    if (rate == 0) {
      return;
    }
    long start = System.nanoTime();
    long period = TimeUnit.SECONDS.toNanos(1) / rate;
    long[] done = {0};
    timer.scheduleAtFixedRate(
        () -> {
          for (long due = start + done[0] * period;
              due - System.nanoTime() <= 0;
              due = start + done[0] * period) {
            action.accept(due);
            done[0]++;
          }
        },
        0,
        TICK_MILLIS,
        TimeUnit.MILLISECONDS);
  }

  private void requestOfNext(long due) {
    for (int i = 0; i < clients.size(); i++) {
      LoadClient next = clients.get(turn++ % clients.size());
      if (next.isReady() && next.open() < MAX_OPEN) {
        next.request(due);
        return;
      }
    }
    figures.failed("not sent, all clients wait for " + MAX_OPEN + " answers");
  }

  private void publish(long due) {
    clients.stream().filter(LoadClient::isReady).findFirst().ifPresent(first -> first.publish(due));
  }

  private void awaitAnswers() throws InterruptedException {
    clients.forEach(LoadClient::stop);
    long start = System.nanoTime();
    while (clients.stream().anyMatch(client -> client.isReady() && client.open() > 0)
        && System.nanoTime() - start < ANSWER_PATIENCE.toNanos()) {
      TimeUnit.MILLISECONDS.sleep(TICK_MILLIS);
    }
    clients.forEach(LoadClient::giveUp);
  }

  private void end() throws InterruptedException {
    CompletableFuture<?>[] all =
        connections.stream()
            .map(connection -> connection.disconnect().toCompletableFuture())
            .toArray(CompletableFuture[]::new);
    try {
      CompletableFuture.allOf(all)
          .completeOnTimeout(null, DISCONNECT_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
          .get();
    } catch (ExecutionException impossible) {
      throw new IllegalStateException(impossible);
    } finally {
      connections.forEach(LightClient::close);
    }
  }
}
