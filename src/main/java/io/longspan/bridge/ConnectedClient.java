package io.longspan.bridge;

import io.longspan.bridge.MessageBroker.ReplyDestination;
import io.longspan.deliveries.ClientDeliveries;
import io.longspan.identity.Identity;
import io.longspan.protocol.Notice;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The state of a web client from {@code connect} on: its reply destinations, subscriptions,
 * requests in flight and outbox. The client outlives its Bayeux session while the session is
 * suspended. Another session of the same user can take it over (protocol section 6).
 *
 * <p>The running command of the session's mailbox owns the state that is not thread-safe by itself.
 */
final class ConnectedClient {
  private final String bridgeClientId;
  private final String resumeToken;
  private final ClientOutbox outbox;
  private final RequestsInFlight requests;
  private final AnswerMatching answers;
  private final ClientAtBroker atDefaultBroker = new ClientAtBroker();
  private final ReplyHandles replyHandles;
  private final RoleChanges roleChanges;

  /** Owned by the running command. */
  private final Map<String, ClientSubscription> topics = new LinkedHashMap<>(4);

  /** Subscriptions whose consumers are not open yet. Thread-safe. */
  private final Set<ClientSubscription> joining = ConcurrentHashMap.newKeySet();

  /**
   * Whether the session is being terminated, so that nothing new is opened. A command may still
   * run.
   */
  private volatile boolean gone;

  /**
   * Written by the running command of the session that takes over. While suspended, the last
   * session.
   */
  private volatile ClientSession session;

  /**
   * What the client has at further brokers, by their names. Replaced, under this, never changed.
   */
  private volatile Map<String, ClientAtBroker> atFurtherBrokers = Map.of();

  /** What the client consumes, by the names of the queues. Owned by the running command. */
  private final Map<String, QueueSubscription> queues = new LinkedHashMap<>(2);

  /** The durable subscriptions in use, by the names of the topics. Owned by the running command. */
  private final Map<String, QueueSubscription> durables = new LinkedHashMap<>(2);

  /** Null until the client consumes a queue. Written under this. */
  private volatile ClientDeliveries deliveries;

  /** Guarded by this: commands that arrive during a takeover; null while there is none. */
  private List<Supplier<CompletionStage<?>>> deferred;

  /**
   * Creates a client without a reply destination.
   *
   * @param resumeToken the secret with which another session can take the client over
   * @param requestsInFlight the maximum number of requests in flight
   */
  ConnectedClient(ClientSession session, String resumeToken, int requestsInFlight) {
    this.bridgeClientId = session.clientId();
    this.resumeToken = resumeToken;
    this.session = session;
    this.outbox = session.outbox();
    this.requests = new RequestsInFlight(requestsInFlight, session.account());
    this.answers = new AnswerMatching(requests, session.account());
    this.replyHandles = new ReplyHandles(session.account());
    this.roleChanges = session.roleChanges();
  }

  /** Returns the Bayeux client id of the first connect. It stays the same after a takeover. */
  String bridgeClientId() {
    return bridgeClientId;
  }

  /** Returns the secret with which another session can take the client over. */
  String resumeToken() {
    return resumeToken;
  }

  ClientOutbox outbox() {
    return outbox;
  }

  RequestsInFlight requests() {
    return requests;
  }

  AnswerMatching answers() {
    return answers;
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

  Map<String, QueueSubscription> queues() {
    return queues;
  }

  Map<String, QueueSubscription> durables() {
    return durables;
  }

  /** Returns the messages that the client has not settled. */
  Optional<ClientDeliveries> deliveries() {
    return Optional.ofNullable(deliveries);
  }

  /** Returns the messages that the client has not settled; creates the table if there is none. */
  synchronized ClientDeliveries deliveries(Supplier<ClientDeliveries> create) {
    if (deliveries == null) {
      deliveries = create.get();
    }
    return deliveries;
  }

  /** Registers a subscription before its consumer is opened. */
  void joins(ClientSubscription subscription) {
    joining.add(subscription);
  }

  /** Returns whether the session is being terminated, so that nothing may be opened. */
  boolean isGone() {
    return gone;
  }

  /** Removes a subscription whose consumer is open or has failed. */
  void joined(ClientSubscription subscription) {
    joining.remove(subscription);
  }

  /**
   * Marks the session as being terminated. Returns the subscriptions whose consumers are not open
   * yet.
   */
  List<ClientSubscription> joinsNoMore() {
    gone = true;
    return List.copyOf(joining);
  }

  /**
   * Returns the number of topics. On a thread other than the running command's, it may be out of
   * date.
   */
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
   * Starts a takeover: commands are deferred until {@link #passTo} or {@link #handOverFailed}. Runs
   * as a command of the old session's mailbox.
   */
  synchronized void beginHandOver() {
    deferred = new ArrayList<>(2);
  }

  /** Completes a takeover. The deferred commands go into the new session's mailbox. */
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

  /** Ends a failed takeover: the client has ended, and the deferred commands are discarded. */
  synchronized void handOverFailed() {
    deferred = null;
  }

  /**
   * Returns what the client has at a broker. From the first call on, the client is concerned by an
   * outage of this broker.
   */
  ClientAtBroker at(BridgeBroker broker) {
    return find(broker).orElseGet(() -> begin(broker));
  }

  private synchronized ClientAtBroker begin(BridgeBroker broker) {
    return find(broker)
        .orElseGet(
            () -> {
              ClientAtBroker begun = new ClientAtBroker();
              Map<String, ClientAtBroker> all = new HashMap<>(atFurtherBrokers);
              all.put(broker.name(), begun);
              atFurtherBrokers = all;
              return begun;
            });
  }

  /** Returns what the client has at a broker; empty if it has not used the broker yet. */
  Optional<ClientAtBroker> find(BridgeBroker broker) {
    return Optional.ofNullable(
        broker.isDefault() ? atDefaultBroker : atFurtherBrokers.get(broker.name()));
  }

  /** Returns whether the client is suspended at a broker. */
  boolean isSuspendedAt(BridgeBroker broker) {
    return find(broker).filter(ClientAtBroker::isSuspended).isPresent();
  }

  /** Removes the reply destinations at all brokers and returns them; the caller closes them. */
  List<ReplyDestination> removeReplies() {
    return Stream.concat(Stream.of(atDefaultBroker), atFurtherBrokers.values().stream())
        .flatMap(at -> at.replies().removeAll().stream())
        .toList();
  }

  /** Queues a notice for the client. Called on any thread; never blocks. */
  void tell(Notice notice) {
    session.tell(notice);
  }

  /**
   * Queues a notice that may wait a moment for the next message. Called on any thread; never
   * blocks.
   */
  void tellWithNext(Notice notice) {
    session.tellWithNext(notice);
  }

  /**
   * Runs a command of the bridge in the mailbox of the session that has the client. Discards the
   * command if the client has ended. Called on any thread; never blocks.
   *
   * @param command returns a stage that completes when the next command may start; null if that is
   *     now
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

  /** Returns whether the client ended with this session, so that no other session has it. */
  private synchronized boolean hasEndedWith(ClientSession owner) {
    return deferred == null && session == owner;
  }

  @Override
  public String toString() {
    return session + " bridgeClient=" + bridgeClientId;
  }
}
