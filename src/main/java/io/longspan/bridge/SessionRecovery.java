package io.longspan.bridge;

import io.longspan.bridge.ClientSession.State;
import io.longspan.protocol.ControlCommand.Resume;
import io.longspan.protocol.SessionEnd;
import java.lang.ref.WeakReference;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * Suspends sessions, and gives their clients to the sessions that resume them (protocol section 6).
 */
final class SessionRecovery {
  /** The reason of an end: the messages that the client missed are no longer retained. */
  private static final String NOT_RESUMABLE = "notResumable";

  /** The reason of an end: another session has taken the client over. */
  private static final String TAKEN_OVER = "resumed";

  private final long resumeWindow;
  private final SessionRegistry sessions;
  private final BiConsumer<ConnectedClient, String> close;
  private final Consumer<ConnectedClient> whenRolesChanged;
  private final Scheduler scheduler;
  private final Ticker ticker;

  /**
   * Creates the recovery.
   *
   * @param resumeWindow how long a session stays suspended, in milliseconds
   * @param close disconnects a client for a reason; runs as a command of a mailbox
   * @param whenRolesChanged notified of a client whose roles changed with a takeover
   */
  SessionRecovery(
      long resumeWindow,
      SessionRegistry sessions,
      BiConsumer<ConnectedClient, String> close,
      Consumer<ConnectedClient> whenRolesChanged,
      Scheduler scheduler,
      Ticker ticker) {
    this.resumeWindow = resumeWindow;
    this.sessions = sessions;
    this.close = close;
    this.whenRolesChanged = whenRolesChanged;
    this.scheduler = scheduler;
    this.ticker = ticker;
  }

  /**
   * Suspends a session for the resume window. Runs as a command of its mailbox.
   *
   * @param reason why the Bayeux session ended; the reason of the event if no session resumes it
   */
  void suspend(ClientSession session, String reason) {
    session.moveTo(State.SUSPENDED);
    session
        .outbox()
        .suspend(() -> terminateIfSuspended(session, SessionEnd.SLOW_CONSUMER.wireName()));
    // The registry refers to a suspended session. A weak reference frees one that was resumed.
    WeakReference<ClientSession> suspended = new WeakReference<>(session);
    scheduler.schedule(
        () -> {
          ClientSession kept = suspended.get();
          if (kept != null) {
            terminateIfSuspended(kept, reason);
          }
        },
        resumeWindow);
  }

  /** Terminates a session if it is suspended. Called on any thread; completes when that is done. */
  CompletionStage<Void> terminateIfSuspended(ClientSession suspended, String reason) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    suspended
        .mailbox()
        .submitAlways(
            () -> {
              if (suspended.state() == State.SUSPENDED) {
                suspended.client().ifPresent(client -> close.accept(client, reason));
                suspended.removeClient(State.TERMINATED);
                suspended.outbox().close(null);
                sessions.remove(suspended);
              }
              done.complete(null);
              return null;
            });
    return done;
  }

  /**
   * Resumes a client in a session, and re-queues the messages that the client missed. Runs as a
   * command of the session's mailbox.
   *
   * <p>If the user's client is found but its missed messages are not, the client is disconnected.
   *
   * @return whether the client was resumed
   */
  CompletionStage<Boolean> resume(ClientSession session, Resume wanted) {
    Optional<ConnectedClient> client =
        sessions
            .byToken(wanted.token())
            .filter(found -> found.identity().user().equals(session.identity().user()));
    if (client.isEmpty()) {
      return CompletableFuture.completedFuture(false);
    }
    if (client.equals(session.client())) {
      return CompletableFuture.completedFuture(goOn(session, client.get(), wanted.seq()));
    }
    if (session.isConnected()) {
      return CompletableFuture.completedFuture(false);
    }
    return handOver(client.get())
        .thenApply(handedOver -> handedOver && takeOver(session, client.get(), wanted.seq()));
  }

  private boolean goOn(ClientSession session, ConnectedClient client, long seq) {
    boolean known = client.outbox().rewind(seq);
    if (!known) {
      close.accept(client, NOT_RESUMABLE);
      session.removeClient(State.DISCONNECTED);
    }
    return known;
  }

  private boolean takeOver(ClientSession session, ConnectedClient client, long seq) {
    // First: if messages could be taken now, newer ones would overtake the missed ones.
    if (!client.outbox().rewind(seq)) {
      close.accept(client, NOT_RESUMABLE);
      client.outbox().close(null);
      client.handOverFailed();
      return false;
    }
    boolean otherRoles = session.continueRoles(client, ticker.millis());
    client.passTo(session);
    session.use(client);
    if (otherRoles) {
      whenRolesChanged.accept(client);
    }
    return true;
  }

  /**
   * Takes a client from its present session, after that session's running commands. Completes with
   * false if the session no longer has the client.
   */
  private CompletionStage<Boolean> handOver(ConnectedClient client) {
    ClientSession previous = client.session();
    CompletableFuture<Boolean> handedOver = new CompletableFuture<>();
    previous
        .mailbox()
        .submitAlways(
            () -> {
              boolean present = previous.client().filter(c -> c == client).isPresent();
              if (present) {
                boolean suspended = previous.state() == State.SUSPENDED;
                client.outbox().suspend(() -> {});
                client.beginHandOver();
                previous.removeClient(State.TERMINATED);
                if (suspended) {
                  sessions.remove(previous);
                } else {
                  previous.endBayeuxSession(TAKEN_OVER);
                }
              }
              handedOver.complete(present);
              return null;
            });
    return handedOver;
  }
}
