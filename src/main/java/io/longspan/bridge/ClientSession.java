package io.longspan.bridge;

import io.longspan.bridge.MessageBroker.ReplyEndpoint;
import io.longspan.config.LongspanConfig.Limits;
import io.longspan.protocol.Answer;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.ErrorCode;
import io.longspan.protocol.PayloadEncoder;
import io.longspan.security.Identity;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;

/**
 * One web client, from its handshake to its end.
 *
 * <p>What is mutable and not thread-safe by itself belongs to the mailbox's command in progress.
 */
public final class ClientSession {

  /** Where a client stands. */
  enum State {
    /** It has shaken hands, and not yet sent {@code connect}. */
    HANDSHAKEN,
    /** It has a temporary topic. */
    CONNECTED,
    /** It has sent {@code disconnect}; it may connect again. */
    DISCONNECTED,
    /** Its Bayeux session has ended. */
    ENDED;

    String wireName() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final String clientId;
  private final ClientOutbox outbox;
  private final PayloadEncoder encoder;
  private final ClientMailbox mailbox;
  private final RequestsInFlight requests;
  private final RateLimit rateLimit;
  private final ReplyHandles replyHandles = new ReplyHandles();
  private final Instant since = Instant.now();

  /** Owned by the command in progress. */
  private final Map<String, ClientSubscription> topics = new LinkedHashMap<>(4);

  /** Always the same user; a renewed credential may bring other roles. */
  private volatile Identity identity;

  /** Written by the command in progress. */
  private volatile State state = State.HANDSHAKEN;

  /** Written by the command in progress; null while there is none. */
  private volatile ReplyEndpoint replyEndpoint;

  ClientSession(
      String clientId,
      Identity identity,
      ClientOutbox outbox,
      PayloadEncoder encoder,
      Limits limits,
      Executor commandPool,
      Ticker ticker) {
    this.clientId = clientId;
    this.identity = identity;
    this.outbox = outbox;
    this.encoder = encoder;
    this.mailbox = new ClientMailbox(commandPool, Math.max(1000, limits.requestsInFlight()));
    this.requests = new RequestsInFlight(limits.requestsInFlight());
    this.rateLimit =
        new RateLimit(limits.messagesPerSecond(), limits.messagesPerSecond(), ticker.millis());
  }

  /** Returns the Bayeux client id. */
  public String clientId() {
    return clientId;
  }

  /** Returns who did the handshake, with the roles of the latest credential. */
  public Identity identity() {
    return identity;
  }

  void renew(Identity renewed) {
    if (!renewed.user().equals(identity.user())) {
      throw new IllegalArgumentException("a session belongs to one user");
    }
    identity = renewed;
  }

  /**
   * Ends the client's Bayeux session; it may come back. Called on any thread; never blocks.
   *
   * @param reason why, for the event and the log
   */
  public void end(String reason) {
    outbox.disconnect(reason);
  }

  ClientOutbox outbox() {
    return outbox;
  }

  ClientMailbox mailbox() {
    return mailbox;
  }

  RequestsInFlight requests() {
    return requests;
  }

  RateLimit rateLimit() {
    return rateLimit;
  }

  ReplyHandles replyHandles() {
    return replyHandles;
  }

  Map<String, ClientSubscription> topics() {
    return topics;
  }

  /** Returns how many topics there are; to another thread than the command's, a moment ago. */
  int topicCount() {
    return topics.size();
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

  void requireConnected() {
    if (!isConnected()) {
      throw new BridgeException(
          ErrorCode.NOT_CONNECTED, "send connect on the control channel first");
    }
  }

  Optional<ReplyEndpoint> replyEndpoint() {
    return Optional.ofNullable(replyEndpoint);
  }

  void useReplyEndpoint(ReplyEndpoint endpoint) {
    replyEndpoint = endpoint;
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
