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
 * Runs the commands of one client in order, one at a time. The next command starts when the stage
 * of the previous one has completed. The running command owns the client's mutable state, so that
 * state needs no lock.
 *
 * <p>An idle mailbox uses no thread. The lock guards the queue and is never held while a command
 * runs.
 */
final class ClientMailbox {
  private static final CompletionStage<?> DONE = CompletableFuture.completedFuture(null);

  /** How many commands of one client run in a row before other clients have their turn. */
  private static final int TURN = 16;

  private final Executor commandPool;
  private final int capacity;
  private final Queue<Supplier<CompletionStage<?>>> commands = new ArrayDeque<>(4);
  private boolean busy;

  /**
   * Creates an empty mailbox.
   *
   * @param commandPool runs the commands
   * @param capacity the maximum number of commands that may wait
   */
  ClientMailbox(Executor commandPool, int capacity) {
    this.commandPool = commandPool;
    this.capacity = capacity;
  }

  /**
   * Adds a command. Called on any thread; never blocks.
   *
   * @param command returns a stage that completes when the next command may start; null if that is
   *     now
   * @throws BridgeException {@code limitExceeded} if too many commands wait
   */
  void submit(Supplier<CompletionStage<?>> command) {
    require(offer(command, capacity, commandPool));
  }

  /**
   * Adds a command, and runs it on this thread if no other command is waiting or running. That is
   * cheaper than the command pool. Commands that arrive meanwhile may run on this thread too, so
   * the caller must hold no lock.
   *
   * @param command as for {@link #submit}
   * @throws BridgeException {@code limitExceeded} if too many commands wait
   */
  void submitOrRun(Supplier<CompletionStage<?>> command) {
    require(offer(command, capacity, Runnable::run));
  }

  /** Adds a command of the bridge itself, without regard to the capacity. */
  void submitAlways(Supplier<CompletionStage<?>> command) {
    offer(command, Integer.MAX_VALUE, commandPool);
  }

  private void require(boolean room) {
    if (!room) {
      throw BridgeException.limitExceeded(
          "more than " + capacity + " messages of this client wait to be processed");
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

  /**
   * Runs a command. The returned stage never fails: a failure is reported, and the next command
   * follows.
   */
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
