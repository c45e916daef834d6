package io.longspan.bridge;

import io.longspan.budget.Account;
import io.longspan.budget.MemoryBudget;
import io.longspan.config.LongspanConfig.Limits;
import io.longspan.identity.Identity;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.Notice;
import io.longspan.protocol.PayloadEncoder;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Executor;

/**
 * One Bayeux session of a web client, from its handshake to its end. It has a {@link
 * ConnectedClient} from {@code connect} on.
 *
 * <p>The running command of the mailbox owns the state that is not thread-safe by itself.
 */
public final class ClientSession {

  /** The state of a session. */
  enum State {
    /** The handshake has succeeded; {@code connect} has not. */
    HANDSHAKEN("handshaken"),
    /** The session has a connected client. */
    CONNECTED("connected"),
    /** The client has sent {@code disconnect}, or could not resume. It may connect again. */
    DISCONNECTED("disconnected"),
    /** The Bayeux session has ended, and the client can resume in another session. */
    SUSPENDED("lost"),
    /** The client has ended, or another session has taken the client over. */
    TERMINATED("ended");

    private final String wireName;

    State(String wireName) {
      this.wireName = wireName;
    }

    /** Returns the name in the answers of the operator endpoints. */
    String wireName() {
      return wireName;
    }
  }

  private final String clientId;
  private final ClientChannel channel;
  private final PayloadEncoder encoder;
  private final ClientMailbox mailbox;
  private final RateLimit rateLimit;
  private final Account account;
  private final Instant since = Instant.now();

  /** Always the same user; a renewed credential may change the roles. Written under the lock. */
  private volatile Identity identity;

  /** Guarded by this. Another client's after a takeover. */
  private RoleChanges roleChanges;

  /** Written by the running command. */
  private volatile State state = State.HANDSHAKEN;

  /** Written by the running command; null while there is no connected client. */
  private volatile ConnectedClient client;

  /** Written by the running command. Another client's after a takeover. */
  private volatile ClientOutbox outbox;

  ClientSession(
      String clientId,
      Identity identity,
      ClientChannel channel,
      PayloadEncoder encoder,
      BridgeMetrics metrics,
      Limits limits,
      MemoryBudget memory,
      Executor commandPool,
      Ticker ticker) {
    this.clientId = clientId;
    this.identity = identity;
    this.roleChanges = new RoleChanges(ticker.millis());
    this.channel = channel;
    this.encoder = encoder;
    this.mailbox = new ClientMailbox(commandPool, Math.max(1000, limits.requestsInFlight()));
    this.rateLimit =
        new RateLimit(limits.messagesPerSecond(), limits.messagesPerSecond(), ticker.millis());
    this.account = memory.user(identity.user());
    this.outbox =
        new ClientOutbox(
            limits.queueMessages(),
            limits.queueBytes(),
            new OutboxMemory(account, memory.process()),
            encoder,
            metrics,
            ticker);
    outbox.resumeOn(channel);
  }

  public String clientId() {
    return clientId;
  }

  /** Returns the authenticated user, with the roles in force. */
  public Identity identity() {
    return identity;
  }

  /**
   * Applies the roles of a credential, as far as they may change now. Called on any thread.
   *
   * @param presented the same user, with the roles of the latest credential
   * @param now in milliseconds of the bridge's ticker
   * @return whether the roles have changed
   * @throws IllegalArgumentException if it is another user
   */
  synchronized boolean renew(Identity presented, long now) {
    if (!presented.user().equals(identity.user())) {
      throw new IllegalArgumentException("a session belongs to one user");
    }
    Identity before = identity;
    identity = roleChanges.next(before, presented, now);
    return identity != before;
  }

  /**
   * Continues with the roles of a client that this session takes over, as far as its own credential
   * grants them. The limit on role changes continues too: a handshake must not reset it.
   *
   * @param now in milliseconds of the bridge's ticker
   * @return whether the client's roles have changed
   */
  synchronized boolean continueRoles(ConnectedClient client, long now) {
    Identity before = client.identity();
    roleChanges = client.roleChanges();
    identity = roleChanges.next(before, identity, now);
    return identity != before;
  }

  synchronized RoleChanges roleChanges() {
    return roleChanges;
  }

  /**
   * Ends the Bayeux session; the client is advised to handshake again. Called on any thread; never
   * blocks.
   *
   * @param reason the reason for the event and the log
   */
  void endBayeuxSession(String reason) {
    channel.disconnect(reason);
  }

  ClientChannel channel() {
    return channel;
  }

  ClientOutbox outbox() {
    return outbox;
  }

  ClientMailbox mailbox() {
    return mailbox;
  }

  /** Returns the memory account of the session's user. */
  Account account() {
    return account;
  }

  RateLimit rateLimit() {
    return rateLimit;
  }

  /** Returns the time of the handshake. */
  Instant since() {
    return since;
  }

  State state() {
    return state;
  }

  void moveTo(State next) {
    state = next;
  }

  boolean isConnected() {
    return state == State.CONNECTED;
  }

  /** Returns the client, also while this session is suspended. */
  Optional<ConnectedClient> client() {
    return Optional.ofNullable(client);
  }

  /** Sets the connected client. From now on its outbox is written to this session's channel. */
  void use(ConnectedClient connected) {
    client = connected;
    state = State.CONNECTED;
    if (outbox != connected.outbox()) {
      ClientOutbox own = outbox;
      outbox = connected.outbox();
      own.moveTo(outbox);
      outbox.resumeOn(channel);
    }
  }

  /** Removes the client: it was disconnected, or another session takes it over. */
  void removeClient(State next) {
    client = null;
    state = next;
  }

  ConnectedClient requireConnected() {
    ConnectedClient connected = client;
    if (connected == null || !isConnected()) {
      throw BridgeException.notConnected(
          state == State.TERMINATED
              ? "the client was terminated, or was resumed in another session"
              : "send connect on the control channel first");
    }
    return connected;
  }

  /** Queues a notice for the client. Called on any thread; never blocks. */
  void tell(Notice notice) {
    outbox.deliver(encoder.encode(notice));
  }

  /**
   * Queues a notice that may wait a moment for the next message. Called on any thread; never
   * blocks.
   */
  void tellWithNext(Notice notice) {
    outbox.deliverWithNext(encoder.encode(notice), null);
  }

  @Override
  public String toString() {
    return "user=%s client=%s state=%s".formatted(identity.loggable(), clientId, state);
  }
}
