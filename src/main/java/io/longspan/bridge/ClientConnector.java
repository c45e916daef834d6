package io.longspan.bridge;

import io.longspan.bridge.ClientSession.State;
import io.longspan.bridge.MessageBroker.ReplyEndpoint;
import io.longspan.config.LongspanConfig;
import io.longspan.protocol.Answer;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.BrokerMessage;
import io.longspan.protocol.ControlCommand.Connect;
import io.longspan.protocol.ErrorCode;
import io.longspan.protocol.PayloadEncoder;
import io.longspan.protocol.UserChannel;
import io.longspan.security.Identity;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The use cases of connecting and disconnecting: it opens and closes a client's temporary topic,
 * and routes what arrives there (protocol sections 2 and 4).
 */
final class ClientConnector {
  private static final Logger LOG = LoggerFactory.getLogger(ClientConnector.class);

  private final LongspanConfig config;
  private final MessageBroker broker;
  private final SessionRegistry sessions;
  private final ClientSubscriber subscriber;
  private final PayloadEncoder encoder;
  private final BridgeMetrics metrics;
  private final ClientEvents events;
  private final SecureRandom random = new SecureRandom();

  ClientConnector(
      LongspanConfig config,
      MessageBroker broker,
      SessionRegistry sessions,
      ClientSubscriber subscriber,
      PayloadEncoder encoder,
      BridgeMetrics metrics) {
    this.config = config;
    this.broker = broker;
    this.sessions = sessions;
    this.subscriber = subscriber;
    this.encoder = encoder;
    this.metrics = metrics;
    this.events = new ClientEvents(broker, config.bridge().id());
  }

  /**
   * Connects a client; runs as a command of its mailbox.
   *
   * @return completes when the client has its answer; null where it has it already
   * @throws BridgeException where it is refused
   */
  CompletionStage<?> connect(ClientSession session, Connect command) {
    if (session.isConnected()) {
      session.tell(connected(session, command));
      return null;
    }
    if (session.state() == State.ENDED) {
      throw new BridgeException(ErrorCode.NOT_CONNECTED, "the session has ended");
    }
    String user = session.identity().user();
    if (!sessions.reserve(user, config.limits().sessionsPerUser())) {
      throw BridgeException.limitExceeded(
          "a user may have %d sessions".formatted(config.limits().sessionsPerUser()));
    }
    return broker
        .openReplyEndpoint(message -> route(session, message))
        .handle(
            (endpoint, failure) -> {
              if (failure == null) {
                opened(session, command, endpoint);
              } else {
                sessions.release(user);
                BridgeException refusal = BridgeException.from(failure);
                metrics.refused(refusal.code());
                session.tell(
                    new Answer.ControlFailed(Optional.of(command.correlationId()), refusal));
              }
              return null;
            });
  }

  private void opened(ClientSession session, Connect command, ReplyEndpoint endpoint) {
    session.useReplyEndpoint(endpoint);
    session.moveTo(State.CONNECTED);
    LOG.info(
        "client connected bridge={} {} correlation={}",
        config.bridge().id(),
        session,
        loggable(command.correlationId()));
    events.publish("connected", "connect", session, endpoint);
    session.tell(connected(session, command));
  }

  private Answer connected(ClientSession session, Connect command) {
    Identity identity = session.identity();
    byte[] token = new byte[18];
    random.nextBytes(token);
    return new Answer.Connected(
        command.correlationId(),
        String.join("\n", identity.roles()),
        identity.isSysadmin(),
        config.bridge().id(),
        limits(config.limits()),
        Base64.getUrlEncoder().withoutPadding().encodeToString(token),
        command.resume() ? Optional.of(false) : Optional.empty());
  }

  private static Map<String, Object> limits(LongspanConfig.Limits limits) {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("messageBytes", limits.messageBytes());
    members.put("jsonDepth", limits.jsonDepth());
    members.put("topicsPerClient", limits.topicsPerClient());
    members.put("sessionsPerUser", limits.sessionsPerUser());
    members.put("requestsInFlight", limits.requestsInFlight());
    members.put("queueMessages", limits.queueMessages());
    members.put("queueBytes", limits.queueBytes());
    members.put("messagesPerSecond", limits.messagesPerSecond());
    return members;
  }

  /** Routes a message of the client's temporary topic; runs on a JMS delivery thread. */
  private void route(ClientSession session, BrokerMessage message) {
    metrics.clientMessage();
    Optional<String> correlationId = message.correlationId();
    boolean answer = correlationId.filter(session.requests()::contains).isPresent();
    if (answer && message.endsAnswer()) {
      session.requests().remove(correlationId.get());
    }
    if (!answer && correlationId.isPresent() && message.replyTo().isEmpty()) {
      metrics.answerWithoutRequest();
    }
    Optional<String> handle =
        answer ? Optional.empty() : message.replyTo().map(session.replyHandles()::register);
    session.outbox().deliver(encoder.encode(message, handle));
  }

  /**
   * Gives a connected client a temporary topic on a new connection; runs as a command of its
   * mailbox.
   *
   * @param subscriptionsOpen completes when the topics are open again, so that {@code resumed}
   *     holds
   */
  CompletionStage<?> reopen(ClientSession session, CompletionStage<Void> subscriptionsOpen) {
    if (!session.isConnected()) {
      return null;
    }
    session.useReplyEndpoint(null);
    session.replyHandles().clear();
    return broker
        .openReplyEndpoint(message -> route(session, message))
        .thenCombine(subscriptionsOpen, (endpoint, open) -> endpoint)
        .handle(
            (endpoint, failure) -> {
              if (failure == null) {
                session.useReplyEndpoint(endpoint);
                session.tell(new Answer.BridgeStatus("resumed"));
                List<String> topics = subscriber.topics(session);
                if (!topics.isEmpty()) {
                  session.tell(new Answer.Gap(topics, "brokerOutage"));
                }
              } else {
                LOG.warn(
                    "client not re-opened bridge={} {} error={}",
                    config.bridge().id(),
                    session,
                    BridgeException.from(failure).toBayeuxError());
              }
              return null;
            });
  }

  /**
   * Closes what a client has; runs as a command of its mailbox.
   *
   * @param next the state that follows
   * @param reason why, for the event
   */
  void close(ClientSession session, State next, String reason) {
    boolean wasConnected = session.isConnected();
    session.moveTo(next);
    if (!wasConnected) {
      return;
    }
    sessions.release(session.identity().user());
    subscriber.unsubscribeAll(session);
    session.requests().removeAll();
    session.replyHandles().clear();
    session
        .replyEndpoint()
        .ifPresent(
            endpoint ->
                events
                    .publish("disconnected", reason, session, endpoint)
                    .whenComplete((sent, failure) -> endpoint.close()));
    session.useReplyEndpoint(null);
    LOG.info("client disconnected bridge={} {} reason={}", config.bridge().id(), session, reason);
  }

  private static String loggable(String correlationId) {
    return UserChannel.encode(correlationId);
  }
}
