package io.longspan.bridge;

import io.longspan.protocol.BrokerDestination;
import io.longspan.protocol.BrokerMessage;
import io.longspan.protocol.Payload;
import io.longspan.protocol.PayloadEncoder;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The topics by which services address clients and bridges (protocol section 9). Who may send to
 * them is the broker's access control.
 */
final class BridgeTopics {
  private static final Logger LOG = LoggerFactory.getLogger(BridgeTopics.class);
  private static final BrokerDestination PUSH = BrokerDestination.topic("bridge/push");
  private static final BrokerDestination AUTHORIZATION =
      BrokerDestination.topic("bridge/authorization-events");
  private static final BrokerDestination COMMANDS = BrokerDestination.topic("bridge/commands");

  private final String bridgeId;
  private final MessageBroker broker;
  private final SessionRegistry sessions;
  private final PayloadEncoder encoder;
  private final BridgeOperations operations;
  private final AccessRevocation revocation;
  private final AuthorizationEvents authorizationEvents = new AuthorizationEvents();
  private final Runnable drain;

  BridgeTopics(
      String bridgeId,
      MessageBroker broker,
      SessionRegistry sessions,
      PayloadEncoder encoder,
      BridgeOperations operations,
      AccessRevocation revocation,
      Runnable drain) {
    this.bridgeId = bridgeId;
    this.broker = broker;
    this.sessions = sessions;
    this.encoder = encoder;
    this.operations = operations;
    this.revocation = revocation;
    this.drain = drain;
  }

  /**
   * Subscribes on a new connection.
   *
   * @return completes when each topic is open or has failed
   */
  CompletableFuture<Void> open() {
    return CompletableFuture.allOf(
        subscribe(PUSH, this::push),
        subscribe(COMMANDS, this::command),
        subscribe(AUTHORIZATION, this::authorizationChanged));
  }

  private CompletableFuture<Void> subscribe(
      BrokerDestination topic, Consumer<BrokerMessage> listener) {
    return broker
        .subscribe(topic, Optional.empty(), listener)
        .<Void>handle(
            (consumer, failure) -> {
              if (failure != null) {
                LOG.error("cannot listen bridge={} topic={}", bridgeId, topic.name(), failure);
              }
              return null;
            })
        .toCompletableFuture();
  }

  /** Runs on a JMS delivery thread. */
  private void authorizationChanged(BrokerMessage message) {
    revocation.changed(authorizationEvents.read(message));
  }

  /** Delivers a pushed message; runs on a JMS delivery thread. */
  private void push(BrokerMessage message) {
    Optional<Predicate<ConnectedClient>> addressees = addressees(message);
    if (addressees.isEmpty()) {
      LOG.warn("push without toUser, toRole, toClient or toAll bridge={}", bridgeId);
      return;
    }
    Stream<ConnectedClient> receivers = sessions.clients().stream().filter(addressees.get());
    if (message.replyTo().isEmpty()) {
      Payload payload = encoder.encode(message, Optional.empty());
      receivers.forEach(client -> client.outbox().deliver(payload));
    } else {
      receivers.forEach(
          client -> {
            Optional<String> handle = message.replyTo().map(client.replyHandles()::register);
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

  /** Carries an operator's command out; runs on a JMS delivery thread. */
  private void command(BrokerMessage message) {
    String command = message.text("command").orElse("");
    switch (command) {
      case "disconnectUser" -> message.text("user").ifPresent(operations::disconnectUser);
      case "disconnectClient" -> message.text("client").ifPresent(operations::disconnectClient);
      case "drainBridge" ->
          message.text("bridge").filter(bridgeId::equals).ifPresent(b -> drain.run());
      default -> LOG.warn("unknown command bridge={}", bridgeId);
    }
  }
}
