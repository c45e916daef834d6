package io.longspan.bridge;

import io.longspan.access.AccessPolicy;
import io.longspan.bridge.MessageBroker.Outbound;
import io.longspan.bridge.MessageBroker.ReplyDestination;
import io.longspan.bridge.MessageBroker.Source;
import io.longspan.bridge.Tracing.MessageTrace;
import io.longspan.budget.Account;
import io.longspan.budget.MemoryBudget;
import io.longspan.budget.Purpose;
import io.longspan.catalogue.BrokerDestination;
import io.longspan.catalogue.BrokerDestination.Kind;
import io.longspan.catalogue.MessageForm;
import io.longspan.catalogue.SendPolicy;
import io.longspan.concurrent.InternalErrors;
import io.longspan.config.LongspanConfig.ReplyMode;
import io.longspan.envelope.Envelope;
import io.longspan.identity.Identity;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.MessageBody;
import io.longspan.protocol.Notice;
import io.longspan.protocol.SendCommand;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiFunction;
import java.util.function.Consumer;

/**
 * The use case of sending (protocol section 3): authorise, set the bridge's properties, hand the
 * message to the broker, and complete exactly one receipt.
 */
final class MessageForwarder {
  /** Estimated heap of a waiting message without its body and texts, in bytes. */
  static final long MESSAGE_BYTES = 1024;

  private final Map<String, ReplyAddresses> replyAddresses;
  private final MemoryBudget memory;
  private final AccessPolicy accessPolicy;
  private final IdentityStamp stamp;
  private final Executor commandPool;
  private final BridgeMetrics metrics;
  private final Ticker ticker;
  private final Tracing tracing;
  private final SchemaChecks schemas;

  /**
   * Creates the use case.
   *
   * @param replyAddresses the reply destinations at each broker, by the broker's name
   */
  MessageForwarder(
      Map<String, ReplyAddresses> replyAddresses,
      MemoryBudget memory,
      AccessPolicy accessPolicy,
      IdentityStamp stamp,
      Executor commandPool,
      BridgeMetrics metrics,
      Ticker ticker,
      Tracing tracing) {
    this.replyAddresses = replyAddresses;
    this.memory = memory;
    this.accessPolicy = accessPolicy;
    this.stamp = stamp;
    this.commandPool = commandPool;
    this.metrics = metrics;
    this.ticker = ticker;
    this.tracing = tracing;
    this.schemas = new SchemaChecks(metrics, ticker);
  }

  /**
   * Accepts a message from a client, charges it to the user until its receipt completes, and
   * forwards it in order. Called on any thread; never blocks. The message may be forwarded on this
   * thread.
   *
   * @param receipt completes when the broker has accepted the message, or fails with a {@code
   *     BridgeException}
   * @throws BridgeException {@code limitExceeded} if the user's memory is used up, or too many
   *     commands of the client wait. The caller must then complete the receipt
   */
  void accept(ClientSession session, SendCommand command, CompletableFuture<Void> receipt) {
    long bytes = bytes(command);
    Account account = memory.user(session.identity().user());
    if (!account.tryCharge(Purpose.SENDS, bytes)) {
      throw BridgeException.limitExceeded(
          "too many bytes of this user's messages wait for the broker");
    }
    receipt.whenComplete((sent, failure) -> account.release(Purpose.SENDS, bytes));
    MessageTrace trace = tracing.received(command);
    if (trace != MessageTrace.NONE) {
      receipt.whenComplete((sent, failure) -> trace.ended(failure));
    }
    session.mailbox().submitOrRun(() -> forwardOrFail(session, command, receipt, trace));
  }

  private CompletionStage<?> forwardOrFail(
      ClientSession session,
      SendCommand command,
      CompletableFuture<Void> receipt,
      MessageTrace trace) {
    Consumer<Throwable> failed =
        unexpected -> fail(session, command.headers().correlationId(), unexpected, receipt);
    try {
      return forward(session, command, receipt, trace)
          .handle(
              (done, failure) -> {
                if (failure != null) {
                  failed.accept(failure);
                }
                return null;
              });
    } catch (RuntimeException | Error x) {
      failed.accept(x);
      return null;
    }
  }

  /**
   * Forwards a message. The returned stage completes when the message is handed to the broker or
   * refused; then the next command may start.
   */
  CompletionStage<?> forward(
      ClientSession session,
      SendCommand command,
      CompletableFuture<Void> receipt,
      MessageTrace trace) {
    trace.authorising();
    CompletableFuture<Route> resolving = resolve(session, command).toCompletableFuture();
    BiFunction<Route, Throwable, Void> proceed =
        (route, failure) -> {
          trace.authorised(failure);
          if (failure == null) {
            handOver(session, command, route, receipt, trace);
          } else {
            fail(session, command.headers().correlationId(), failure, receipt);
          }
          return null;
        };
    // A service's answer arrives on a delivery thread, which must not sign.
    return resolving.isDone()
        ? resolving.handle(proceed)
        : resolving.handleAsync(proceed, commandPool);
  }

  /**
   * Where a message goes, and what the catalogue entry sets on it.
   *
   * @param replies the reply destinations at the target's broker
   * @param replyMode how answers come back
   * @param replyTo the destination for answers
   * @param entry the name of the catalogue entry; empty for a reply handle
   */
  private record Route(
      Outbound.Target target,
      SendPolicy policy,
      String entry,
      ReplyAddresses replies,
      ReplyMode replyMode,
      ReplyDestination replyTo) {

    BridgeBroker broker() {
      return replies.broker();
    }

    boolean isQueue() {
      return isCommlib()
          || (target instanceof Outbound.To to && to.destination().kind() == Kind.QUEUE);
    }

    boolean isTopic() {
      return !isCommlib()
          && target instanceof Outbound.To to
          && to.destination().kind() == Kind.TOPIC;
    }

    /** Returns whether it is a request to a service of commlib. */
    boolean isCommlib() {
      return policy.form() == MessageForm.COMMLIB_REQUEST;
    }

    /** Returns the granted destination; there must be one. */
    BrokerDestination destination() {
      return ((Outbound.To) target).destination();
    }

    /** Returns whether the answers to all clients come back on one queue. */
    boolean sharesReplies() {
      return replyMode == ReplyMode.QUEUE;
    }
  }

  private CompletionStage<Route> resolve(ClientSession session, SendCommand command) {
    try {
      ConnectedClient client = session.requireConnected();
      if (command.target() instanceof SendCommand.ReplyHandle reply) {
        return client
            .replyHandles()
            .take(reply.handle())
            .map(
                address ->
                    route(
                        client,
                        address.broker(),
                        new Outbound.Back(address.replyTo()),
                        SendPolicy.DEFAULT,
                        ""))
            .orElseThrow(
                () ->
                    BridgeException.badRequest("the reply handle is unknown or was already used"));
      }
      return accessPolicy
          .maySend(session.identity(), ((SendCommand.Destination) command.target()).name())
          .thenCompose(
              grant ->
                  route(
                      client,
                      grant.destination().broker(),
                      new Outbound.To(grant.destination()),
                      grant.policy(),
                      grant.entry()));
    } catch (BridgeException refusal) {
      return CompletableFuture.failedFuture(refusal);
    }
  }

  private CompletionStage<Route> route(
      ConnectedClient client,
      String broker,
      Outbound.Target target,
      SendPolicy policy,
      String entry) {
    ReplyAddresses replies =
        Optional.ofNullable(replyAddresses.get(broker))
            .orElseThrow(() -> new IllegalStateException(broker));
    if (policy.form() == MessageForm.COMMLIB_REQUEST) {
      return replies
          .prepareCommlib(client, ((Outbound.To) target).destination())
          .thenApply(
              replyTo -> new Route(target, policy, entry, replies, ReplyMode.TOPIC, replyTo));
    }
    ReplyMode mode = policy.replies().orElse(replies.mainMode());
    return replies
        .find(client, mode)
        .thenApply(replyTo -> new Route(target, policy, entry, replies, mode, replyTo));
  }

  private void handOver(
      ClientSession session,
      SendCommand command,
      Route route,
      CompletableFuture<Void> receipt,
      MessageTrace trace) {
    Optional<String> correlationId = command.headers().correlationId();
    if (route.isCommlib() && command.isCancel()) {
      cancel(session, correlationId, route, receipt);
      return;
    }
    Optional<String> request =
        route.isQueue() && !command.isCancel() ? correlationId : Optional.empty();
    try {
      ConnectedClient client = session.requireConnected();
      schemas.require(client, command, route.policy());
      Optional<String> sentAs = sentAs(client, command, route);
      SendCommand asSent =
          route.isCommlib() ? CommlibCalls.asSent(command, route.destination()) : command;
      Outbound outbound = stamp(client, asSent, route, sentAs, trace);
      AtomicBoolean answered = new AtomicBoolean();
      long handedOver = ticker.millis();
      request.ifPresent(
          id ->
              remember(
                  client,
                  id,
                  route,
                  maxAge(outbound, route),
                  () -> {
                    answered.set(true);
                    long millis = ticker.millis() - handedOver;
                    trace.measured(() -> metrics.requestAnswered(route.entry(), millis));
                  }));
      request.ifPresent(id -> sending(client, id, sentAs, command, route));
      send(route, outbound, client)
          .whenComplete(
              (messageId, failure) ->
                  InternalErrors.guard(
                      () -> "the receipt of " + client,
                      () -> {
                        request.ifPresent(id -> sent(client, id, messageId, route));
                        // An answer proves that the broker has accepted the request.
                        if (failure == null || answered.get()) {
                          trace.sent(messageId);
                          if (command.isCancel()) {
                            correlationId.ifPresent(client.requests()::remove);
                          }
                          succeed(session, route, correlationId, handedOver, trace, receipt);
                        } else if (request.isPresent()
                            && !client.requests().remove(request.get())) {
                          // The connection was lost. The code that removed the request has notified
                          // the client.
                          receipt.completeExceptionally(refusal(session, failure));
                        } else {
                          fail(session, correlationId, failure, receipt);
                        }
                      }));
    } catch (RuntimeException failure) {
      // This includes a signing key that fails: refuse the message, never send it unsigned.
      fail(session, correlationId, failure, receipt);
    }
  }

  /** Returns how long a request is remembered, in milliseconds; 0: as long as usual. */
  private static long maxAge(Outbound outbound, Route route) {
    return route.isCommlib() && CommlibCalls.actionOf(route.destination()).isPresent()
        ? RequestsInFlight.MAX_AGE
        : outbound.headers().timeToLive();
  }

  /** Cancels a request to a service of commlib, which has another service for that. */
  private void cancel(
      ClientSession session,
      Optional<String> correlationId,
      Route route,
      CompletableFuture<Void> receipt) {
    try {
      ConnectedClient client = session.requireConnected();
      long handedOver = ticker.millis();
      String request =
          correlationId.orElseThrow(
              () -> BridgeException.badRequest("a cancellation needs JMSCorrelationID"));
      route
          .replies()
          .commlib()
          .cancel(client, request)
          .whenComplete(
              (sent, failure) -> {
                if (failure == null) {
                  succeed(session, route, correlationId, handedOver, MessageTrace.NONE, receipt);
                } else {
                  fail(session, correlationId, failure, receipt);
                }
              });
    } catch (RuntimeException failure) {
      fail(session, correlationId, failure, receipt);
    }
  }

  /**
   * Returns the correlation id with which a message is sent: the client's own, or another one if
   * clients share the queue for answers.
   */
  private static Optional<String> sentAs(ConnectedClient client, SendCommand command, Route route) {
    Optional<String> own = command.headers().correlationId();
    if (route.isCommlib() && own.isEmpty()) {
      throw BridgeException.badRequest(
          "a message to this destination needs JMSCorrelationID, because its service repeats no id");
    }
    if (!route.sharesReplies() || !route.isQueue()) {
      return own;
    }
    if (own.isEmpty()) {
      throw BridgeException.badRequest(
          "a message to this destination needs JMSCorrelationID, because its answers share a queue");
    }
    return command.isCancel()
        ? client.requests().sentAs(own.get()).or(() -> own)
        : Optional.of(RandomText.next());
  }

  private void sending(
      ConnectedClient client,
      String request,
      Optional<String> sentAs,
      SendCommand command,
      Route route) {
    SendPolicy.Correlation correlation = route.policy().correlation();
    if (route.isCommlib()) {
      route
          .replies()
          .commlib()
          .sending(
              client,
              request,
              route.replyTo(),
              route.destination(),
              caller(client, command, route));
    } else if (route.sharesReplies()) {
      route.replies().replyQueue().sending(client, request, sentAs.orElseThrow(), correlation);
    } else {
      client.answers().sending(request, correlation);
    }
  }

  private static void sent(ConnectedClient client, String request, String messageId, Route route) {
    SendPolicy.Correlation correlation = route.policy().correlation();
    if (route.sharesReplies()) {
      route.replies().replyQueue().sent(client, request, correlation, messageId);
    } else {
      client.answers().sent(request, correlation, messageId);
    }
  }

  /** Returns what sends further requests to the service of a client's message. */
  private CommlibCalls.Caller caller(ConnectedClient client, SendCommand command, Route route) {
    return (topic, data, replyTo) -> {
      SendCommand call =
          new SendCommand(
              command.target(), command.headers(), Map.of(), new MessageBody.Text(data, "json"), 0);
      Route there =
          new Route(
              new Outbound.To(topic),
              route.policy(),
              route.entry(),
              route.replies(),
              route.replyMode(),
              replyTo);
      // A delivery thread must not sign.
      return CompletableFuture.supplyAsync(
              () ->
                  stamp(client, call, there, command.headers().correlationId(), MessageTrace.NONE),
              commandPool)
          .thenCompose(outbound -> send(there, outbound, client));
    };
  }

  /** Hands a message to the broker. Every failure is one of the stage. */
  private static CompletionStage<String> send(
      Route route, Outbound outbound, ConnectedClient client) {
    Identity identity = client.identity();
    try {
      return route
          .broker()
          .broker()
          .send(outbound, new Source(identity.user(), client.bridgeClientId(), identity.roles()));
    } catch (RuntimeException failure) {
      return CompletableFuture.failedFuture(failure);
    }
  }

  /** Estimates the heap of a message while it waits for the broker, in bytes. */
  private static long bytes(SendCommand command) {
    long bytes = MESSAGE_BYTES + body(command.body());
    for (Map.Entry<String, Object> property : command.properties().entrySet()) {
      bytes += 64 + property.getKey().length();
      if (property.getValue() instanceof String text) {
        bytes += 2L * text.length();
      }
    }
    return bytes;
  }

  /**
   * Counts two bytes for each character, because the exact size in UTF-8 is expensive to compute.
   */
  private static long body(MessageBody body) {
    if (body instanceof MessageBody.Text text) {
      return text.text() == null ? 0 : 2L * text.text().length();
    }
    return body.size();
  }

  private void remember(
      ConnectedClient client,
      String correlationId,
      Route route,
      long timeToLive,
      Runnable whenAnswered) {
    String broker = route.broker().name();
    if (!client.requests().add(correlationId, broker, timeToLive, ticker.millis(), whenAnswered)) {
      throw BridgeException.limitExceeded("too many requests are in flight");
    }
  }

  /**
   * Adds the properties that only the bridge may set, the same for every message. Runs on the
   * thread of the command: a command thread or a container thread.
   */
  private Outbound stamp(
      ConnectedClient client,
      SendCommand command,
      Route route,
      Optional<String> correlationId,
      MessageTrace trace) {
    Envelope envelope = Envelopes.of(route.policy().form());
    MessageBody content = envelope.content(command.body());
    EntrySettings settings = EntrySettings.apply(route.policy(), command, correlationId);
    Map<String, Object> properties = settings.properties();
    metrics.propertiesStripped(command.stripped() + settings.replaced());
    stamp.identify(properties, client.identity(), client.bridgeClientId(), content);
    trace.sending(route.target(), properties);
    IdentityStamp.requireCarried(route.broker().broker(), properties);
    Optional<ReplyDestination> replyTo =
        route.sharesReplies() && !route.isQueue() ? Optional.empty() : Optional.of(route.replyTo());
    Optional<String> replyName = replyTo.map(ReplyDestination::name).map(envelope::replyName);
    stamp.sign(
        properties,
        client.identity(),
        client.bridgeClientId(),
        correlationId,
        command.target(),
        replyName.orElse(""),
        content);
    MessageBody body = envelope.wrap(content, properties, correlationId, replyName);
    properties.put("bodyFormat", body.format());
    return new Outbound(route.target(), settings.headers(), properties, body, replyTo);
  }

  private void succeed(
      ClientSession session,
      Route route,
      Optional<String> correlationId,
      long handedOver,
      MessageTrace trace,
      CompletableFuture<Void> receipt) {
    try {
      metrics.messageSent();
      long millis = ticker.millis() - handedOver;
      trace.measured(() -> metrics.messageAccepted(route.broker().name(), route.entry(), millis));
      if (route.isTopic()) {
        session.tell(new Notice.Sent(correlationId));
      }
    } finally {
      receipt.complete(null);
    }
  }

  /** Refuses a message, by a notice on the user channel and in its receipt. */
  void fail(
      ClientSession session,
      Optional<String> correlationId,
      Throwable failure,
      CompletableFuture<Void> receipt) {
    BridgeException refusal = refusal(session, failure);
    try {
      metrics.refused(refusal.code());
      session.tell(new Notice.SendFailed(correlationId, refusal));
    } finally {
      receipt.completeExceptionally(refusal);
    }
  }

  private static BridgeException refusal(ClientSession session, Throwable failure) {
    return BridgeException.from(
        failure,
        fault -> InternalErrors.report("the forwarding of a message of " + session, fault));
  }
}
