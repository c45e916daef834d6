package io.longspan.web;

import io.longspan.bayeux.OpenSockets;
import io.longspan.bridge.AuthorizationQueue;
import io.longspan.bridge.BayeuxJMSBridge;
import io.longspan.bridge.BrokerRequests;
import io.longspan.bridge.MessageBroker;
import io.longspan.bridge.Scheduler;
import io.longspan.bridge.Ticker;
import io.longspan.budget.MemoryBudget;
import io.longspan.concurrent.DaemonThreads;
import io.longspan.concurrent.InternalErrors;
import io.longspan.config.LongspanConfig;
import io.longspan.jms.JmsMessageBroker;
import io.longspan.security.AuthorizationServiceClient;
import io.longspan.security.CatalogueAccessPolicy;
import io.longspan.security.CatalogueSource;
import io.longspan.security.DestinationCatalogue;
import io.longspan.security.IdentitySigner;
import io.longspan.security.PasswordThrottle;
import io.longspan.security.RealmUsers;
import io.longspan.security.RightsChange;
import io.longspan.security.SigningKey;
import io.longspan.security.TokenVerifier;
import io.longspan.security.UserDirectory;
import jakarta.servlet.ServletContext;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Everything that one bridge consists of, put together once and taken apart once. */
public final class BridgeRuntime implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(BridgeRuntime.class);
  private static final String ATTRIBUTE = BridgeRuntime.class.getName();

  /** The attribute by which the one-command server drains the bridge before it stops. */
  private static final String DRAIN_ATTRIBUTE = "io.longspan.drain";

  /** The attribute by which the one-command server tells how many connections it has refused. */
  private static final String REFUSED_CONNECTIONS_ATTRIBUTE = "io.longspan.refusedConnections";

  /** The attribute by which it tells how many connections it has closed for newer ones. */
  private static final String DISPLACED_CONNECTIONS_ATTRIBUTE = "io.longspan.displacedConnections";

  /** How often the catalogue file is looked at, in milliseconds. */
  private static final long CATALOGUE_PERIOD = 250;

  /** How often sessions are looked at that may be due to end, in milliseconds. */
  private static final long SWEEP_PERIOD = 250;

  /** How often a bridge that drains is looked at, in milliseconds. */
  private static final long DRAIN_PERIOD = 20;

  /** How long to wait for the end of each pool's threads. */
  private static final Duration END_PATIENCE = Duration.ofSeconds(5);

  private final LongspanConfig config;
  private final CatalogueSource catalogue;
  private final Optional<SigningKey> signingKey;
  private final DaemonThreads commandThreads = new DaemonThreads("longspan-command");
  private final DaemonThreads schedulerThread = new DaemonThreads("longspan-scheduler");
  private final ExecutorService commandPool;
  private final ScheduledExecutorService scheduler;
  private final MessageBroker broker;
  private final MemoryBudget memory;
  private final OpenSockets sockets;
  private final BridgeMeters meters;
  private final BayeuxJMSBridge bridge;
  private final AccessLog accessLog;
  private final Optional<TokenVerifier> tokens;
  private final RealmUsers users;
  private final List<Runnable> sweeps = new CopyOnWriteArrayList<>();
  private final SignIns signIns;
  private final RequestIdentity identities;

  /**
   * Puts a bridge together and starts to connect to its broker.
   *
   * @param directory the realm, where it can be asked about a user
   * @throws io.longspan.config.ConfigException with one line, where the catalogue or the signing
   *     key cannot be used
   */
  BridgeRuntime(LongspanConfig config, Optional<UserDirectory> directory) {
    this.config = config;
    this.memory = new MemoryBudget(config.limits().totalBytes(), config.limits().userBytes());
    this.sockets = new OpenSockets(config.limits(), memory);
    this.users = new RealmUsers(directory);
    this.signIns =
        new SignIns(config.limits().signInsPerUser(), config.session().signInLifetime(), memory);
    this.catalogue = CatalogueSource.of(config);
    this.signingKey =
        config.identity().signingKey().map(file -> SigningKey.read(file, Clock.systemUTC()));
    this.tokens = TokenVerifier.of(config.tokens());
    this.identities =
        new RequestIdentity(
            catalogue::roles,
            new PasswordThrottle(Ticker.system()::millis),
            tokens,
            signIns,
            users);
    int threads = Math.max(2, Runtime.getRuntime().availableProcessors());
    this.commandPool = Executors.newFixedThreadPool(threads, commandThreads);
    ScheduledThreadPoolExecutor later = new ScheduledThreadPoolExecutor(1, schedulerThread);
    later.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    later.setRemoveOnCancelPolicy(true);
    this.scheduler = later;
    this.broker = JmsMessageBroker.of(config.broker(), config.limits().queueBytes());
    Scheduler bridgeScheduler =
        (task, delay) ->
            scheduler.schedule(
                () -> InternalErrors.guard("a scheduled task", task), delay, TimeUnit.MILLISECONDS);
    BrokerRequests requests = new BrokerRequests(config.bridge().id(), broker, bridgeScheduler);
    AuthorizationQueue questions =
        new AuthorizationQueue(
            new AuthorizationServiceClient(requests), memory, bridgeScheduler, Ticker.system());
    this.meters = new BridgeMeters();
    this.bridge =
        new BayeuxJMSBridge(
            config,
            memory,
            broker,
            requests,
            new CatalogueAccessPolicy(catalogue, questions),
            signingKey.<IdentitySigner>map(key -> key).orElse(IdentitySigner.NONE),
            meters,
            commandPool,
            bridgeScheduler,
            Ticker.system());
    this.accessLog = new AccessLog(config.bridge());
    meters.watch(bridge);
    meters.watch(memory);
    meters.watch(sockets);
    meters.watch(questions);
    meters.watchSignIn(
        identities::throttledPasswords, () -> tokens.map(TokenVerifier::refused).orElse(0L));
    meters.watchEndedSignIns(signIns::displaced, users::withdrawn);
    meters.watchTokenKeys(() -> tokens.map(TokenVerifier::keyFailures).orElse(0L));
    every(CATALOGUE_PERIOD, this::reloadCatalogue);
    tokens.ifPresent(verifier -> every(CATALOGUE_PERIOD, verifier::refresh));
    sweep(() -> signIns.sweep(System.currentTimeMillis()));
    bridge.operations().endWithUser(this::endSignIns);
    recheckCredentials(directory);
    bridge.start();
    LOG.info(
        "bridge started bridge={} broker={} catalogueEntries={}",
        config.bridge().id(),
        config.broker(),
        catalogue.get().size());
  }

  /** Ends what a user's passwords have opened; returns how many sign-ins there were. */
  private int endSignIns(String user) {
    users.withdraw(user);
    return signIns.endAll(user);
  }

  /** Users that were changed or removed are noticed at once where their file changes. */
  private void recheckCredentials(Optional<UserDirectory> directory) {
    long period = config.session().recheckCredentials().toMillis();
    directory.ifPresent(
        d ->
            every(
                CATALOGUE_PERIOD,
                () -> {
                  if (d.reloadIfChanged() && period > 0) {
                    recheckUsers();
                  }
                }));
    if (period > 0 && directory.isPresent()) {
      every(period, this::recheckUsers);
    }
  }

  /** What no longer has a good credential ends at once, so that it is told before it is refused. */
  private void recheckUsers() {
    users.recheck();
    sweeps.forEach(Runnable::run);
  }

  private void reloadCatalogue() {
    DestinationCatalogue before = catalogue.get();
    if (catalogue.reloadIfChanged()) {
      bridge.rightsChanged(RightsChange.between(before, catalogue.get()));
    }
  }

  /** Runs a task, which must not block, several times a second until the end. */
  void sweep(Runnable task) {
    sweeps.add(task);
    every(SWEEP_PERIOD, task);
  }

  private void every(long period, Runnable task) {
    scheduler.scheduleWithFixedDelay(
        () -> InternalErrors.guard("a task that is repeated", task),
        period,
        period,
        TimeUnit.MILLISECONDS);
  }

  /** Finds the bridge of a web application. */
  static BridgeRuntime of(ServletContext context) {
    return (BridgeRuntime) context.getAttribute(ATTRIBUTE);
  }

  void publish(ServletContext context) {
    context.setAttribute(ATTRIBUTE, this);
    context.setAttribute(DRAIN_ATTRIBUTE, (Runnable) this::drain);
    if (context.getAttribute(REFUSED_CONNECTIONS_ATTRIBUTE) instanceof LongSupplier refused) {
      meters.watchRefusedConnections(refused);
    }
    if (context.getAttribute(DISPLACED_CONNECTIONS_ATTRIBUTE) instanceof LongSupplier displaced) {
      meters.watchDisplacedConnections(displaced);
    }
  }

  LongspanConfig config() {
    return config;
  }

  CatalogueSource catalogue() {
    return catalogue;
  }

  /** Returns the key with which forwarded messages are signed, if they are. */
  Optional<SigningKey> signingKey() {
    return signingKey;
  }

  BayeuxJMSBridge bridge() {
    return bridge;
  }

  /** Returns who believes or refuses bearer tokens; empty where none is believed. */
  Optional<TokenVerifier> tokens() {
    return tokens;
  }

  SignIns signIns() {
    return signIns;
  }

  /** Returns the one that every path asks who a request comes from. */
  RequestIdentity identities() {
    return identities;
  }

  /** Returns the accounts that everything is charged to that holds or queues something. */
  MemoryBudget memory() {
    return memory;
  }

  /** Returns the open WebSockets. */
  OpenSockets sockets() {
    return sockets;
  }

  BridgeMeters meters() {
    return meters;
  }

  AccessLog accessLog() {
    return accessLog;
  }

  /**
   * Tells the clients to move, and blocks until nobody waits for anything any more, for {@code
   * session.drainTimeout} at most.
   */
  void drain() {
    bridge.drain();
    try {
      while (!bridge.isDrained()) {
        Thread.sleep(DRAIN_PERIOD);
      }
    } catch (InterruptedException x) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ends every client, then the connection to the broker, then the threads; blocks. */
  @Override
  public void close() {
    bridge.close();
    commandPool.shutdown();
    if (!commandThreads.awaitEnd(END_PATIENCE)) {
      LOG.warn("commands still run at the end bridge={}", config.bridge().id());
    }
    broker.close();
    scheduler.shutdownNow();
    if (!schedulerThread.awaitEnd(END_PATIENCE)) {
      LOG.warn("a scheduled task still runs at the end bridge={}", config.bridge().id());
    }
    tokens.ifPresent(TokenVerifier::close);
    meters.close();
    LOG.info("bridge stopped bridge={}", config.bridge().id());
  }
}
