package io.longspan.chaos;

import io.longspan.external.FullQueues;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/** One run, from the start of its broker to the audit; blocks the thread that runs it. */
final class ChaosRun {
  private static final Duration PATIENCE = Duration.ofSeconds(120);
  private static final int STORIES_TOLD = 12;
  private static final int THREADS = 4;
  private static final Duration MAX_PAUSE = Duration.ofMillis(60);
  private static final int TICK_MILLIS = 50;

  /** Two of so many clients are of the library, one with each transport. */
  private static final int OF_LIBRARY = 6;

  private final ChaosBroker broker;
  private final long seed;
  private final ChaosPlan plan;
  private final Ledger ledger;
  private final StrangeOrders orders = new StrangeOrders();

  /**
   * Prepares a run.
   *
   * @param seed what its clients and its publisher do
   * @param plan what is done to them
   */
  ChaosRun(ChaosBroker broker, long seed, ChaosPlan plan, int clientCount) {
    this.broker = broker;
    this.seed = seed;
    this.plan = plan;
    this.ledger = new Ledger(clientCount);
  }

  /**
   * Runs, prints the table and the stories of what nothing explains.
   *
   * @return what nothing explains, a line each; empty where all is well
   */
  List<String> run() throws InterruptedException {
    StrangeMessages strange = new StrangeMessages(broker.unreadable());
    ScheduledExecutorService pool = Executors.newScheduledThreadPool(THREADS);
    List<CrowdClient> clients = new ArrayList<>();
    try (ChaosStage stage = new ChaosStage(broker);
        NumberedService service = new NumberedService(stage.broker(), ledger, orders, strange);
        Mischief mischief = mischief(stage, clients, pool)) {
      pool.scheduleWithFixedDelay(
          () -> clients.forEach(CrowdClient::tick), 0, TICK_MILLIS, TimeUnit.MILLISECONDS);
      try (NumberedPublisher publisher =
          new NumberedPublisher(stage.broker(), ledger, seed, MAX_PAUSE, orders, strange)) {
        await(() -> areSettled(clients));
        mischief.run(plan);
        await(() -> areSettled(clients));
      }
      clients.forEach(CrowdClient::stopRequests);
      // Clients behind a link that was frozen may notice only now.
      await(() -> areSettled(clients) && ledger.audit().isEmpty());
      findThoseThatAreStuck(clients);
      return report(mischief);
    } finally {
      clients.forEach(CrowdClient::close);
      pool.shutdown();
    }
  }

  private Mischief mischief(
      ChaosStage stage, List<CrowdClient> clients, ScheduledExecutorService pool) {
    HttpClient http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();
    Random random = new Random(seed);
    for (int i = 0; i < ledger.clients().size(); i++) {
      int door = random.nextInt(1000);
      List<Doorway> doorways =
          new ArrayList<>(stage.bridges().stream().map(bridge -> bridge.doorway(door)).toList());
      Collections.rotate(doorways, i / 2);
      ClientSettings settings =
          new ClientSettings(
              ledger.clients().get(i),
              ChaosStage.user(i),
              i % 2 == 0,
              doorways,
              topics(random),
              http,
              new Random(random.nextLong()),
              300,
              1,
              i == 0 ? Optional.of(FullQueues.HELD) : Optional.empty());
      boolean library = i % OF_LIBRARY >= OF_LIBRARY - 2;
      clients.add(library ? new LibraryClient(settings, pool) : new ChaosClient(settings, pool));
    }
    Mischief mischief = new Mischief(ledger);
    mischief.learn(new LinkActions(stage, ledger).all());
    mischief.learn(new ProcessActions(stage, ledger).all());
    mischief.learn(new BrokerActions(stage, ledger, orders).all());
    mischief.learn(new ClientActions(stage, ledger, clients).all());
    return mischief;
  }

  private static Set<ChaosTopic> topics(Random random) {
    List<ChaosTopic> all = new ArrayList<>(List.of(ChaosTopic.values()));
    Collections.shuffle(all, random);
    return EnumSet.copyOf(all.subList(0, 2 + random.nextInt(all.size() - 1)));
  }

  /** Waits for as long as it makes sense; what is wrong then, the audit tells. */
  private static void await(BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean() && System.nanoTime() < deadline) {
      TimeUnit.MILLISECONDS.sleep(200);
    }
  }

  private static boolean areSettled(List<CrowdClient> clients) {
    return clients.stream().allMatch(CrowdClient::isSettled);
  }

  private void findThoseThatAreStuck(List<CrowdClient> clients) {
    IntStream.range(0, clients.size())
        .filter(i -> !clients.get(i).isSettled())
        .mapToObj(i -> ledger.clients().get(i))
        .forEach(
            client ->
                client.find(
                    Finding.Kind.STUCK, "session", "not connected though all is well again"));
  }

  /** Leaves all stories and the whole log of events beside the processes' logs. */
  private void write(List<String> stories) {
    try {
      List<String> lines = new ArrayList<>(stories);
      lines.addAll(ledger.chaos().between(0, Long.MAX_VALUE));
      Files.write(
          Files.createDirectories(Path.of("target", "logs"))
              .resolve("chaos-%s-%d.log".formatted(broker, seed)),
          lines);
    } catch (IOException x) {
      throw new UncheckedIOException(x);
    }
  }

  private List<String> report(Mischief mischief) {
    Map<ClientRecord, List<Finding>> findings = ledger.audit();
    int unexplained = findings.values().stream().mapToInt(List::size).sum();
    Tally tally =
        new Tally("chaos")
            .row("seed", seed)
            .row("broker", broker)
            .row("clients", ledger.clients().size())
            .row("events", mischief.done());
    if (!WallClock.canBeStepped()) {
      tally.row("clocks", "were not stepped: there is no libfaketime");
    }
    System.out.println(tally.ledger(ledger, unexplained));
    Story story = new Story(ledger);
    List<String> stories =
        findings.entrySet().stream()
            .flatMap(entry -> entry.getValue().stream().map(f -> story.of(entry.getKey(), f)))
            .sorted() // By kind.
            .toList();
    write(stories);
    stories.stream().limit(STORIES_TOLD).forEach(System.out::println);
    if (stories.size() > STORIES_TOLD) {
      System.out.println("… and " + (stories.size() - STORIES_TOLD) + " more in target/logs");
    }
    return findings.entrySet().stream()
        .flatMap(entry -> entry.getValue().stream().map(f -> Story.title(entry.getKey(), f)))
        .toList();
  }
}
