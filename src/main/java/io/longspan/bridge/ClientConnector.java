package io.longspan.bridge;

import io.longspan.audit.AuditEvent;
import io.longspan.audit.AuditLog;
import io.longspan.bridge.ClientSession.State;
import io.longspan.bridge.MessageBroker.ReplyDestination;
import io.longspan.concurrent.InternalErrors;
import io.longspan.config.LongspanConfig;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.ControlCommand.Connect;
import io.longspan.protocol.Notice;
import io.longspan.protocol.UserChannel;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The use cases that connect, resume, suspend and terminate a client (protocol sections 2, 6 and
 * 8).
 */
final class ClientConnector {
  private static final Logger LOG = LoggerFactory.getLogger(ClientConnector.class);

  /** The result of a command whose answer is already queued. */
  private static final CompletionStage<Object> ANSWERED = CompletableFuture.completedFuture(null);

  private final LongspanConfig config;
  private final SessionRegistry sessions;
  private final ClientSubscriber subscriber;
  private final ClientQueues queues;
  private final ClientDurables durables;
  private final ReplyAddresses replyAddresses;
  private final BridgeMetrics metrics;
  private final AuditLog audit;
  private final ClientEvents events;
  private final SessionRecovery recovery;
  private final Map<String, Object> limits;

  ClientConnector(
      LongspanConfig config,
      MessageBroker broker,
      ReplyAddresses replyAddresses,
      SessionRegistry sessions,
      ClientSubscriber subscriber,
      ClientQueues queues,
      ClientDurables durables,
      BridgeMetrics metrics,
      AuditLog audit,
      Scheduler scheduler,
      Ticker ticker,
      Consumer<ConnectedClient> whenRolesChanged) {
    this.config = config;
    this.replyAddresses = replyAddresses;
    this.sessions = sessions;
    this.subscriber = subscriber;
    this.queues = queues;
    this.durables = durables;
    this.metrics = metrics;
    this.audit = audit;
    this.events = new ClientEvents(broker, config.bridge().id());
    this.limits = ClientLimits.members(config.limits(), broker.sendTimeout());
    this.recovery =
        new SessionRecovery(
            config.session().resumeWindow().toMillis(),
            sessions,
            this::close,
            whenRolesChanged,
            scheduler,
            ticker);
  }

  /**
   * Connects or resumes a client. Runs as a command of the session's mailbox.
   *
   * @return completes when the answer is queued
   * @throws BridgeException {@code notConnected} if the session has ended
   */
  CompletionStage<?> connect(ClientSession session, Connect command) {
    if (session.state() == State.TERMINATED || session.state() == State.SUSPENDED) {
      throw BridgeException.notConnected("the session has ended");
    }
    if (command.resume().isEmpty()) {
      return session.isConnected()
          ? answer(session, command, Optional.empty())
          : open(session, command);
    }
    return recovery
        .resume(session, command.resume().get())
        .thenCompose(
            resumed -> {
              metrics.sessionResumed(resumed);
              if (resumed) {
                LOG.info(
                    "client resumed bridge={} {}",
                    config.bridge().id(),
                    session.requireConnected());
              }
              return session.isConnected()
                  ? answer(session, command, Optional.of(resumed))
                  : open(session, command);
            });
  }

  private CompletionStage<Object> open(ClientSession session, Connect command) {
    String user = session.identity().user();
    if (!sessions.reserve(user, config.limits().sessionsPerUser())) {
      Optional<ClientSession> suspended = sessions.oldestSuspended(user);
      if (suspended.isPresent()) {
        // A suspended session may never be resumed, so it must not block a client that is here.
        return recovery
            .terminateIfSuspended(suspended.get(), "replaced")
            .thenCompose(gone -> open(session, command));
      }
      return refuse(
          session,
          command,
          BridgeException.limitExceeded(
              "a user may have at most %d sessions".formatted(config.limits().sessionsPerUser())));
    }
    ConnectedClient client =
        new ConnectedClient(session, RandomText.next(), config.limits().requestsInFlight());
    return replyAddresses
        .open(client)
        .handle(
            (opened, failure) -> {
              if (failure == null) {
                opened(client, command);
              } else {
                sessions.release(user);
                refuse(
                    session,
                    command,
                    BridgeException.from(
                        failure,
                        fault -> InternalErrors.report("the connect of " + session, fault)));
              }
              return null;
            });
  }

  private void opened(ConnectedClient client, Connect command) {
    ClientSession session = client.session();
    session.use(client);
    sessions.add(client);
    LOG.info(
        "client connected bridge={} {} correlation={}",
        config.bridge().id(),
        session,
        loggable(command.correlationId()));
    audit.record(AuditEvent.sessionStarted(client.identity().user(), client.bridgeClientId()));
    events.publish("connected", "connect", client, replyAddresses.forEveryMessage(client));
    answer(session, command, command.resume().map(asked -> false));
  }

  private CompletionStage<Object> answer(
      ClientSession session, Connect command, Optional<Boolean> resumed) {
    session.tell(
        new Notice.Connected(
            command.correlationId(),
            String.join("\n", session.identity().roles()),
            session.identity().isSysadmin(),
            config.bridge().id(),
            limits,
            session.requireConnected().resumeToken(),
            resumed));
    return ANSWERED;
  }

  private CompletionStage<Object> refuse(
      ClientSession session, Connect command, BridgeException refusal) {
    metrics.refused(refusal.code());
    session.tell(new Notice.ControlFailed(Optional.of(command.correlationId()), refusal));
    return ANSWERED;
  }

  /**
   * Handles the end of a Bayeux session: suspends the session if it may be resumed, otherwise
   * terminates it. Runs as a command of the session's mailbox.
   *
   * @param mayReturn whether the client may resume
   * @param reason the reason for the event
   */
  void suspendOrTerminate(ClientSession session, boolean mayReturn, String reason) {
    sessions.bayeuxSessionEnded(session);
    if (mayReturn && session.isConnected() && !config.session().resumeWindow().isZero()) {
      LOG.info("client suspended bridge={} {} reason={}", config.bridge().id(), session, reason);
      recovery.suspend(session, reason);
    } else {
      terminate(session, reason);
    }
  }

  /**
   * Terminates a session and its client. Runs as a command of the session's mailbox.
   *
   * @param reason the reason for the event
   */
  void terminate(ClientSession session, String reason) {
    disconnect(session, State.TERMINATED, reason);
    session.outbox().close(session.channel());
    sessions.remove(session);
  }

  /** Terminates a session if it is suspended. Called on any thread; completes when that is done. */
  CompletionStage<Void> terminateIfSuspended(ClientSession session, String reason) {
    return recovery.terminateIfSuspended(session, reason);
  }

  /**
   * Disconnects a session's client, if it has one. Runs as a command of the session's mailbox.
   *
   * @param next the next state of the session
   * @param reason the reason for the event
   */
  void disconnect(ClientSession session, State next, String reason) {
    session.client().ifPresent(client -> close(client, reason));
    session.removeClient(next);
  }

  private void close(ConnectedClient client, String reason) {
    sessions.remove(client);
    subscriber.unsubscribeAll(client);
    queues.endAll(client);
    durables.endAll(client);
    client.requests().close();
    client.replyHandles().close();
    replyAddresses.forget(client);
    Optional<ReplyDestination> replyTo = replyAddresses.forEveryMessage(client);
    List<ReplyDestination> destinations = client.removeReplies();
    events
        .publish("disconnected", reason, client, replyTo)
        .whenComplete((sent, failure) -> destinations.forEach(ReplyDestination::close));
    audit.record(
        AuditEvent.sessionEnded(client.identity().user(), client.bridgeClientId(), reason));
    LOG.info("client disconnected bridge={} {} reason={}", config.bridge().id(), client, reason);
  }

  private static String loggable(String correlationId) {
    return UserChannel.encode(correlationId);
  }
}
