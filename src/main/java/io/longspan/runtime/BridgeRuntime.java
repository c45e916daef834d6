package io.longspan.runtime;

import io.longspan.access.AuthorizationServiceClient;
import io.longspan.access.CatalogueAccessPolicy;
import io.longspan.access.RightsChange;
import io.longspan.audit.AuditEvent;
import io.longspan.audit.AuditFile;
import io.longspan.audit.AuditLog;
import io.longspan.audit.QueuedAuditLog;
import io.longspan.authentication.RequestIdentity;
import io.longspan.authentication.SignIns;
import io.longspan.bayeux.HandshakeQueue;
import io.longspan.bayeux.OpenSockets;
import io.longspan.bridge.AuditTopic;
import io.longspan.bridge.AuthorizationQueue;
import io.longspan.bridge.BayeuxJMSBridge;
import io.longspan.bridge.BridgeBrokers;
import io.longspan.bridge.BrokerRequests;
import io.longspan.bridge.MessageBroker;
import io.longspan.bridge.Scheduler;
import io.longspan.bridge.Ticker;
import io.longspan.bridge.Tracing;
import io.longspan.budget.MemoryBudget;
import io.longspan.catalogue.BrokerDestination;
import io.longspan.catalogue.CatalogueSource;
import io.longspan.catalogue.DestinationCatalogue;
import io.longspan.catalogue.NameReport;
import io.longspan.concurrent.DaemonThreads;
import io.longspan.concurrent.InternalErrors;
import io.longspan.config.ConfigException;
import io.longspan.config.LongspanConfig;
import io.longspan.config.LongspanConfig.Provider;
import io.longspan.identity.Identity;
import io.longspan.identity.PasswordThrottle;
import io.longspan.identity.RealmUsers;
import io.longspan.identity.TokenVerifier;
import io.longspan.identity.UserDirectory;
import io.longspan.jms.JmsMessageBroker;
import io.longspan.jms.forward.Forwarding;
import io.longspan.local.LocalService;
import io.longspan.local.broker.LoadedServices;
import io.longspan.local.broker.LocalBroker;
import io.longspan.local.broker.NoBroker;
import io.longspan.local.broker.RegisteredService;
import io.longspan.signing.IdentitySigner;
import io.longspan.signing.SigningKey;
import io.longspan.tracing.CurrentSpan;
import io.longspan.tracing.OpenTelemetryTracing;
import jakarta.servlet.ServletContext;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionHandler;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Composition root: creates all parts of one bridge, starts them and closes them. */
public final class BridgeRuntime implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(BridgeRuntime.class);
  private static final String ATTRIBUTE = BridgeRuntime.class.getName();

  /**
   * Context attribute of a task with which the embedded server drains the bridge before it stops.
   */
  private static final String DRAIN_ATTRIBUTE = "io.longspan.drain";

  /**
   * Context attributes that begin like this are local services that another web application has
   * registered; the name of the service follows.
   */
  private static final String LOCAL_SERVICE_ATTRIBUTE = "io.longspan.local.";

  /** Context attribute by which other web applications publish to local topics. */
  private static final String LOCAL_TOPICS_ATTRIBUTE = "io.longspan.localTopics";

  /** Context attribute of the embedded server's count of rejected connections. */
  private static final String REFUSED_CONNECTIONS_ATTRIBUTE = "io.longspan.refusedConnections";

  /** Context attribute of the embedded server's count of connections closed for newer ones. */
  private static final String DISPLACED_CONNECTIONS_ATTRIBUTE = "io.longspan.displacedConnections";

  /** Context attribute of when the embedded server's certificate expires, in Unix seconds. */
  private static final String CERTIFICATE_EXPIRY_ATTRIBUTE = "io.longspan.certificateExpiry";

  /** Context attribute of the embedded server's count of new certificates that were not usable. */
  private static final String CERTIFICATE_FAILURES_ATTRIBUTE = "io.longspan.certificateFailures";

  /** Period of the checks for a new catalogue, new users and new token keys, in milliseconds. */
  private static final long CATALOGUE_PERIOD = 250;

  /** Period of the checks for sessions and sign-ins that must end, in milliseconds. */
  private static final long SWEEP_PERIOD = 250;

  /** Period of the checks whether a draining bridge is drained, in milliseconds. */
  private static final long DRAIN_PERIOD = 20;

  /** How long to wait for the threads of each pool to end. */
  private static final Duration END_PATIENCE = Duration.ofSeconds(5);

  private final LongspanConfig config;
  private final CatalogueSource catalogue;
  private final Optional<SigningKey> signingKey;
  private final DaemonThreads commandThreads = new DaemonThreads("longspan-command");
  private final DaemonThreads schedulerThread = new DaemonThreads("longspan-scheduler");
  private final ExecutorService commandPool;
  private final ScheduledExecutorService scheduler;
  private final Queue<Future<?>> periodic = new ConcurrentLinkedQueue<>();
  private final Map<String, JmsMessageBroker> furtherBrokers = new LinkedHashMap<>();
  private final MessageBroker broker;
  private final Optional<QueuedAuditLog> auditLog;
  private final Forwarding forwarding;
  private final LocalBroker local;
  private final MemoryBudget memory;
  private final OpenSockets sockets;
  private final HandshakeQueue handshakes;
  private final BridgeMeterBinder meters;
  private final Optional<OpenTelemetryTracing> tracing;
  private final BayeuxJMSBridge bridge;
  private final AccessLog accessLog;
  private final Optional<TokenVerifier> tokens;
  private final Optional<UserDirectory> directory;
  private final RealmUsers users;
  private final List<Runnable> sweeps = new CopyOnWriteArrayList<>();
  private final Watchdog watchdog;
  private final SignIns signIns;
  private final RequestIdentity identities;

  /**
   * Creates a bridge and starts to connect to its broker, without waiting for the connection.
   *
   * @param directory the realm, if it can be asked about a user
   * @param attributes returns an attribute of the servlet context; null if it has none
   * @throws ConfigException if the catalogue, the token keys, the signing key or a local service
   *     cannot be used; one line
   */
  BridgeRuntime(
      LongspanConfig config,
      Optional<UserDirectory> directory,
      Function<String, Object> attributes) {
    this.config = config;
    this.memory = new MemoryBudget(config.limits().totalBytes(), config.limits().userBytes());
    this.sockets = new OpenSockets(config.limits(), memory);
    this.handshakes = new HandshakeQueue(config.limits(), memory, Ticker.system(), Math::random);
    this.directory = directory;
    this.users = new RealmUsers(directory);
    this.forwarding = new Forwarding(config);
    this.signIns =
        new SignIns(config.limits().signInsPerUser(), config.session().signInLifetime(), memory);
    this.catalogue = CatalogueSource.of(config);
    this.signingKey =
        config.identity().signingKey().map(file -> SigningKey.read(file, Clock.systemUTC()));
    this.tokens = TokenVerifier.of(config.tokens());
    int threads = Math.max(2, Runtime.getRuntime().availableProcessors());
    // When the bridge has ended, late tasks have nothing to do and nobody to tell.
    RejectedExecutionHandler discard = new ThreadPoolExecutor.DiscardPolicy();
    this.commandPool =
        new ThreadPoolExecutor(
            threads,
            threads,
            0,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            commandThreads,
            discard);
    ScheduledThreadPoolExecutor later =
        new ScheduledThreadPoolExecutor(1, schedulerThread, discard);
    later.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    later.setRemoveOnCancelPolicy(true);
    this.scheduler = later;
    this.local =
        new LocalBroker(
            LoadedServices.load(LocalService.class.getClassLoader()),
            name -> attributes.apply(LOCAL_SERVICE_ATTRIBUTE + name),
            config.local().threads(),
            memory,
            Ticker.system());
    startLocalServices();
    this.broker =
        config.broker().provider() == Provider.NONE
            ? new NoBroker()
            : JmsMessageBroker.of(
                config.broker(), config.bridge().id(), config.limits().queueBytes());
    this.auditLog = openAuditLog();
    this.identities =
        new RequestIdentity(
            catalogue::roles,
            new PasswordThrottle(Ticker.system()::millis),
            tokens,
            signIns,
            users,
            audit());
    config
        .brokers()
        .forEach(
            (name, further) ->
                furtherBrokers.put(
                    name,
                    JmsMessageBroker.of(
                        further, config.bridge().id(), config.limits().queueBytes())));
    Scheduler bridgeScheduler =
        (task, delay) ->
            scheduler.schedule(
                () -> InternalErrors.guard("a scheduled task", task), delay, TimeUnit.MILLISECONDS);
    BrokerRequests requests =
        new BrokerRequests(
            config.bridge().id(), config.broker().replies(), broker, bridgeScheduler);
    AuthorizationQueue questions =
        new AuthorizationQueue(
            new AuthorizationServiceClient(requests), memory, bridgeScheduler, Ticker.system());
    this.tracing =
        config.tracing().endpoint().isEmpty()
            ? Optional.empty()
            : Optional.of(
                new OpenTelemetryTracing(
                    config.tracing(), config.bridge().id(), config.broker().dialect()));
    this.meters = new BridgeMeterBinder(tracing.map(traces -> new CurrentSpan()));
    this.bridge =
        new BayeuxJMSBridge(
            config,
            memory,
            BridgeBrokers.of(traced(broker), brokersBesideDefault(), bridgeScheduler, meters),
            requests,
            new CatalogueAccessPolicy(catalogue, questions, audit()),
            signingKey.<IdentitySigner>map(key -> key).orElse(IdentitySigner.NONE),
            meters,
            audit(),
            commandPool,
            bridgeScheduler,
            Ticker.system(),
            tracing.<Tracing>map(traces -> traces).orElse(Tracing.NONE));
    auditLog.ifPresent(meters::watch);
    tokens.ifPresent(each -> each.whenRefused(() -> audit().record(AuditEvent.tokenRefused())));
    this.accessLog = new AccessLog(config.bridge());
    meters.watch(bridge);
    meters.watch(memory);
    meters.watch(sockets);
    meters.watch(handshakes);
    meters.watch(questions);
    meters.watch(local);
    meters.watchSignIn(
        identities::throttledPasswords, () -> tokens.map(TokenVerifier::refused).orElse(0L));
    meters.watchEndedSignIns(signIns::displaced, users::withdrawn);
    tracing.ifPresent(traces -> meters.watchTracing(traces::exported, traces::failed));
    meters.watchTokenKeys(() -> tokens.map(TokenVerifier::keyFailures).orElse(0L));
    every(CATALOGUE_PERIOD, this::reloadCatalogue);
    tokens.ifPresent(verifier -> every(CATALOGUE_PERIOD, verifier::refresh));
    sweep(
        () -> signIns.sweep(System.currentTimeMillis()),
        () -> signIns.sweepAll(System.currentTimeMillis()));
    bridge.operations().endWithUser(this::endSignIns);
    recheckCredentials(directory);
    checkJndi();
    every(SWEEP_PERIOD, local::sweep);
    every(LiveFigures.PERIOD, new LiveFigures(config.bridge().id(), bridge, meters, memory, local));
    this.watchdog =
        new Watchdog(
            Map.of("longspan-command", commandPool, "longspan-scheduler", scheduler),
            Ticker.system()::millis);
    meters.watch(watchdog);
    watchdog.start();
    bridge.start();
    meters.watch(forwarding);
    forwarding.apply(catalogue.get().forwards());
    LOG.info(StartLine.of(config, catalogue.get()));
  }

  private void startLocalServices() {
    try {
      local.startServices();
    } catch (ConfigException refused) {
      tokens.ifPresent(TokenVerifier::close);
      throw refused;
    }
  }

  private Optional<QueuedAuditLog> openAuditLog() {
    LongspanConfig.Audit where = config.audit();
    String bridgeId = config.bridge().id();
    if (where.file().isPresent()) {
      try {
        return Optional.of(new QueuedAuditLog(bridgeId, new AuditFile(where.file().orElseThrow())));
      } catch (IOException unusable) {
        tokens.ifPresent(TokenVerifier::close);
        local.close();
        throw new ConfigException(
            "audit.file: %s cannot be opened: %s".formatted(where.file().get(), unusable));
      }
    }
    return where
        .topic()
        .map(topic -> new QueuedAuditLog(bridgeId, new AuditTopic(broker, bridgeId, topic)));
  }

  /** Returns the audit log; it records nothing if none is configured. */
  public AuditLog audit() {
    return auditLog.<AuditLog>map(log -> log).orElse(AuditLog.NONE);
  }

  private Map<String, MessageBroker> brokersBesideDefault() {
    Map<String, MessageBroker> brokers = new LinkedHashMap<>();
    furtherBrokers.forEach((name, further) -> brokers.put(name, traced(further)));
    brokers.put(BrokerDestination.LOCAL_BROKER, local);
    return brokers;
  }

  private MessageBroker traced(MessageBroker other) {
    return tracing.map(traces -> traces.traced(other)).orElse(other);
  }

  /**
   * Ends all credentials that depend on a user's password; returns the number of ended sign-ins.
   */
  private int endSignIns(String user) {
    users.withdraw(user);
    return signIns.endAll(user);
  }

  /** Checks the users when their file changes, and periodically. */
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

  /**
   * Sweeps at once, so that sessions without a valid credential are notified before a request is
   * rejected.
   */
  private void recheckUsers() {
    users.recheck();
    sweeps.forEach(Runnable::run);
  }

  /** Looks the administered destinations of the catalogue up, on a command thread. */
  private void checkJndi() {
    catalogue.get().jndiDestinations().stream()
        .collect(Collectors.groupingBy(BrokerDestination::broker))
        .forEach(
            (name, destinations) ->
                commandPool.execute(
                    () ->
                        InternalErrors.guard(
                            "the check of destinations in JNDI",
                            () -> JmsMessageBroker.checkJndi(config.broker(name), destinations))));
  }

  private void reloadCatalogue() {
    DestinationCatalogue before = catalogue.get();
    if (catalogue.reloadIfChanged()) {
      checkJndi();
      forwarding.apply(catalogue.get().forwards());
      bridge.rightsChanged(RightsChange.between(before, catalogue.get()));
    }
  }

  /**
   * Registers a check of credentials. Both tasks run on the scheduler thread and must not block.
   *
   * @param part checks a part of what there is; runs every {@link #SWEEP_PERIOD}
   * @param all checks all; runs when users may have been withdrawn
   */
  public void sweep(Runnable part, Runnable all) {
    sweeps.add(all);
    every(SWEEP_PERIOD, part);
  }

  private void every(long period, Runnable task) {
    periodic.add(
        scheduler.scheduleWithFixedDelay(
            () -> InternalErrors.guard("a periodic task", task),
            period,
            period,
            TimeUnit.MILLISECONDS));
  }

  /** Returns the bridge of a web application. */
  public static BridgeRuntime of(ServletContext context) {
    return (BridgeRuntime) context.getAttribute(ATTRIBUTE);
  }

  void publish(ServletContext context) {
    context.setAttribute(ATTRIBUTE, this);
    context.setAttribute(
        LOCAL_TOPICS_ATTRIBUTE,
        (BiConsumer<String, Object>)
            (topic, message) -> local.publish(topic, RegisteredService.message(message)));
    context.setAttribute(DRAIN_ATTRIBUTE, (Runnable) this::drain);
    if (context.getAttribute(REFUSED_CONNECTIONS_ATTRIBUTE) instanceof LongSupplier refused) {
      meters.watchRefusedConnections(refused);
    }
    if (context.getAttribute(DISPLACED_CONNECTIONS_ATTRIBUTE) instanceof LongSupplier displaced) {
      meters.watchDisplacedConnections(displaced);
    }
    if (context.getAttribute(CERTIFICATE_EXPIRY_ATTRIBUTE) instanceof LongSupplier expiry
        && context.getAttribute(CERTIFICATE_FAILURES_ATTRIBUTE) instanceof LongSupplier failures) {
      meters.watchCertificate(expiry, failures);
    }
  }

  public LongspanConfig config() {
    return config;
  }

  CatalogueSource catalogue() {
    return catalogue;
  }

  /**
   * Says what the catalogue in force decides about a name of a user.
   *
   * @param roles the roles of the user; empty for those in the realm, if it can be asked
   */
  public NameReport explain(String user, Optional<Set<String>> roles, String name) {
    Set<String> known =
        roles.orElseGet(
            () ->
                directory
                    .flatMap(realm -> realm.find(user))
                    .map(UserDirectory.Entry::roles)
                    .orElse(Set.of()));
    return NameReport.of(catalogue.get(), new Identity(user, known), name);
  }

  /** Returns the key that signs forwarded messages; empty if signing is off. */
  public Optional<SigningKey> signingKey() {
    return signingKey;
  }

  public BayeuxJMSBridge bridge() {
    return bridge;
  }

  /** Returns why the bridge cannot serve clients, as one word; empty if it can. */
  public Optional<String> whyNotReady() {
    return watchdog.stuckCount() > 0 ? Optional.of("stuckThreads") : bridge.whyNotReady();
  }

  /** Returns the validator of bearer tokens; empty if tokens are not accepted. */
  public Optional<TokenVerifier> tokens() {
    return tokens;
  }

  public SignIns signIns() {
    return signIns;
  }

  /** Returns the authentication that all paths share. */
  public RequestIdentity identities() {
    return identities;
  }

  /** Returns the memory accounts. */
  public MemoryBudget memory() {
    return memory;
  }

  public OpenSockets sockets() {
    return sockets;
  }

  /** Returns the handshakes that wait for their turn. */
  public HandshakeQueue handshakes() {
    return handshakes;
  }

  public BridgeMeterBinder meters() {
    return meters;
  }

  public AccessLog accessLog() {
    return accessLog;
  }

  /**
   * Notifies the clients that they must move. Then blocks until nothing is in flight, at most
   * {@code session.drainTimeout}.
   */
  public void drain() {
    bridge.drain();
    try {
      while (!bridge.isDrained()) {
        Thread.sleep(DRAIN_PERIOD);
      }
    } catch (InterruptedException x) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Ends the periodic tasks, terminates all clients, ends the command threads, closes the broker
   * connection, then ends the scheduler. Blocks; called once.
   */
  @Override
  public void close() {
    watchdog.close();
    periodic.forEach(task -> task.cancel(false));
    bridge.close();
    commandPool.shutdown();
    if (!commandThreads.awaitEnd(END_PATIENCE)) {
      LOG.warn("commands have not ended in time bridge={}", config.bridge().id());
    }
    forwarding.close();
    local.close();
    // It may send to the broker.
    auditLog.ifPresent(QueuedAuditLog::close);
    furtherBrokers.values().forEach(MessageBroker::close);
    broker.close();
    scheduler.shutdownNow();
    if (!schedulerThread.awaitEnd(END_PATIENCE)) {
      LOG.warn("a scheduled task has not ended in time bridge={}", config.bridge().id());
    }
    tokens.ifPresent(TokenVerifier::close);
    tracing.ifPresent(OpenTelemetryTracing::close);
    meters.close();
    accessLog.flush();
    LOG.info("bridge stopped bridge={}", config.bridge().id());
  }
}
