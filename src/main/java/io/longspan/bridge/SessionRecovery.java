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
 * Keeps the clients of lost sessions for a while, and gives them to the sessions that take them
 * over (protocol section 6).
 */
final class SessionRecovery {
  /** The reason of the end of a client whose missed messages are no longer known. */
  private static final String NOT_RESUMABLE = "notResumable";

  /** The reason of the end of a Bayeux session whose client another session has taken over. */
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
   * @param resumeWindow how long a lost session can be taken over, in milliseconds
   * @param close closes what a client has, for a reason; runs as a command of a mailbox
   * @param whenRolesChanged hears of a client that came back with other roles
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
   * Keeps what a session has for the resume window; runs as a command of its mailbox.
   *
   * @param reason why its Bayeux session has ended, for the event that follows if nobody comes
   */
  void lose(ClientSession session, String reason) {
    session.moveTo(State.LOST);
    session.outbox().detach(() -> expire(session, SessionEnd.SLOW_CONSUMER.wireName()));
    // The registry keeps it for as long as it is lost; once it is not, its memory is free.
    WeakReference<ClientSession> lost = new WeakReference<>(session);
    scheduler.schedule(
        () -> {
          ClientSession kept = lost.get();
          if (kept != null) {
            expire(kept, reason);
          }
        },
        resumeWindow);
  }

  /** Ends a lost session, if it still is one; called on any thread. */
  CompletionStage<Void> expire(ClientSession lost, String reason) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    lost.mailbox()
        .submitAlways(
            () -> {
              if (lost.state() == State.LOST) {
                lost.client().ifPresent(client -> close.accept(client, reason));
                lost.release(State.ENDED);
                lost.outbox().close(null);
                sessions.remove(lost);
              }
              done.complete(null);
              return null;
            });
    return done;
  }

  /**
   * Gives a session the client that it asks for, and everything that the client has missed; runs as
   * a command of the session's mailbox.
   *
   * @return whether the client goes on where it was; else what it had is gone, if it was its own
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
      session.release(State.DISCONNECTED);
    }
    return known;
  }

  private boolean takeOver(ClientSession session, ConnectedClient client, long seq) {
    // Before anything can be taken, or what came later would overtake what was missed.
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

  /** Takes a client from the session that has it, once that one's commands are done. */
  private CompletionStage<Boolean> handOver(ConnectedClient client) {
    ClientSession previous = client.session();
    CompletableFuture<Boolean> handedOver = new CompletableFuture<>();
    previous
        .mailbox()
        .submitAlways(
            () -> {
              boolean present = previous.client().filter(c -> c == client).isPresent();
              if (present) {
                boolean lost = previous.state() == State.LOST;
                client.outbox().detach(() -> {});
                client.beginHandOver();
                previous.release(State.ENDED);
                if (lost) {
                  sessions.remove(previous);
                } else {
                  previous.end(TAKEN_OVER);
                }
              }
              handedOver.complete(present);
              return null;
            });
    return handedOver;
  }
}
