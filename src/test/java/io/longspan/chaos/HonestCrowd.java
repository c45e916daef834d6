package io.longspan.chaos;

import io.longspan.wire.TestBroker;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * Users of one bridge who do nothing wrong: each has a client that sends requests, listens to two
 * topics, and accounts for every answer and message. Nothing is broken on their way, so for them
 * nothing may be lost, not even with a notice, and nothing refused.
 */
public final class HonestCrowd implements AutoCloseable {
  private static final Duration TICK = Duration.ofMillis(50);
  private static final Duration MAX_PAUSE = Duration.ofMillis(1_000);

  /** How many clients are looked after in a millisecond at most. */
  private static final int CLIENTS_PER_MILLI = 6;

  private static final int THREADS = 4;
  private static final int PAUSE_MILLIS = 1_500;

  /** How fast the bridge is under attack is measured, not judged. */
  private static final int PATIENCE = 10;

  /** Topics that drop nothing of a client that reads; {@code latest} may at any time. */
  private static final List<ChaosTopic> TOPICS =
      List.of(
          ChaosTopic.KEPT, ChaosTopic.ALSO_KEPT, ChaosTopic.NOT_KEPT, ChaosTopic.OLDEST_DROPPED);

  /** The topic for which the authorisation service is asked. */
  public static final String ASKED_TOPIC = ChaosTopic.NOT_KEPT.logicalName();

  private final Ledger ledger;
  private final ScheduledExecutorService pool = Executors.newScheduledThreadPool(THREADS);
  private final List<ChaosClient> clients = new ArrayList<>();
  private final NumberedService service;
  private final NumberedPublisher publisher;

  /**
   * Lets them begin.
   *
   * @param size how many; {@link #user} says who they are
   * @param endpoint the Bayeux endpoint of the bridge
   */
  public HonestCrowd(int size, TestBroker broker, String bridgeId, URI endpoint) {
    this(broker, List.of(new Entrance(bridgeId, endpoint, size)), PAUSE_MILLIS, MAX_PAUSE);
  }

  /**
   * Where some of the crowd come in.
   *
   * @param endpoint the Bayeux endpoint of the bridge
   * @param clients how many
   */
  public record Entrance(String bridgeId, URI endpoint, int clients) {}

  /**
   * Lets them begin, on one bridge or on several.
   *
   * @param broker where publisher and service are
   * @param pauseMillis the shortest pause between two requests of a client
   * @param publisherPause the longest pause between two bursts of messages
   */
  public HonestCrowd(
      TestBroker broker, List<Entrance> entrances, int pauseMillis, Duration publisherPause) {
    this(broker, entrances, pauseMillis, publisherPause, false);
  }

  /**
   * Lets them begin, on one bridge or on several.
   *
   * @param broker where publisher and service are
   * @param pauseMillis the shortest pause between two requests of a client
   * @param publisherPause the longest pause between two bursts of messages
   * @param movable whether a client whose bridge is gone goes to another entrance
   */
  public HonestCrowd(
      TestBroker broker,
      List<Entrance> entrances,
      int pauseMillis,
      Duration publisherPause,
      boolean movable) {
    List<Doorway> all =
        entrances.stream().map(e -> new Doorway(e.bridgeId(), e.endpoint())).toList();
    List<List<Doorway>> doorways =
        IntStream.range(0, entrances.size())
            .boxed()
            .flatMap(
                i ->
                    Stream.generate(() -> movable ? startingAt(all, i) : List.of(all.get(i)))
                        .limit(entrances.get(i).clients()))
            .toList();
    int size = doorways.size();
    ledger = new Ledger(size);
    HttpClient http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(30))
            .build();
    for (int i = 0; i < size; i++) {
      clients.add(
          new ChaosClient(
              new ClientSettings(
                  ledger.clients().get(i),
                  user(i),
                  i % 2 == 0,
                  doorways.get(i),
                  topics(i),
                  http,
                  new Random(i),
                  pauseMillis,
                  PATIENCE,
                  Optional.empty()),
              pool));
    }
    StrangeOrders nothingStrange = new StrangeOrders();
    StrangeMessages ordinary = new StrangeMessages(List.of());
    service = new NumberedService(broker, ledger, nothingStrange, ordinary);
    pool.scheduleWithFixedDelay(
        () -> clients.forEach(ChaosClient::tick),
        0,
        Math.max(TICK.toMillis(), size / CLIENTS_PER_MILLI),
        TimeUnit.MILLISECONDS);
    publisher = new NumberedPublisher(broker, ledger, 1, publisherPause, nothingStrange, ordinary);
  }

  private static List<Doorway> startingAt(List<Doorway> doorways, int first) {
    List<Doorway> turned = new ArrayList<>(doorways);
    Collections.rotate(turned, -first);
    return turned;
  }

  private static Set<ChaosTopic> topics(int client) {
    return EnumSet.of(
        TOPICS.get(client % TOPICS.size()), TOPICS.get((client / 2 + 1) % TOPICS.size()));
  }

  /** Returns the topics that the crowd listens to. */
  public static List<String> topics() {
    return TOPICS.stream().map(ChaosTopic::logicalName).toList();
  }

  /** Returns a user of the crowd, whose password is the name. */
  public static String user(int number) {
    return "user-" + number;
  }

  /**
   * Returns the catalogue that the crowd needs.
   *
   * @param question the queue of an authorisation service that is asked for one of the topics
   */
  public static String catalogue(String question) {
    String open = ASKED_TOPIC + ", kind: topic, subscribe: [\"*\"]";
    String asked = open.replace("[\"*\"]", "{ask: " + question + "}");
    return ChaosTopic.catalogue().replace(open, asked);
  }

  /** Returns the catalogue that the crowd needs if everybody may read everything. */
  public static String catalogue() {
    return ChaosTopic.catalogue();
  }

  /** Returns whether all are connected and subscribed to what they want. */
  public boolean isSettled() {
    return clients.stream().allMatch(ChaosClient::isSettled);
  }

  /** Returns the time of the crowd, in nanoseconds since it began. */
  public long now() {
    return ledger.clock().now();
  }

  /** Says in the story of whatever goes wrong what was done. */
  public void note(String event) {
    ledger.chaos().add(event);
  }

  /**
   * Does something that interrupts the broker: requests may fail because of it, with the outcomes
   * that {@link RequestBook} allows, and messages may be missed if a gap says so.
   *
   * @param what its name in the log
   * @param event blocks until the broker serves again
   */
  public void during(String what, Runnable event) {
    Outages.Outage outage = ledger.outages().begin(Outages.EVERYWHERE, ledger.clock().now());
    note(what + " begins");
    try {
      event.run();
    } finally {
      note(what + " is over");
      ledger.outages().end(outage, ledger.clock().now());
    }
  }

  /** Returns what nothing explains, a line each; empty where all is well. */
  public List<String> findings() {
    return ledger.audit().entrySet().stream()
        .flatMap(entry -> entry.getValue().stream().map(f -> Story.title(entry.getKey(), f)))
        .toList();
  }

  /** Returns how many requests were answered so far. */
  public int answered() {
    return ledger.clients().stream()
        .mapToInt(c -> c.requests().outcomes().getOrDefault(Request.Outcome.ANSWERED, 0))
        .sum();
  }

  /** Lets nobody begin anything new; what is under way ends. */
  public void rest() {
    publisher.close();
    clients.forEach(ChaosClient::stopRequests);
  }

  /** Returns whether every request has its answer and every message has come. */
  public boolean isContent() {
    return isSettled() && ledger.audit().isEmpty();
  }

  /** Returns what an honest user may complain about, a line each; empty where all is well. */
  public List<String> complaints() {
    List<String> complaints = new ArrayList<>();
    ledger
        .audit()
        .forEach(
            (client, findings) -> findings.forEach(f -> complaints.add(Story.title(client, f))));
    for (ClientRecord client : ledger.clients()) {
      client
          .requests()
          .outcomes()
          .forEach(
              (outcome, count) -> {
                if (outcome != Request.Outcome.ANSWERED) {
                  complaints.add("%s: %d requests %s".formatted(client.name(), count, outcome));
                }
              });
      client
          .journals()
          .forEach(
              (topic, journal) ->
                  journal.entries().stream()
                      .filter(entry -> !isHarmless(entry))
                      .forEach(e -> complaints.add(client.name() + ": " + topic + ": " + e)));
    }
    IntStream.range(0, clients.size())
        .filter(i -> !clients.get(i).isSettled())
        .forEach(i -> complaints.add(user(i) + " is not connected or not subscribed"));
    return complaints;
  }

  private static boolean isHarmless(JournalEntry entry) {
    return entry instanceof JournalEntry.Delivered
        || entry instanceof JournalEntry.Subscribed
        || entry instanceof JournalEntry.Resumed
        || entry instanceof JournalEntry.Unconfirmed;
  }

  /** Returns the stories of what nothing explains, for the log. */
  public List<String> stories() {
    Story story = new Story(ledger);
    return ledger.audit().entrySet().stream()
        .flatMap(entry -> entry.getValue().stream().map(f -> story.of(entry.getKey(), f)))
        .toList();
  }

  /** Returns what happened to the sessions of clients that complain. */
  public List<String> sessions() {
    return ledger.clients().stream()
        .map(c -> c.name() + "\n" + String.join("\n", c.session().between(0, Long.MAX_VALUE)))
        .toList();
  }

  /**
   * Returns how long answers took to requests that were sent in between, in milliseconds.
   *
   * @param from in the time of {@link #now}
   * @param to in the time of {@link #now}
   */
  public String latencies(long from, long to) {
    long[] sorted =
        ledger.clients().stream()
            .map(client -> client.requests().latencies(from, to))
            .flatMapToLong(LongStream::of)
            .sorted()
            .toArray();
    return sorted.length == 0
        ? "no requests"
        : "%d requests, median %s, p99 %s, longest %s"
            .formatted(
                sorted.length,
                millis(sorted[sorted.length / 2]),
                millis(sorted[(int) (sorted.length * 0.99)]),
                millis(sorted[sorted.length - 1]));
  }

  private static String millis(long nanos) {
    return String.format(Locale.ROOT, "%.1f ms", nanos / 1e6);
  }

  /** Returns a table of the crowd's ledger and of further rows. */
  public String table(String title, Map<String, ?> rows) {
    Tally tally = new Tally(title);
    rows.forEach(tally::row);
    return tally
        .ledger(ledger, ledger.audit().values().stream().mapToInt(List::size).sum())
        .toString();
  }

  @Override
  public void close() {
    clients.forEach(ChaosClient::close);
    publisher.close();
    service.close();
    pool.shutdown();
  }
}
