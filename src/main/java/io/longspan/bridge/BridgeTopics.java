package io.longspan.bridge;

import io.longspan.audit.AuditEvent;
import io.longspan.audit.AuditLog;
import io.longspan.catalogue.BrokerDestination;
import io.longspan.protocol.BrokerMessage;
import io.longspan.protocol.Payload;
import io.longspan.protocol.PayloadEncoder;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The JMS topics by which services address clients and bridges (protocol sections 9 and 11). The
 * broker's access control decides who may send to them.
 */
final class BridgeTopics {
  private static final Logger LOG = LoggerFactory.getLogger(BridgeTopics.class);

  private final String bridgeId;
  private final SessionRegistry sessions;
  private final PayloadEncoder encoder;
  private final BridgeOperations operations;
  private final AccessRevocation revocation;
  private final AuthorizationEvents authorizationEvents = new AuthorizationEvents();
  private final AuditLog audit;
  private final Runnable drain;
  private final OwnTopic pushes;
  private final OwnTopic commands;
  private final OwnTopic events;

  BridgeTopics(
      String bridgeId,
      MessageBroker broker,
      SessionRegistry sessions,
      PayloadEncoder encoder,
      BridgeOperations operations,
      AccessRevocation revocation,
      Reopenings reopenings,
      AuditLog audit,
      Runnable drain) {
    this.bridgeId = bridgeId;
    this.sessions = sessions;
    this.encoder = encoder;
    this.operations = operations;
    this.revocation = revocation;
    this.audit = audit;
    this.drain = drain;
    this.pushes =
        new OwnTopic(OwnTopics.PUSH, bridgeId, broker, reopenings, this::push, heard -> {});
    this.commands =
        new OwnTopic(OwnTopics.COMMANDS, bridgeId, broker, reopenings, this::command, heard -> {});
    this.events =
        new OwnTopic(
            OwnTopics.AUTHORIZATION_EVENTS,
            bridgeId,
            broker,
            reopenings,
            this::authorizationChanged,
            this::eventsHeard);
  }

  /**
   * Subscribes to the three topics on a new connection; failed attempts are retried.
   *
   * @return completes after the first attempt to consume authorisation events, with whether it
   *     succeeded
   */
  CompletableFuture<Boolean> open() {
    pushes.open();
    commands.open();
    return events.open();
  }

  /** Forgets the consumers until the next connection. */
  void connectionLost() {
    pushes.connectionLost();
    commands.connectionLost();
    events.connectionLost();
  }

  /** Returns whether the bridge receives authorisation events. */
  boolean hearsAuthorizationEvents() {
    return events.isHeard();
  }

  private void eventsHeard(boolean heard) {
    if (heard) {
      revocation.heard();
    } else {
      LOG.error(
          "authorisation events cannot be received, subscriptions that need them are suspended {}",
          events);
      revocation.unheard();
    }
  }

  private void authorizationChanged(BrokerMessage message) {
    revocation.changed(authorizationEvents.read(message));
  }

  /** Delivers a message to each client that it addresses. Runs on a JMS delivery thread. */
  private void push(BrokerMessage message) {
    Optional<Predicate<ConnectedClient>> addressees = addressees(message);
    if (addressees.isEmpty()) {
      LOG.warn(
          "push message discarded, it has no toUser, toRole, toClient or toAll bridge={}",
          bridgeId);
      return;
    }
    Stream<ConnectedClient> receivers = sessions.clients().stream().filter(addressees.get());
    if (message.replyTo().isEmpty()) {
      Payload payload = encoder.encode(message, Optional.empty());
      receivers.forEach(client -> client.outbox().deliver(payload));
    } else {
      receivers.forEach(
          client -> {
            Optional<String> handle =
                message
                    .replyTo()
                    .map(
                        address ->
                            client
                                .replyHandles()
                                .register(BrokerDestination.DEFAULT_BROKER, address));
            client.outbox().deliver(encoder.encode(message, handle));
          });
    }
  }

  private static Optional<Predicate<ConnectedClient>> addressees(BrokerMessage message) {
    Optional<Predicate<ConnectedClient>> toUser =
        message.text("toUser").map(user -> c -> c.identity().user().equals(user));
    Optional<Predicate<ConnectedClient>> toRole =
        message.text("toRole").map(role -> c -> c.identity().roles().contains(role));
    Optional<Predicate<ConnectedClient>> toClient =
        message.text("toClient").map(id -> c -> c.bridgeClientId().equals(id));
    Optional<Predicate<ConnectedClient>> toAll =
        Boolean.TRUE.equals(message.properties().get("toAll"))
            ? Optional.of(c -> true)
            : Optional.empty();
    return Stream.of(toUser, toRole, toClient, toAll)
        .flatMap(Optional::stream)
        .reduce(Predicate::or);
  }

  /** Executes a command. Runs on a JMS delivery thread. */
  private void command(BrokerMessage message) {
    String command = message.text("command").orElse("");
    switch (command) {
      case "disconnectUser" ->
          message
              .text("user")
              .ifPresent(
                  user -> {
                    commanded(command, user);
                    operations.disconnectUser(user);
                  });
      case "disconnectClient" ->
          message
              .text("client")
              .ifPresent(
                  client -> {
                    commanded(command, client);
                    operations.disconnectClient(client);
                  });
      case "drainBridge" ->
          message
              .text("bridge")
              .filter(bridgeId::equals)
              .ifPresent(
                  bridge -> {
                    commanded(command, bridge);
                    drain.run();
                  });
      default -> LOG.warn("command message ignored, its command is unknown bridge={}", bridgeId);
    }
  }

  /** JMS does not say who has sent a command; the rights at the broker bound who can. */
  private void commanded(String action, String target) {
    audit.record(AuditEvent.operatorAction(OwnTopics.COMMANDS, action, target));
  }
}
