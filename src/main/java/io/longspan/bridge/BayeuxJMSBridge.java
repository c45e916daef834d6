package io.longspan.bridge;

import io.longspan.access.AccessPolicy;
import io.longspan.access.RightsChange;
import io.longspan.audit.AuditLog;
import io.longspan.bridge.ClientSession.State;
import io.longspan.budget.MemoryBudget;
import io.longspan.budget.Purpose;
import io.longspan.catalogue.DestinationDescription;
import io.longspan.concurrent.InternalErrors;
import io.longspan.config.LongspanConfig;
import io.longspan.config.LongspanConfig.ReadyBrokers;
import io.longspan.config.LongspanConfig.Replies;
import io.longspan.identity.Identity;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.ControlCommand;
import io.longspan.protocol.ControlCommand.WithHandshake;
import io.longspan.protocol.ErrorCode;
import io.longspan.protocol.Notice;
import io.longspan.protocol.PayloadEncoder;
import io.longspan.protocol.SendCommand;
import io.longspan.protocol.SessionEnd;
import io.longspan.signing.IdentitySigner;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Connects Bayeux clients with a JMS broker. It has the use cases of one client, from its handshake
 * to the end of its session. The commands of a client run in its mailbox.
 *
 * <p>Methods may be called on any thread and never block, unless they say otherwise.
 */
public final class BayeuxJMSBridge {
  private static final Logger LOG = LoggerFactory.getLogger(BayeuxJMSBridge.class);
  private static final CompletionStage<?> DONE = CompletableFuture.completedFuture(null);

  private final LongspanConfig config;
  private final MemoryBudget memory;
  private final BridgeBrokers brokers;
  private final AccessPolicy accessPolicy;
  private final Executor commandPool;
  private final Ticker ticker;
  private final BridgeMetrics metrics;
  private final PayloadEncoder encoder;
  private final SessionRegistry sessions = new SessionRegistry();
  private final HandshakeLimit handshakes;
  private final TopicSubscriptions subscriptions;
  private final BridgePresence presence;
  private final ClientPresence clientPresence;
  private final ClientHistory history;
  private final SnapshotQuestions snapshots;
  private final ClientSubscriber subscriber;
  private final QueueSubscriptions queueSubscriptions;
  private final ClientQueues queues;
  private final DurableHolders durableHolders;
  private final ClientDurables durables;
  private final DestinationDescriber describer;
  private final MessageForwarder forwarder;

  /** The reply destinations at each broker, by the broker's name. */
  private final Map<String, ReplyAddresses> replyAddresses;

  /** Clients to notify because something they have is open again at the broker. */
  private final ClientsToVisit reopened;

  private final ClientConnector connector;
  private final AccessRevocation revocation;
  private final BridgeTopics bridgeTopics;
  private final BrokerRequests requests;
  private final BridgeOperations operations;
  private final DurableOperations durableOperations;
  private final Draining draining;

  /** Creates a bridge that traces nothing. */
  public BayeuxJMSBridge(
      LongspanConfig config,
      MemoryBudget memory,
      BridgeBrokers brokers,
      BrokerRequests requests,
      AccessPolicy accessPolicy,
      IdentitySigner signer,
      BridgeMetrics metrics,
      Executor commandPool,
      Scheduler scheduler,
      Ticker ticker) {
    this(
        config,
        memory,
        brokers,
        requests,
        accessPolicy,
        signer,
        metrics,
        AuditLog.NONE,
        commandPool,
        scheduler,
        ticker,
        Tracing.NONE);
  }

  /**
   * Creates a bridge; {@link #start} connects it.
   *
   * @param config the configuration
   * @param memory the memory accounts that the bridge charges
   * @param brokers the JMS brokers
   * @param requests sends the bridge's own requests; opened and failed with the connection of the
   *     default broker
   * @param accessPolicy decides what clients may send to and read
   * @param signer signs forwarded messages
   * @param metrics counts events
   * @param audit gets the sessions, the revoked rights, and the commands of operators over JMS
   * @param commandPool runs the commands of clients
   * @param scheduler runs delayed tasks
   * @param ticker the clock of the bridge
   * @param tracing traces the messages of clients
   */
  public BayeuxJMSBridge(
      LongspanConfig config,
      MemoryBudget memory,
      BridgeBrokers brokers,
      BrokerRequests requests,
      AccessPolicy accessPolicy,
      IdentitySigner signer,
      BridgeMetrics metrics,
      AuditLog audit,
      Executor commandPool,
      Scheduler scheduler,
      Ticker ticker,
      Tracing tracing) {
    String bridgeId = config.bridge().id();
    BridgeBroker main = brokers.main();
    IdentityStamp stamp = new IdentityStamp(bridgeId, signer);
    this.config = config;
    this.memory = memory;
    this.brokers = brokers;
    this.accessPolicy = accessPolicy;
    this.requests = requests;
    this.commandPool = commandPool;
    this.ticker = ticker;
    this.metrics = metrics;
    this.encoder = new PayloadEncoder(config.limits().queueBytes());
    this.draining =
        new Draining(sessions, scheduler, ticker, config.session().drainTimeout().toMillis());
    this.handshakes = new HandshakeLimit(config.limits().sessionsPerUser());
    this.reopened = new ClientsToVisit(commandPool, this::tellReopened);
    TopicQuota quota = new TopicQuota(config.limits().topicsPerUser(), memory);
    this.subscriptions =
        new TopicSubscriptions(
            brokers,
            quota,
            encoder,
            metrics,
            scheduler,
            ticker,
            memory,
            config.limits().topicsPerClient(),
            reopened::add);
    this.presence =
        new BridgePresence(
            bridgeId,
            main.broker(),
            accessPolicy,
            main.reopenings(),
            memory,
            encoder,
            metrics,
            commandPool,
            scheduler,
            ticker);
    this.clientPresence =
        new ClientPresence(
            accessPolicy,
            presence,
            commandPool,
            config.limits().topicsPerClient(),
            config.limits().queueBytes());
    this.history =
        new ClientHistory(
            accessPolicy, subscriptions, encoder, commandPool, config.limits().queueBytes());
    this.snapshots =
        new SnapshotQuestions(
            brokers.each(
                broker ->
                    new BrokerRequests(
                        bridgeId, repliesOf(broker), broker.broker(), scheduler, true)),
            brokers,
            memory,
            stamp,
            encoder,
            metrics,
            commandPool,
            scheduler,
            ticker);
    this.subscriber =
        new ClientSubscriber(
            brokers,
            accessPolicy,
            subscriptions,
            snapshots,
            quota,
            presence,
            clientPresence,
            config.limits().topicsPerClient());
    this.describer = new DestinationDescriber(accessPolicy::describe, config.limits().queueBytes());
    this.durableHolders =
        new DurableHolders(bridgeId, main.broker(), main.reopenings(), ticker, metrics);
    this.queueSubscriptions =
        new QueueSubscriptions(
            brokers,
            QueueLimits.ofQueues(config.limits().queueConsumers()),
            QueueLimits.ofDurables(config.limits().durableSubscriptions()),
            durableHolders,
            encoder,
            metrics,
            scheduler,
            ticker);
    durableHolders.use(queueSubscriptions);
    this.operations =
        new BridgeOperations(
            bridgeId, sessions, subscriptions, queueSubscriptions::all, this::terminate, ticker);
    this.queues = new ClientQueues(brokers, accessPolicy, queueSubscriptions, metrics);
    this.durables =
        new ClientDurables(
            brokers,
            accessPolicy,
            queueSubscriptions,
            durableHolders,
            metrics,
            audit,
            scheduler,
            ticker,
            config.limits().topicsPerClient());
    this.durableOperations = new DurableOperations(durableHolders, durables);
    this.revocation =
        new AccessRevocation(
            bridgeId,
            main.broker(),
            accessPolicy,
            subscriptions,
            presence,
            new QueueRights(
                accessPolicy, queueSubscriptions, metrics, audit, commandPool, scheduler),
            metrics,
            audit,
            commandPool,
            scheduler,
            ticker);
    this.replyAddresses =
        brokers.each(
            broker ->
                new ReplyAddresses(
                    bridgeId,
                    repliesOf(broker),
                    broker,
                    memory,
                    subscriber,
                    encoder,
                    metrics,
                    scheduler,
                    this::terminate));
    ReplyAddresses mainReplies = replyAddresses(main);
    this.forwarder =
        new MessageForwarder(
            replyAddresses, memory, accessPolicy, stamp, commandPool, metrics, ticker, tracing);
    this.connector =
        new ClientConnector(
            config,
            main.broker(),
            mainReplies,
            sessions,
            subscriber,
            queues,
            durables,
            metrics,
            audit,
            scheduler,
            ticker,
            revocation::rolesChanged);
    memory.whenOver(
        new MemoryShedder(
                bridgeId, memory, sessions, subscriptions, metrics, commandPool, scheduler)
            ::request);
    this.bridgeTopics =
        new BridgeTopics(
            bridgeId,
            main.broker(),
            sessions,
            encoder,
            operations,
            revocation,
            main.reopenings(),
            audit,
            this::drain);
  }

  /** Starts to connect to the brokers; returns at once. */
  public void start() {
    subscriptions.keepOpen(accessPolicy.alwaysKept());
    brokers.all().forEach(broker -> broker.broker().start(new Connection(broker)));
  }

  /** Reacts to what becomes of the connection to one broker. */
  private final class Connection implements MessageBroker.ConnectionListener {
    private final BridgeBroker broker;

    Connection(BridgeBroker broker) {
      this.broker = broker;
    }

    @Override
    public void brokerConnected() {
      BayeuxJMSBridge.this.brokerConnected(broker);
    }

    @Override
    public void brokerLost() {
      BayeuxJMSBridge.this.brokerLost(broker);
    }
  }

  private Replies repliesOf(BridgeBroker broker) {
    return broker.isLocal() ? Replies.DEFAULT : config.broker(broker.name()).replies();
  }

  private ReplyAddresses replyAddresses(BridgeBroker broker) {
    return Optional.ofNullable(replyAddresses.get(broker.name())).orElseThrow();
  }

  /**
   * Returns whether a user may open one more Bayeux session. Unreaped sessions must not block a
   * reconnect, so twice {@code limits.sessionsPerUser} is allowed. The user's memory must have room
   * for the session.
   */
  public boolean mayJoin(Identity identity) {
    return sessions.joined(identity.user()) < 2L * config.limits().sessionsPerUser()
        && memory.user(identity.user()).hasRoom(SessionRegistry.SESSION_BYTES);
  }

  /**
   * Returns whether the broker can carry a user's name unchanged, and counts a refusal. If it
   * cannot carry a character, services could confuse two users.
   */
  public boolean carries(Identity identity) {
    boolean carried = brokers.main().broker().carriesText(identity.user());
    if (!carried) {
      LOG.warn(
          "user rejected bridge={} user={} reason=\"the broker cannot carry the name\"",
          config.bridge().id(),
          identity.loggable());
      metrics.refused(ErrorCode.BAD_REQUEST);
    }
    return carried;
  }

  /**
   * Counts a handshake of a user. Returns false, and counts the refusal, if the user handshakes too
   * often.
   */
  public boolean mayShakeHands(Identity identity) {
    boolean allowed = handshakes.tryAcquire(identity.user(), ticker.millis());
    if (!allowed) {
      metrics.refused(ErrorCode.LIMIT_EXCEEDED);
    }
    return allowed;
  }

  /**
   * Creates the session of a client whose handshake has succeeded.
   *
   * @param clientId the Bayeux client id
   * @param identity the authenticated user
   * @param channel writes to the client
   */
  public ClientSession join(String clientId, Identity identity, ClientChannel channel) {
    accessPolicy.saw(identity);
    ClientSession session =
        new ClientSession(
            clientId,
            identity,
            channel,
            encoder,
            metrics,
            config.limits(),
            memory,
            commandPool,
            ticker);
    sessions.add(session);
    LOG.debug("Bayeux session created bridge={} {}", config.bridge().id(), session);
    return session;
  }

  /**
   * Gives a session the roles of the latest credential, and checks the client's subscriptions
   * again. Roles that the credential lacks are withdrawn at once. If the roles change too often,
   * additional roles apply later: the caller must call again.
   *
   * @param presented the same user, with the roles of the latest credential
   * @throws IllegalArgumentException if it is another user
   */
  public void renew(ClientSession session, Identity presented) {
    boolean changed = session.renew(presented, ticker.millis());
    accessPolicy.saw(session.identity());
    if (changed) {
      LOG.info("roles changed bridge={} {}", config.bridge().id(), session);
      session.client().ifPresent(revocation::rolesChanged);
    }
  }

  /**
   * Handles a change of rights, for example a new catalogue. Within a second, each affected
   * subscription is confirmed, suspended or ended (protocol sections 5 and 11).
   */
  public void rightsChanged(RightsChange change) {
    revocation.changed(change);
    subscriptions.keepOpen(accessPolicy.alwaysKept());
  }

  /**
   * Handles the end of a Bayeux session: suspends the session, or terminates it (protocol sections
   * 6 and 8).
   *
   * @param mayReturn true if the client may resume within the resume window; false to terminate
   * @param reason the reason for the event and the log
   */
  public void bayeuxSessionEnded(ClientSession session, boolean mayReturn, String reason) {
    if (!mayReturn) {
      // Cancel pending consumers first: the command that waits for them would delay the end.
      session.client().ifPresent(subscriber::abandon);
    }
    session
        .mailbox()
        .submitAlways(
            () -> {
              if (reason.equals(SessionEnd.SLOW_CONSUMER.wireName())) {
                metrics.slowClientEnded();
              }
              connector.suspendOrTerminate(session, mayReturn && !isDraining(), reason);
              LOG.debug(
                  "Bayeux session ended bridge={} {} reason={}",
                  config.bridge().id(),
                  session,
                  reason);
              return null;
            });
  }

  /**
   * Terminates a session and its client, whether the Bayeux session is alive or the session is
   * suspended.
   */
  private void terminate(ClientSession session, String reason) {
    session.endBayeuxSession(reason);
    connector.terminateIfSuspended(session, reason);
  }

  /**
   * Counts a published message against the client's rate limit. The caller must do this before it
   * decodes a control message; {@link #send} does it itself.
   *
   * @throws BridgeException {@code limitExceeded} if the client publishes too often
   */
  public void requireAllowance(ClientSession session) {
    if (!session.rateLimit().tryAcquire(ticker.millis())) {
      throw BridgeException.limitExceeded(
          "a client may publish at most %d messages per second"
              .formatted(config.limits().messagesPerSecond()));
    }
  }

  /**
   * Counts a message on a channel that clients may not use, against the same rate limit as {@link
   * #requireAllowance}.
   *
   * @return false if the client sends too often; the refusal is counted
   */
  public boolean mayPublish(ClientSession session) {
    boolean allowed = session.rateLimit().tryAcquire(ticker.millis());
    if (!allowed) {
      metrics.refused(ErrorCode.LIMIT_EXCEEDED);
    }
    return allowed;
  }

  /**
   * Handles a control message (protocol section 2). The answer or the refusal goes to the user
   * channel. The caller has called {@link #requireAllowance} before.
   */
  public void control(ClientSession session, ControlCommand command) {
    control(session, command, () -> {});
  }

  /**
   * Handles a control message as {@link #control(ClientSession, ControlCommand)} does.
   *
   * @param whenDone called when the answer or the refusal is queued; must not block
   */
  public void control(ClientSession session, ControlCommand command, Runnable whenDone) {
    long bytes = command.heapBytes();
    if (!session.account().tryCharge(Purpose.INBOUND, bytes)) {
      refuse(
          session,
          command,
          BridgeException.limitExceeded(
              "too many bytes of this user's messages wait to be processed"));
      whenDone.run();
      return;
    }
    Runnable end =
        () -> {
          session.account().release(Purpose.INBOUND, bytes);
          whenDone.run();
        };
    try {
      session
          .mailbox()
          .submit(() -> run(session, command).whenComplete((done, failure) -> end.run()));
    } catch (BridgeException refusal) {
      refuse(session, command, refusal);
      end.run();
    }
  }

  /**
   * Does what a handshake asks for: connects the client, and subscribes it to topics (protocol
   * section 12). The answers go to the user channel, as those of control messages. If the client
   * cannot be connected, it gets one answer.
   *
   * @param decode decodes the request, on this thread. It may throw {@code BridgeException}
   * @param correlationId the correlation id of the request
   * @return completes when all answers are queued, on any thread; never fails
   */
  public CompletionStage<Void> connectWithHandshake(
      ClientSession session, Supplier<WithHandshake> decode, String correlationId) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    try {
      requireAllowance(session);
      WithHandshake wanted = decode.get();
      Runnable last = () -> done.complete(null);
      control(session, wanted.connect(), wanted.subscribe().isPresent() ? () -> {} : last);
      wanted.subscribe().ifPresent(subscribe -> control(session, subscribe, last));
    } catch (RuntimeException | Error failure) {
      refuse(session, Optional.of(correlationId), failure);
      done.complete(null);
    }
    return done;
  }

  private CompletionStage<?> run(ClientSession session, ControlCommand command) {
    try {
      CompletionStage<?> done = execute(session, command);
      return done == null ? DONE : done.exceptionally(failure -> refuse(session, command, failure));
    } catch (RuntimeException | Error failure) {
      refuse(session, command, failure);
      return DONE;
    }
  }

  private <T> T refuse(ClientSession session, ControlCommand command, Throwable failure) {
    Notice notice = failed(session, Optional.of(command.correlationId()), failure);
    session.tell(
        command instanceof ControlCommand.TopicSubscribe subscribe
            ? subscribe.answer(notice)
            : notice);
    return null;
  }

  private CompletionStage<?> execute(ClientSession session, ControlCommand command) {
    if (command instanceof ControlCommand.Connect connect) {
      return connector.connect(session, connect).thenRun(() -> draining.connected(session));
    }
    if (command instanceof ControlCommand.TopicSubscribe subscribe
        && subscribe.withConnect()
        && !session.isConnected()) {
      // The failure of the connect was the answer.
      return null;
    }
    ConnectedClient client = session.requireConnected();
    if (command instanceof ControlCommand.TopicSubscribe subscribe) {
      return subscribe.durable().isPresent()
          ? durables.subscribe(client, subscribe)
          : subscriber.subscribe(client, subscribe);
    }
    if (command instanceof ControlCommand.History asked) {
      return history.answer(client, asked);
    }
    if (command instanceof ControlCommand.Presence asked) {
      return clientPresence.answer(client, asked);
    }
    if (command instanceof ControlCommand.QueueSubscribe subscribe) {
      return queues.subscribe(client, subscribe);
    }
    if (command instanceof ControlCommand.QueueUnsubscribe unsubscribe) {
      return queues.unsubscribe(client, unsubscribe);
    }
    if (command instanceof ControlCommand.Settle settle) {
      return queues.settle(client, settle);
    }
    if (command instanceof ControlCommand.TopicUnsubscribe unsubscribe) {
      return unsubscribe.forget().isPresent()
          ? durables.forget(client, unsubscribe)
          : unsubscribe(client, unsubscribe);
    }
    if (command instanceof ControlCommand.Describe describe) {
      client.tell(describer.describe(client.identity(), describe.correlationId()));
    } else if (command instanceof ControlCommand.Disconnect disconnect) {
      connector.disconnect(session, State.DISCONNECTED, "disconnect");
      session.tell(new Notice.Disconnected(disconnect.correlationId()));
    }
    return null;
  }

  private CompletionStage<?> unsubscribe(
      ConnectedClient client, ControlCommand.TopicUnsubscribe command) {
    CompletableFuture<?>[] ended =
        command.topics().stream()
            .filter(client.durables()::containsKey)
            .map(topic -> durables.end(client, topic).toCompletableFuture())
            .toArray(CompletableFuture[]::new);
    if (ended.length == 0) {
      subscriber.unsubscribe(client, command);
      return null;
    }
    return CompletableFuture.allOf(ended).thenRun(() -> subscriber.unsubscribe(client, command));
  }

  /**
   * Notifies a client that a whole control message was refused.
   *
   * @param correlationId the correlation id of the message, if it has a valid one
   * @param failure a refusal; any other failure is reported and becomes {@code internalError}
   */
  public void refuse(ClientSession session, Optional<String> correlationId, Throwable failure) {
    session.tell(failed(session, correlationId, failure));
  }

  private Notice failed(ClientSession session, Optional<String> correlationId, Throwable failure) {
    BridgeException refusal =
        BridgeException.from(
            failure, fault -> InternalErrors.report("a command of " + session, fault));
    metrics.refused(refusal.code());
    return new Notice.ControlFailed(correlationId, refusal);
  }

  /**
   * Returns what a user may do without asking anybody, in the order of the catalogue (protocol
   * section 18).
   */
  public List<DestinationDescription> describe(Identity identity) {
    return accessPolicy.describe(identity);
  }

  /**
   * Forwards a message into JMS (protocol section 3).
   *
   * @param decode decodes the message, on this thread. It may throw {@code BridgeException}; any
   *     other exception becomes {@code internalError}
   * @param correlationId returns the correlation id of the message, if it has one. It is called, on
   *     this thread, only if the message is refused
   * @return completes when the broker has accepted the message, or fails with a {@code
   *     BridgeException}
   */
  public CompletionStage<Void> send(
      ClientSession session,
      Supplier<SendCommand> decode,
      Supplier<Optional<String>> correlationId) {
    CompletableFuture<Void> receipt = new CompletableFuture<>();
    try {
      requireAllowance(session);
      forwarder.accept(session, decode.get(), receipt);
    } catch (RuntimeException | Error failure) {
      forwarder.fail(session, correlationId.get(), failure, receipt);
    }
    return receipt;
  }

  /**
   * Handles the loss of the connection: nothing that was opened on it exists any more. Runs on the
   * supervisor's thread.
   */
  private void brokerLost(BridgeBroker broker) {
    LOG.warn(
        "clients suspended until the broker is connected again bridge={} broker={} clients={}",
        config.bridge().id(),
        broker.label(),
        sessions.connected());
    // If one step fails, the others must still run.
    InternalErrors.guard("the end of the reopening attempts", broker.reopenings()::endAll);
    InternalErrors.guard("the handling of lost topics", () -> subscriptions.connectionLost(broker));
    InternalErrors.guard(
        "the handling of lost queues", () -> queueSubscriptions.connectionLost(broker));
    if (broker.isDefault()) {
      InternalErrors.guard(
          "the handling of the bridge's own lost topics", bridgeTopics::connectionLost);
      InternalErrors.guard("the handling of lost presence", presence::connectionLost);
      InternalErrors.guard("the handling of lost claims", durableHolders::connectionLost);
      InternalErrors.guard("the handling of lost authorisation events", revocation::connectionLost);
      InternalErrors.guard(
          "the handling of the bridge's own lost requests", requests::connectionLost);
    }
    InternalErrors.guard("the handling of lost snapshots", () -> snapshots.connectionLost(broker));
    ReplyAddresses replies = replyAddresses(broker);
    InternalErrors.guard("the handling of lost reply destinations", () -> replies.connectionLost());
    for (ConnectedClient client : sessions.clients()) {
      InternalErrors.guard("the suspension of " + client, () -> replies.connectionLost(client));
    }
  }

  /**
   * Opens everything on a new connection. Runs on the supervisor's thread. On the default broker,
   * the topics of clients follow once the bridge receives authorisation events, or the first
   * attempt has failed.
   */
  private void brokerConnected(BridgeBroker broker) {
    LOG.info(
        "broker connected, topics are being opened bridge={} broker={} clients={}",
        config.bridge().id(),
        broker.label(),
        sessions.connected());
    Runnable topics =
        () -> {
          subscriptions.reopenAll(broker);
          queueSubscriptions.reopenAll(broker);
        };
    if (broker.isDefault()) {
      requests.open(broker.reopenings());
      presence.brokerConnected();
      durableHolders.brokerConnected();
      bridgeTopics.open().thenRunAsync(topics, commandPool);
    } else {
      commandPool.execute(topics);
    }
    sessions.clients().forEach(replyAddresses(broker)::reopen);
  }

  private void tellReopened(Set<ConnectedClient> clients) {
    for (ConnectedClient client : clients) {
      client.inMailbox(
          () -> {
            replyAddresses.values().forEach(replies -> replies.resume(client));
            return null;
          });
    }
  }

  /**
   * Starts draining: refuses new sessions, and notifies the connected clients to move, a few at a
   * time. Idempotent.
   */
  public void drain() {
    if (draining.begin()) {
      LOG.info("bridge draining bridge={} clients={}", config.bridge().id(), sessions.connected());
    }
  }

  /** Returns whether a draining bridge has finished waiting for its clients. */
  public boolean isDrained() {
    return draining.isDone();
  }

  /** Returns the operations for an operator, except {@link #drain}. */
  public BridgeOperations operations() {
    return operations;
  }

  /** Returns the operations on durable subscriptions for an operator. */
  public DurableOperations durableOperations() {
    return durableOperations;
  }

  /** Returns the state of each JMS broker, the default one first. */
  public List<BrokerStatus> brokers() {
    return brokers.all().stream()
        .filter(broker -> !broker.isLocal())
        .map(BrokerStatus::new)
        .toList();
  }

  /** Returns whether the bridge refuses new sessions. */
  public boolean isDraining() {
    return draining.isBegun();
  }

  /** Returns whether the bridge can serve clients. */
  public boolean isReady() {
    return whyNotReady().isEmpty();
  }

  /** Returns the reason why the bridge cannot serve clients, as one word; empty if it can. */
  public Optional<String> whyNotReady() {
    if (isDraining()) {
      return Optional.of("draining");
    }
    if (!readyBrokers().allMatch(BrokerStatus::isConnected)) {
      return Optional.of("brokerUnavailable");
    }
    if (readyBrokers().anyMatch(broker -> broker.trouble().isPresent())) {
      return Optional.of("brokerTakesNothing");
    }
    return bridgeTopics.hearsAuthorizationEvents()
        ? Optional.empty()
        : Optional.of("authorizationEventsUnheard");
  }

  /** Returns the state of the brokers without which the bridge is not ready. */
  private Stream<BrokerStatus> readyBrokers() {
    return brokers().stream()
        .filter(broker -> broker.isDefault() || config.bridge().readyBrokers() == ReadyBrokers.ALL);
  }

  /**
   * Returns the problem because of which the bridge is not ready, as text for an operator; empty if
   * there is none.
   */
  public Optional<String> trouble() {
    return readyBrokers()
        .flatMap(broker -> broker.describedTrouble().stream())
        .findFirst()
        .or(
            () ->
                bridgeTopics.hearsAuthorizationEvents()
                    ? Optional.empty()
                    : Optional.of(
                        "the bridge cannot receive changes of rights"
                            + " (topic bridge/authorization-events)"));
  }

  /** Returns how many topics and temporary topics wait to be opened again at the broker. */
  public int reopeningCount() {
    return brokers.all().stream().mapToInt(broker -> broker.reopenings().size()).sum();
  }

  /** Returns the memory accounts of users and strangers. */
  public MemoryBudget memory() {
    return memory;
  }

  /** Returns the number of sessions, including suspended ones. */
  public int sessionCount() {
    return sessions.all().size();
  }

  /** Returns the number of connected clients, including those of suspended sessions. */
  public int connectedCount() {
    return sessions.connected();
  }

  /** Returns the number of subscriptions to queues. */
  public int queueConsumerCount() {
    return queueSubscriptions.queues();
  }

  /** Returns the number of durable subscriptions in use. */
  public int durableSubscriptionCount() {
    return queueSubscriptions.durables();
  }

  /** Returns the number of shared JMS subscriptions. */
  public int subscriptionCount() {
    return subscriptions.size();
  }

  /**
   * Starts draining and terminates every session. Returns at once; the commands publish each end
   * while the broker can still accept it.
   */
  public void close() {
    drain();
    draining.tellAll();
    presence.close();
    for (ClientSession session : sessions.all()) {
      session
          .mailbox()
          .submitAlways(
              () -> {
                connector.terminate(session, "bridgeStopped");
                return null;
              });
    }
  }
}
