package io.longspan.bridge;

import io.longspan.bridge.MessageBroker.ReplyEndpoint;
import io.longspan.protocol.Answer;
import io.longspan.security.Identity;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * What a web client has from {@code connect} on: its temporary topic, its subscriptions, its
 * requests and its outbox. It survives the loss of its Bayeux session for a while, and another
 * session of the same user can take it over (protocol section 6).
 *
 * <p>What is mutable and not thread-safe by itself belongs to the command in progress of the
 * session's mailbox.
 */
final class ConnectedClient {
  private final String bridgeClientId;
  private final String resumeToken;
  private final ClientOutbox outbox;
  private final RequestsInFlight requests;
  private final ReplyHandles replyHandles;
  private final RoleChanges roleChanges;

  /** Owned by the command in progress. */
  private final Map<String, ClientSubscription> topics = new LinkedHashMap<>(4);

  /** Subscriptions whose consumers are not open yet. */
  private final Set<ClientSubscription> joining = ConcurrentHashMap.newKeySet();

  /** Whether the client has ended, though commands of it may still be in progress. */
  private volatile boolean gone;

  /** Written by the command in progress; the last one while the client is away. */
  private volatile ClientSession session;

  /** Written by the command in progress; null while there is none. */
  private volatile ReplyEndpoint replyEndpoint;

  /** Names the outage in which it is; null while all that it has exists. */
  private volatile Object suspension;

  /** Guarded by this: commands that came during a hand-over; null while there is none. */
  private List<Supplier<CompletionStage<?>>> deferred;

  /**
   * Creates a client without a reply endpoint.
   *
   * @param requestsInFlight how many requests may wait for an answer
   */
  ConnectedClient(ClientSession session, String resumeToken, int requestsInFlight) {
    this.bridgeClientId = session.clientId();
    this.resumeToken = resumeToken;
    this.session = session;
    this.outbox = session.outbox();
    this.requests = new RequestsInFlight(requestsInFlight, session.account());
    this.replyHandles = new ReplyHandles(session.account());
    this.roleChanges = session.roleChanges();
  }

  /** Returns the Bayeux client id under which it connected; a resumed session keeps it. */
  String bridgeClientId() {
    return bridgeClientId;
  }

  /** Returns the secret by which it can be taken over. */
  String resumeToken() {
    return resumeToken;
  }

  ClientOutbox outbox() {
    return outbox;
  }

  RequestsInFlight requests() {
    return requests;
  }

  ReplyHandles replyHandles() {
    return replyHandles;
  }

  RoleChanges roleChanges() {
    return roleChanges;
  }

  Map<String, ClientSubscription> topics() {
    return topics;
  }

  /** Notes a subscription that is about to be opened. */
  void joins(ClientSubscription subscription) {
    joining.add(subscription);
  }

  /** Returns whether the client has ended, so that nothing may be opened for it. */
  boolean isGone() {
    return gone;
  }

  /** A subscription is open, or has failed. */
  void joined(ClientSubscription subscription) {
    joining.remove(subscription);
  }

  /** The client has ended: it joins nothing any more. Returns what it was joining. */
  List<ClientSubscription> joinsNoMore() {
    gone = true;
    return List.copyOf(joining);
  }

  /** Returns how many topics there are; to another thread than the command's, a moment ago. */
  int topicCount() {
    return topics.size();
  }

  ClientSession session() {
    return session;
  }

  Identity identity() {
    return session.identity();
  }

  /**
   * Its session gives it away: commands wait until {@link #passTo} or {@link #handOverFailed}. Runs
   * as a command of the session's mailbox.
   */
  synchronized void beginHandOver() {
    deferred = new ArrayList<>(2);
  }

  /** Another session takes it over; what waited for that goes into that one's mailbox. */
  void passTo(ClientSession next) {
    List<Supplier<CompletionStage<?>>> waiting;
    synchronized (this) {
      gone = false;
      session = next;
      waiting = deferred;
      deferred = null;
    }
    if (waiting != null) {
      waiting.forEach(this::inMailbox);
    }
  }

  /** No session takes it over: it has ended, and what waited is discarded. */
  synchronized void handOverFailed() {
    deferred = null;
  }

  Optional<ReplyEndpoint> replyEndpoint() {
    return Optional.ofNullable(replyEndpoint);
  }

  void useReplyEndpoint(ReplyEndpoint endpoint) {
    replyEndpoint = endpoint;
  }

  /**
   * An outage begins for the client, whether it has been told or not.
   *
   * @return names this outage
   */
  Object suspend() {
    Object begun = new Object();
    suspension = begun;
    return begun;
  }

  /** The outage is over. */
  void resume() {
    suspension = null;
  }

  boolean isSuspended() {
    return suspension != null;
  }

  /** Returns whether an outage still lasts. */
  boolean isSuspendedBy(Object outage) {
    return suspension == outage;
  }

  /** Says something to the client; never blocks. */
  void tell(Answer answer) {
    session.tell(answer);
  }

  /**
   * Runs a command of the bridge's own in the mailbox that the client belongs to when its turn has
   * come; not at all where the client has gone.
   *
   * @param command returns a stage that completes when the next command may begin, or null
   */
  void inMailbox(Supplier<CompletionStage<?>> command) {
    ClientSession owner;
    synchronized (this) {
      if (deferred != null) {
        deferred.add(command);
        return;
      }
      owner = session;
    }
    owner
        .mailbox()
        .submitAlways(
            () -> {
              if (owner.client().filter(present -> present == this).isPresent()) {
                return command.get();
              }
              if (!hasEndedWith(owner)) {
                inMailbox(command);
              }
              return null;
            });
  }

  /** Returns whether a session that no longer has the client was the last one to have it. */
  private synchronized boolean hasEndedWith(ClientSession owner) {
    return deferred == null && session == owner;
  }

  @Override
  public String toString() {
    return session + " bridgeClient=" + bridgeClientId;
  }
}
