package io.longspan.bridge;

import io.longspan.bridge.ClientSession.State;
import io.longspan.budget.MemoryBudget;
import io.longspan.budget.Purpose;
import io.longspan.concurrent.InternalErrors;
import io.longspan.config.LongspanConfig;
import io.longspan.protocol.Answer;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.ControlCommand;
import io.longspan.protocol.ErrorCode;
import io.longspan.protocol.PayloadEncoder;
import io.longspan.protocol.SendCommand;
import io.longspan.protocol.SessionEnd;
import io.longspan.security.AccessPolicy;
import io.longspan.security.Identity;
import io.longspan.security.IdentitySigner;
import io.longspan.security.RightsChange;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Bridges Bayeux clients and a JMS broker: the use cases of one client, from its handshake to its
 * end. Commands run in the client's mailbox; nothing here blocks.
 */
public final class BayeuxJMSBridge {
  private static final Logger LOG = LoggerFactory.getLogger(BayeuxJMSBridge.class);
  private static final CompletionStage<?> DONE = CompletableFuture.completedFuture(null);

  private final LongspanConfig config;
  private final MemoryBudget memory;
  private final MessageBroker broker;
  private final AccessPolicy accessPolicy;
  private final Executor commandPool;
  private final Ticker ticker;
  private final BridgeMetrics metrics;
  private final PayloadEncoder encoder;
  private final SessionRegistry sessions = new SessionRegistry();
  private final HandshakeLimit handshakes;
  private final TopicSubscriptions subscriptions;
  private final ClientSubscriber subscriber;
  private final MessageForwarder forwarder;
  private final Reopenings reopenings;
  private final ReplyAddresses replyAddresses;

  /** They are to be told what exists again. */
  private final ClientsToVisit reopened;

  private final ClientConnector connector;
  private final AccessRevocation revocation;
  private final BridgeTopics bridgeTopics;
  private final BrokerRequests requests;
  private final BridgeOperations operations;
  private final Draining draining;

  /**
   * Creates a bridge; {@link #start} begins its work.
   *
   * @param config the configuration
   * @param memory the accounts of what is held for users
   * @param broker the JMS broker
   * @param requests the bridge's own requests, which live and die with the connection
   * @param accessPolicy decides what clients may reach
   * @param signer signs who a forwarded message is from
   * @param metrics hears what happens
   * @param commandPool runs the clients' commands
   * @param scheduler runs what is due later
   * @param ticker tells the time
   */
  public BayeuxJMSBridge(
      LongspanConfig config,
      MemoryBudget memory,
      MessageBroker broker,
      BrokerRequests requests,
      AccessPolicy accessPolicy,
      IdentitySigner signer,
      BridgeMetrics metrics,
      Executor commandPool,
      Scheduler scheduler,
      Ticker ticker) {
    String bridgeId = config.bridge().id();
    this.config = config;
    this.memory = memory;
    this.broker = broker;
    this.accessPolicy = accessPolicy;
    this.requests = requests;
    this.commandPool = commandPool;
    this.ticker = ticker;
    this.metrics = metrics;
    this.encoder = new PayloadEncoder(config.limits().queueBytes());
    this.draining = new Draining(sessions, ticker, config.session().drainTimeout().toMillis());
    this.handshakes = new HandshakeLimit(config.limits().sessionsPerUser());
    this.reopenings = new Reopenings(scheduler, metrics);
    this.reopened = new ClientsToVisit(commandPool, this::tellReopened);
    TopicQuota quota = new TopicQuota(config.limits().topicsPerUser(), memory);
    this.subscriptions =
        new TopicSubscriptions(
            broker,
            quota,
            encoder,
            metrics,
            scheduler,
            ticker,
            memory,
            config.limits().topicsPerClient(),
            reopenings,
            reopened::add);
    this.operations = new BridgeOperations(bridgeId, sessions, subscriptions, this::end, ticker);
    this.subscriber =
        new ClientSubscriber(
            broker, accessPolicy, subscriptions, quota, config.limits().topicsPerClient());
    this.forwarder =
        new MessageForwarder(
            bridgeId, broker, memory, accessPolicy, signer, commandPool, metrics, ticker);
    this.revocation =
        new AccessRevocation(
            bridgeId, accessPolicy, subscriptions, metrics, commandPool, scheduler);
    this.replyAddresses =
        new ReplyAddresses(
            bridgeId, broker, subscriber, reopenings, encoder, metrics, scheduler, this::end);
    this.connector =
        new ClientConnector(
            config,
            broker,
            replyAddresses,
            sessions,
            subscriber,
            metrics,
            scheduler,
            ticker,
            revocation::rolesChanged);
    memory.whenOver(
        new MemoryShedder(
                bridgeId, memory, sessions, subscriptions, metrics, commandPool, scheduler)
            ::request);
    this.bridgeTopics =
        new BridgeTopics(
            bridgeId, broker, sessions, encoder, operations, revocation, reopenings, this::drain);
  }

  /** Starts to connect to the broker; returns at once. */
  public void start() {
    broker.start(
        new MessageBroker.ConnectionListener() {
          @Override
          public void brokerConnected() {
            BayeuxJMSBridge.this.brokerConnected();
          }

          @Override
          public void brokerLost() {
            BayeuxJMSBridge.this.brokerLost();
          }
        });
  }

  /**
   * Returns whether a user may open one more Bayeux session. Twice as many as may be connected: a
   * client that comes back must not be locked out by sessions of its that have not been reaped.
   */
  public boolean mayJoin(Identity identity) {
    return sessions.joined(identity.user()) < 2L * config.limits().sessionsPerUser()
        && memory.user(identity.user()).hasRoom(SessionRegistry.SESSION_BYTES);
  }

  /**
   * Returns whether services learn a user's name as it is, and counts a refusal. Where the broker
   * cannot carry one of its characters, services could take the user for another one.
   */
  public boolean carries(Identity identity) {
    boolean carried = broker.carriesText(identity.user());
    if (!carried) {
      LOG.warn(
          "user refused bridge={} user={} reason=\"the broker cannot carry the name\"",
          config.bridge().id(),
          identity.loggable());
      metrics.refused(ErrorCode.BAD_REQUEST);
    }
    return carried;
  }

  /**
   * Returns whether a user may shake hands now, and counts it; {@code false} where the user does so
   * too often.
   */
  public boolean mayShakeHands(Identity identity) {
    boolean allowed = handshakes.tryAcquire(identity.user(), ticker.millis());
    if (!allowed) {
      metrics.refused(ErrorCode.LIMIT_EXCEEDED);
    }
    return allowed;
  }

  /**
   * Takes in a client that has shaken hands.
   *
   * @param channel the way to it
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
    LOG.info("client joined bridge={} {}", config.bridge().id(), session);
    return session;
  }

  /**
   * Gives a client the roles of the credential that was presented last, and ends the subscriptions
   * that they no longer grant. Roles that the credential lacks are taken away at once. Additional
   * roles of a client whose roles change too often are given later: the caller calls again.
   *
   * <p>Called on any thread; never blocks.
   *
   * @param presented the same user, with the roles of the credential
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
   * Learns that rights have changed, as by another catalogue: what is no longer granted is taken
   * away within a second. Called on any thread; never blocks.
   */
  public void rightsChanged(RightsChange change) {
    revocation.changed(change);
  }

  /**
   * Lets a session go: its Bayeux session has ended.
   *
   * @param mayReturn whether its client is kept for the resume window
   * @param reason why, for the event and the log
   */
  public void leave(ClientSession session, boolean mayReturn, String reason) {
    if (!mayReturn) {
      // The command that waits for these would hold up the one that ends the session.
      session.client().ifPresent(subscriber::abandon);
    }
    session
        .mailbox()
        .submitAlways(
            () -> {
              if (reason.equals(SessionEnd.SLOW_CONSUMER.wireName())) {
                metrics.slowClientEnded();
              }
              connector.leave(session, mayReturn && !isDraining(), reason);
              LOG.info("client left bridge={} {} reason={}", config.bridge().id(), session, reason);
              return null;
            });
  }

  /** Ends a session and its client for good, whether its Bayeux session still lives or is lost. */
  private void end(ClientSession session, String reason) {
    session.end(reason);
    connector.expire(session, reason);
  }

  /**
   * Counts a published message, whatever it holds and whatever becomes of it. To be called before
   * the message is decoded; {@link #send} does so itself.
   *
   * @throws BridgeException {@code limitExceeded} if the client publishes too often
   */
  public void requireAllowance(ClientSession session) {
    if (!session.rateLimit().tryAcquire(ticker.millis())) {
      throw BridgeException.limitExceeded(
          "a client may publish %d messages in a second"
              .formatted(config.limits().messagesPerSecond()));
    }
  }

  /**
   * Counts a message on a channel that no client may publish or subscribe to, as {@link
   * #requireAllowance} counts the others.
   *
   * @return false if the client sends messages too often; the refusal is counted
   */
  public boolean mayPublish(ClientSession session) {
    boolean allowed = session.rateLimit().tryAcquire(ticker.millis());
    if (!allowed) {
      metrics.refused(ErrorCode.LIMIT_EXCEEDED);
    }
    return allowed;
  }

  /**
   * Handles a control message for which there was an {@linkplain #requireAllowance allowance}; the
   * answer, or the refusal, goes to the user channel.
   */
  public void control(ClientSession session, ControlCommand command) {
    long bytes = command.heapBytes();
    try {
      if (!session.account().tryCharge(Purpose.INBOUND, bytes)) {
        throw BridgeException.limitExceeded("too many bytes of this user wait to be handled");
      }
      submit(session, command, () -> session.account().release(Purpose.INBOUND, bytes));
    } catch (BridgeException refusal) {
      refuse(session, Optional.of(command.correlationId()), refusal);
    }
  }

  private void submit(ClientSession session, ControlCommand command, Runnable release) {
    try {
      session
          .mailbox()
          .submit(() -> run(session, command).whenComplete((done, failure) -> release.run()));
    } catch (BridgeException refusal) {
      release.run();
      throw refusal;
    }
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
    refuse(session, Optional.of(command.correlationId()), failure);
    return null;
  }

  private CompletionStage<?> execute(ClientSession session, ControlCommand command) {
    if (command instanceof ControlCommand.Connect connect) {
      return connector.connect(session, connect);
    }
    ConnectedClient client = session.requireConnected();
    if (command instanceof ControlCommand.TopicSubscribe subscribe) {
      return subscriber.subscribe(client, subscribe);
    }
    if (command instanceof ControlCommand.TopicUnsubscribe unsubscribe) {
      subscriber.unsubscribe(client, unsubscribe);
    } else if (command instanceof ControlCommand.Disconnect disconnect) {
      connector.disconnect(session, State.DISCONNECTED, "disconnect");
      session.tell(new Answer.Disconnected(disconnect.correlationId()));
    }
    return null;
  }

  /**
   * Tells a client that a control message of its was refused as a whole. Called on any thread;
   * never blocks.
   *
   * @param correlationId the message's, where it has a usable one
   * @param failure the refusal; or a fault, which is reported and reads {@code internalError}
   */
  public void refuse(ClientSession session, Optional<String> correlationId, Throwable failure) {
    BridgeException refusal =
        BridgeException.from(
            failure, fault -> InternalErrors.report("a command of " + session, fault));
    metrics.refused(refusal.code());
    session.tell(new Answer.ControlFailed(correlationId, refusal));
  }

  /**
   * Forwards a message into JMS.
   *
   * @param decode decodes the message, or throws {@code BridgeException}; whatever else it throws
   *     is an {@code internalError}
   * @param correlationId the message's correlation id, where it has one
   * @return completes when the broker has taken the message, or fails with a {@code
   *     BridgeException}
   */
  public CompletionStage<Void> send(
      ClientSession session, Supplier<SendCommand> decode, Optional<String> correlationId) {
    CompletableFuture<Void> receipt = new CompletableFuture<>();
    try {
      requireAllowance(session);
      forwarder.accept(session, decode.get(), receipt);
    } catch (RuntimeException | Error failure) {
      forwarder.fail(session, correlationId, failure, receipt);
    }
    return receipt;
  }

  /** Runs on the supervisor's thread: nothing of the old connection exists any more. */
  private void brokerLost() {
    LOG.warn("broker lost bridge={} clients={}", config.bridge().id(), sessions.connected());
    // Whatever fails, the rest is told as well.
    InternalErrors.guard("the end of what is opened again", reopenings::endAll);
    InternalErrors.guard("the loss of topics", subscriptions::connectionLost);
    InternalErrors.guard("the loss of the bridge's topics", bridgeTopics::connectionLost);
    InternalErrors.guard("the loss of authorisation events", revocation::connectionLost);
    InternalErrors.guard("the loss of the bridge's own requests", requests::connectionLost);
    for (ConnectedClient client : sessions.clients()) {
      InternalErrors.guard(
          "the suspension of " + client, () -> replyAddresses.connectionLost(client));
    }
  }

  /** Runs on the supervisor's thread. Rights that change are heard before topics are. */
  private void brokerConnected() {
    LOG.info("broker connected bridge={} clients={}", config.bridge().id(), sessions.connected());
    requests.open(reopenings);
    bridgeTopics.open().thenRunAsync(subscriptions::reopenAll, commandPool);
    sessions.clients().forEach(replyAddresses::reopen);
  }

  private void tellReopened(Set<ConnectedClient> clients) {
    for (ConnectedClient client : clients) {
      client.inMailbox(
          () -> {
            replyAddresses.resume(client);
            return null;
          });
    }
  }

  /** Stops taking in clients, and tells those that are here to move. Idempotent. */
  public void drain() {
    if (draining.begin()) {
      LOG.info("bridge draining bridge={} clients={}", config.bridge().id(), sessions.connected());
    }
  }

  /** Returns whether a bridge that drains need not wait for its clients any longer. */
  public boolean isDrained() {
    return draining.isDone();
  }

  /** Returns what an operator may see and do, but for {@link #drain}. */
  public BridgeOperations operations() {
    return operations;
  }

  /** Returns whether there is a connection to the broker now. */
  public boolean isBrokerConnected() {
    return broker.isConnected();
  }

  /**
   * Returns how far the broker's clock is ahead of the bridge's, in seconds; 0 where they agree or
   * nothing is known.
   */
  public long clockOffsetSeconds() {
    return TimeUnit.MILLISECONDS.toSeconds(broker.clockOffset());
  }

  /** Returns whether the bridge takes no new clients. */
  public boolean isDraining() {
    return draining.isBegun();
  }

  /** Returns whether clients can be served. */
  public boolean isReady() {
    return whyNotReady().isEmpty();
  }

  /** Returns why clients cannot be served, in a word; empty where they can. */
  public Optional<String> whyNotReady() {
    if (isDraining()) {
      return Optional.of("draining");
    }
    if (!broker.isConnected()) {
      return Optional.of("brokerUnavailable");
    }
    if (broker.trouble().isPresent()) {
      return Optional.of("brokerTakesNothing");
    }
    return bridgeTopics.hearsAuthorizationEvents()
        ? Optional.empty()
        : Optional.of("authorizationEventsUnheard");
  }

  /** Returns what is wrong at the broker, in words for an operator; empty where nothing is. */
  public Optional<String> trouble() {
    return broker
        .trouble()
        .or(
            () ->
                bridgeTopics.hearsAuthorizationEvents()
                    ? Optional.empty()
                    : Optional.of("the broker does not let the bridge hear changes of rights"));
  }

  /** Returns how many things are not open at the broker, and tried again. */
  public int reopeningCount() {
    return reopenings.size();
  }

  /** Returns the accounts of what is held for users and strangers. */
  public MemoryBudget memory() {
    return memory;
  }

  /** Returns how many Bayeux sessions there are. */
  public int sessionCount() {
    return sessions.all().size();
  }

  /** Returns how many clients are connected. */
  public int connectedCount() {
    return sessions.connected();
  }

  /** Returns how many shared JMS subscriptions there are. */
  public int subscriptionCount() {
    return subscriptions.size();
  }

  /** Ends every client, so that each end is published while the broker can still take it. */
  public void close() {
    drain();
    for (ClientSession session : sessions.all()) {
      session
          .mailbox()
          .submitAlways(
              () -> {
                connector.end(session, "bridgeStopped");
                return null;
              });
    }
  }
}
