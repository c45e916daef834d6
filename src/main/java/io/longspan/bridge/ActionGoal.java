package io.longspan.bridge;

import io.longspan.envelope.ActionMessages;
import io.longspan.envelope.ActionMessages.GoalStatus;
import io.longspan.protocol.BrokerMessage;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * One goal of a client, and the parts of its answer so far. All methods run in the turns of its
 * {@link ActionTopic}, which owns the state.
 */
final class ActionGoal {
  /** Sends a request to the service of the goal. */
  interface Calls {
    /**
     * Sends a request.
     *
     * @param name the JMS name of the topic
     * @param data JSON
     * @param listener receives the answer in a turn of the action
     */
    CompletionStage<String> call(String name, String data, Consumer<BrokerMessage> listener);
  }

  private enum State {
    SENT,
    RUNNING,
    /** The result is asked for. */
    ENDING,
    ENDED
  }

  private final String action;
  private final Consumer<BrokerMessage> answer;
  private final Calls calls;
  private State state = State.SENT;
  private String goalId;
  private boolean cancelled;
  private int sequence;
  private GoalStatus last = GoalStatus.ACCEPTED;

  /**
   * Creates a goal that is being sent.
   *
   * @param action the JMS name of the action
   * @param answer queues a part for the client
   */
  ActionGoal(String action, Consumer<BrokerMessage> answer, Calls calls) {
    this.action = action;
    this.answer = answer;
    this.calls = calls;
  }

  String action() {
    return action;
  }

  boolean isSent() {
    return state == State.SENT;
  }

  boolean hasId(String id) {
    return id.equals(goalId);
  }

  /** Handles the answer to {@code send_goal}; returns whether the goal runs now. */
  boolean answered(BrokerMessage message) {
    if (state != State.SENT) {
      return false;
    }
    Optional<ActionMessages.GoalAnswer> read = ActionMessages.goalAnswer(message);
    if (read.isEmpty()) {
      end("unknown", null, BrokerMessage.UNSUPPORTED);
      return false;
    }
    if (read.get().goalId().isEmpty()) {
      end("rejected", (String) message.body(), null);
      return false;
    }
    goalId = read.get().goalId().get();
    state = State.RUNNING;
    part(last.word(), null, null, false);
    if (cancelled) {
      sendCancel();
    }
    return true;
  }

  /** Handles a message of one of the action's topics; returns whether the result is asked for. */
  boolean event(ActionMessages.GoalEvent event) {
    if (state != State.RUNNING) {
      return false;
    }
    event.feedback().ifPresent(feedback -> part(running(), feedback, null, false));
    event.status().ifPresent(status -> last = status);
    if (!last.isFinal()) {
      return false;
    }
    state = State.ENDING;
    call(ActionMessages.GET_RESULT, this::result)
        .exceptionally(
            failure -> {
              // The deadline of the action ends the goal without a result.
              return null;
            });
    return true;
  }

  private String running() {
    return last == GoalStatus.ACCEPTED ? GoalStatus.RUNNING.word() : last.word();
  }

  private void result(BrokerMessage message) {
    if (state == State.ENDING) {
      Optional<String> result = ActionMessages.result(message);
      end(last.word(), result.orElse(null), result.isPresent() ? null : BrokerMessage.UNSUPPORTED);
    }
  }

  /** Ends a goal whose result has not come in time. */
  void endWithoutResult() {
    if (state == State.ENDING) {
      end(last.word(), null, null);
    }
  }

  /** Cancels the goal, as soon as it is accepted. */
  CompletionStage<?> cancel() {
    boolean again = cancelled;
    cancelled = true;
    return state == State.RUNNING && !again
        ? sendCancel()
        : CompletableFuture.completedFuture(null);
  }

  private CompletionStage<String> sendCancel() {
    // The status tells the end; the answer to this request says nothing more.
    return call(ActionMessages.CANCEL_GOAL, message -> {});
  }

  private CompletionStage<String> call(String name, Consumer<BrokerMessage> listener) {
    long nanoseconds = System.currentTimeMillis() * 1_000_000;
    return calls.call(action + name, ActionMessages.ofGoal(goalId, nanoseconds), listener);
  }

  private void end(String status, String body, String bodyFormat) {
    state = State.ENDED;
    part(status, body, bodyFormat, true);
  }

  private void part(String status, String body, String bodyFormat, boolean done) {
    Map<String, Object> properties = new LinkedHashMap<>();
    properties.put("goalStatus", status);
    properties.put("sequence", ++sequence);
    properties.put("done", Boolean.toString(done));
    if (body != null) {
      properties.put("bodyFormat", "json");
    }
    answer.accept(new BrokerMessage("", properties, body, bodyFormat, Optional.empty()));
  }
}
