package io.longspan.bridge;

import io.longspan.budget.Account;
import io.longspan.budget.MemoryBudget;
import io.longspan.config.LongspanConfig.Limits;
import io.longspan.protocol.Answer;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.PayloadEncoder;
import io.longspan.security.Identity;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Executor;

/**
 * One Bayeux session of a web client, from its handshake to its end.
 *
 * <p>What is mutable and not thread-safe by itself belongs to the mailbox's command in progress.
 */
public final class ClientSession {

  /** Where a session stands. */
  enum State {
    /** It has shaken hands, and not yet sent {@code connect}. */
    HANDSHAKEN,
    /** It has a connected client. */
    CONNECTED,
    /** It has sent {@code disconnect}; it may connect again. */
    DISCONNECTED,
    /** Its Bayeux session is lost; its client waits to be taken over. */
    LOST,
    /** Its Bayeux session has ended. */
    ENDED;

    String wireName() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final String clientId;
  private final ClientChannel channel;
  private final PayloadEncoder encoder;
  private final ClientMailbox mailbox;
  private final RateLimit rateLimit;
  private final Account account;
  private final Instant since = Instant.now();

  /** Always the same user; a renewed credential may bring other roles. Written under the lock. */
  private volatile Identity identity;

  /** Guarded by this: its own, until it takes a client over. */
  private RoleChanges roleChanges;

  /** Written by the command in progress. */
  private volatile State state = State.HANDSHAKEN;

  /** Written by the command in progress; null while it is not connected. */
  private volatile ConnectedClient client;

  /** Written by the command in progress: its own, until it takes a client over. */
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
    outbox.attach(channel);
  }

  /** Returns the Bayeux client id. */
  public String clientId() {
    return clientId;
  }

  /** Returns who did the handshake, with the roles of the latest credential. */
  public Identity identity() {
    return identity;
  }

  /**
   * Takes over the roles of a credential, as far as they may change now.
   *
   * @param presented the same user, with the roles of the latest credential
   * @param now milliseconds of the bridge's ticker
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
   * Goes on with the roles of a client that this session takes over, as far as its own credential
   * grants them: a handshake must not renew the allowance of changes.
   *
   * @param now milliseconds of the bridge's ticker
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
   * Ends the Bayeux session; the client may come back. Called on any thread; never blocks.
   *
   * @param reason why, for the event and the log
   */
  void end(String reason) {
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

  /** Returns the account of the session's user. */
  Account account() {
    return account;
  }

  RateLimit rateLimit() {
    return rateLimit;
  }

  /** Returns when the client shook hands. */
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

  /** Returns the connected client, present or waiting to be taken over. */
  Optional<ConnectedClient> client() {
    return Optional.ofNullable(client);
  }

  /** Gives the session a client, whose outbox is written from now on. */
  void use(ConnectedClient connected) {
    client = connected;
    state = State.CONNECTED;
    if (outbox != connected.outbox()) {
      ClientOutbox own = outbox;
      outbox = connected.outbox();
      own.moveTo(outbox);
      outbox.attach(channel);
    }
  }

  /** Takes the client away: it was closed, or another session has it now. */
  void release(State next) {
    client = null;
    state = next;
  }

  ConnectedClient requireConnected() {
    ConnectedClient connected = client;
    if (connected == null || !isConnected()) {
      throw BridgeException.notConnected("send connect on the control channel first");
    }
    return connected;
  }

  /** Says something to the client; never blocks. */
  void tell(Answer answer) {
    outbox.deliver(encoder.encode(answer));
  }

  @Override
  public String toString() {
    return "user=%s client=%s state=%s".formatted(identity.loggable(), clientId, state);
  }
}
