package io.longspan.bridge;

import static io.longspan.envelope.ActionMessages.SEND_GOAL;

import io.longspan.bridge.MessageBroker.NamedReplyDestination;
import io.longspan.bridge.MessageBroker.ReplyDestination;
import io.longspan.catalogue.BrokerDestination;
import io.longspan.catalogue.MessageForm;
import io.longspan.envelope.ActionMessages;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.BrokerMessage;
import io.longspan.protocol.MessageBody;
import io.longspan.protocol.Notice;
import io.longspan.protocol.SendCommand;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Consumer;

/**
 * Requests to services of commlib (protocol section 14). Their answers have no correlation id, so
 * each request has a reply topic of its own. The consumer of {@link ReplyTopics} receives them all.
 *
 * <p>A service whose name ends in {@code send_goal} is an action: its answer comes in parts.
 *
 * <p>Called on any thread; never blocks.
 */
final class CommlibCalls {
  /** Sends a further request of the same client to the same service. */
  interface Caller {
    /**
     * Sends a request. Called on any thread; it signs on another one.
     *
     * @param topic the JMS topic
     * @param data JSON
     * @return as {@link MessageBroker#send}
     */
    CompletionStage<String> call(BrokerDestination topic, String data, ReplyDestination replyTo);
  }

  /** Queues an answer for a client, and ends its request with the last part. */
  interface Answers {
    void answer(ConnectedClient client, String request, BrokerMessage message);
  }

  private record Key(ConnectedClient client, String request) {}

  private final ReplyTopics topics;
  private final Answers answers;
  private final BridgeMetrics metrics;
  private final ActionTopics actions;
  private final ConcurrentMap<Key, ActionGoal> goals = new ConcurrentHashMap<>();

  CommlibCalls(
      MessageBroker broker,
      ReplyTopics topics,
      Answers answers,
      BridgeMetrics metrics,
      Scheduler scheduler) {
    this.topics = topics;
    this.answers = answers;
    this.metrics = metrics;
    this.actions = new ActionTopics(broker, metrics, scheduler);
  }

  /**
   * Returns a message as it is sent: a goal of an action has its data inside.
   *
   * @throws BridgeException {@code badRequest} if the envelope cannot hold the body
   */
  static SendCommand asSent(SendCommand command, BrokerDestination service) {
    if (actionOf(service).isEmpty()) {
      return command;
    }
    MessageBody goal = Envelopes.of(MessageForm.COMMLIB_REQUEST).content(command.body());
    String data = ActionMessages.sendGoal(((MessageBody.Text) goal).text());
    return new SendCommand(
        command.target(),
        command.headers(),
        command.properties(),
        new MessageBody.Text(data, "json"),
        command.stripped());
  }

  /** Returns the JMS name of an action; empty for another service. */
  static Optional<String> actionOf(BrokerDestination service) {
    return Optional.of(service.name())
        .filter(name -> name.endsWith(SEND_GOAL))
        .map(name -> name.substring(0, name.length() - SEND_GOAL.length()));
  }

  /**
   * Opens what receives the answer to a request.
   *
   * @return the topic for the answer, which {@link #sending} registers. Fails like {@link
   *     MessageBroker#subscribe}, or with {@code limitExceeded}
   */
  CompletionStage<ReplyDestination> prepare(ConnectedClient client, BrokerDestination service) {
    CompletionStage<?> open =
        actionOf(service)
            .<CompletionStage<?>>map(action -> actions.open(action, client.identity().user()))
            .orElseGet(() -> CompletableFuture.completedFuture(null));
    return open.thenCompose(opened -> topics.newTopic()).thenApply(SharedReplyDestination::new);
  }

  /**
   * Registers a request before it is sent.
   *
   * @param request the correlation id of the client's request, which is in flight
   * @param address a result of {@link #prepare}
   * @param caller sends further requests to the same service
   * @throws BridgeException {@code brokerUnavailable} if what {@link #prepare} has opened is closed
   */
  void sending(
      ConnectedClient client,
      String request,
      ReplyDestination address,
      BrokerDestination service,
      Caller caller) {
    Optional<String> action = actionOf(service);
    if (action.isEmpty()) {
      register(
          client, request, address, message -> answers.answer(client, request, message), () -> {});
      return;
    }
    try {
      startGoal(client, request, address, action.get(), caller);
    } catch (BridgeException closed) {
      client.requests().remove(request);
      throw closed;
    }
  }

  private void startGoal(
      ConnectedClient client,
      String request,
      ReplyDestination address,
      String action,
      Caller caller) {
    ActionTopic topic = actions.require(action);
    Key key = new Key(client, request);
    ActionGoal goal =
        new ActionGoal(
            action,
            part -> answers.answer(client, request, part),
            (name, data, listener) -> {
              CompletionStage<ReplyDestination> opened =
                  topics.newTopic().thenApply(SharedReplyDestination::new);
              return opened.thenCompose(
                  replyTo -> {
                    register(client, request, replyTo, topic.inTurn(listener), () -> {});
                    return caller.call(BrokerDestination.topic(name), data, replyTo);
                  });
            });
    topic.add(goal, () -> failed(client, request));
    goals.put(key, goal);
    register(
        client,
        request,
        address,
        topic.inTurn(message -> topic.answered(goal, message)),
        () -> {
          goals.remove(key, goal);
          topic.remove(goal);
        });
  }

  /** Routes the answers on a topic to a listener until the request ends. */
  private void register(
      ConnectedClient client,
      String request,
      ReplyDestination address,
      Consumer<BrokerMessage> listener,
      Runnable whenEnded) {
    Runnable remove =
        topics.add(
            ((NamedReplyDestination) address).destination(),
            message -> {
              metrics.clientMessage();
              listener.accept(Envelopes.read(MessageForm.COMMLIB_REQUEST, message, metrics));
            },
            () -> failed(client, request));
    client
        .requests()
        .alias(
            address.name(),
            request,
            () -> {
              remove.run();
              whenEnded.run();
            });
  }

  private static void failed(ConnectedClient client, String request) {
    if (client.requests().remove(request)) {
      client.tell(
          new Notice.SendFailed(Optional.of(request), BridgeException.brokerUnavailable(null)));
    }
  }

  /**
   * Cancels a goal. Another request cannot be cancelled: it is only forgotten.
   *
   * @return completes when the cancellation is sent, or waits for the goal to be accepted
   */
  CompletionStage<?> cancel(ConnectedClient client, String request) {
    ActionGoal goal = goals.get(new Key(client, request));
    if (goal == null) {
      client.requests().remove(request);
      return CompletableFuture.completedFuture(null);
    }
    return actions.require(goal.action()).cancel(goal);
  }

  /** Forgets the actions: their consumers have ended with the connection. */
  void connectionLost() {
    actions.connectionLost();
  }
}
