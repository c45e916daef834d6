package io.longspan.bridge;

import io.longspan.concurrent.InternalErrors;
import io.longspan.protocol.BridgeException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * A client's commands, in order, one at a time: the next one begins when the stage that the one
 * before returned has completed. A client's mutable state belongs to the command in progress, so it
 * needs no lock.
 *
 * <p>Costs no thread while it is empty. The lock guards the queue and is never held around a
 * command.
 */
final class ClientMailbox {
  private static final CompletionStage<?> DONE = CompletableFuture.completedFuture(null);

  /** How many commands run before the other clients have their turn. */
  private static final int TURN = 16;

  private final Executor commandPool;
  private final int capacity;
  private final Queue<Supplier<CompletionStage<?>>> commands = new ArrayDeque<>(4);
  private boolean busy;

  /**
   * Creates an empty mailbox.
   *
   * @param commandPool runs the commands
   * @param capacity how many commands may wait
   */
  ClientMailbox(Executor commandPool, int capacity) {
    this.commandPool = commandPool;
    this.capacity = capacity;
  }

  /**
   * Adds a command.
   *
   * @param command returns a stage that completes when the next command may begin
   * @throws BridgeException {@code limitExceeded} where too many wait
   */
  void submit(Supplier<CompletionStage<?>> command) {
    require(offer(command, capacity, commandPool));
  }

  /**
   * Adds a command, and runs it on this thread where it need not wait: to hand it over would cost
   * more than it does. The caller must hold no lock.
   *
   * @param command as for {@link #submit}
   * @throws BridgeException {@code limitExceeded} where too many wait
   */
  void submitOrRun(Supplier<CompletionStage<?>> command) {
    require(offer(command, capacity, Runnable::run));
  }

  /** Adds a command of the bridge itself, which no limit refuses. */
  void submitAlways(Supplier<CompletionStage<?>> command) {
    offer(command, Integer.MAX_VALUE, commandPool);
  }

  private void require(boolean room) {
    if (!room) {
      throw BridgeException.limitExceeded("more than " + capacity + " messages wait to be handled");
    }
  }

  private boolean offer(Supplier<CompletionStage<?>> command, int limit, Executor firstTurn) {
    synchronized (commands) {
      if (commands.size() >= limit) {
        return false;
      }
      commands.add(command);
      if (busy) {
        return true;
      }
      busy = true;
    }
    firstTurn.execute(this::runNext);
    return true;
  }

  private void runNext() {
    for (int run = 0; run < TURN; run++) {
      Supplier<CompletionStage<?>> command;
      synchronized (commands) {
        command = commands.poll();
        if (command == null) {
          busy = false;
          return;
        }
      }
      CompletableFuture<?> done = run(command).toCompletableFuture();
      if (!done.isDone()) {
        done.whenComplete((result, failure) -> commandPool.execute(this::runNext));
        return;
      }
    }
    commandPool.execute(this::runNext);
  }

  /** Returns a stage that fails never: commands answer for themselves, and the next one follows. */
  private static CompletionStage<?> run(Supplier<CompletionStage<?>> command) {
    try {
      CompletionStage<?> done = command.get();
      return done == null ? DONE : done.exceptionally(ClientMailbox::report);
    } catch (RuntimeException | Error x) {
      report(x);
      return DONE;
    }
  }

  private static <T> T report(Throwable failure) {
    InternalErrors.report("a client's command", failure);
    return null;
  }
}
