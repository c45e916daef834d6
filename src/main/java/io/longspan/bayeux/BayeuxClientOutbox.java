package io.longspan.bayeux;

import io.longspan.bridge.BayeuxJMSBridge;
import io.longspan.bridge.ClientOutbox;
import io.longspan.config.LongspanConfig.Limits;
import io.longspan.protocol.Answer;
import io.longspan.protocol.Payload;
import io.longspan.protocol.PayloadEncoder;
import io.longspan.protocol.SessionEnd;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Lock;
import org.cometd.bayeux.Promise;
import org.cometd.bayeux.server.ServerMessage;
import org.cometd.bayeux.server.ServerSession;
import org.cometd.bayeux.server.ServerTransport;
import org.cometd.server.BayeuxServerImpl;
import org.cometd.server.ServerSessionImpl;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The outbox over a CometD session: it delivers to the session itself, so that a channel name gives
 * no access.
 *
 * <p>Numbers and counts messages as CometD queues them; what is mutable is guarded by the session's
 * own lock, under which CometD calls these listeners.
 */
final class BayeuxClientOutbox
    implements ClientOutbox,
        ServerSession.QueueListener,
        ServerSession.DeQueueListener,
        ServerSession.QueueMaxedListener {
  /** The session attribute that says why the bridge ended a session. */
  static final String END_REASON = "io.longspan.endReason";

  private static final Recall NEVER = () -> false;

  /** One for all clients: it holds a whole JSON mapper, and is safe for use by many threads. */
  private static final PayloadEncoder ENCODER = new PayloadEncoder();

  private static final Logger LOG = LoggerFactory.getLogger(BayeuxClientOutbox.class);

  private final ServerSessionImpl session;
  private final String beforeSeq;
  private final String userChannel;
  private final long maxBytes;
  private final String address;
  private final AtomicBoolean ending = new AtomicBoolean();
  private volatile Runnable whenQueued = () -> {};
  private long lastSeq;
  private long queuedBytes;

  BayeuxClientOutbox(ServerSessionImpl session, String userChannel, String address, Limits limits) {
    this.session = session;
    this.userChannel = userChannel;
    // The channel's alphabet holds nothing that JSON would escape.
    this.beforeSeq = "{\"channel\":\"" + userChannel + "\",\"data\":{\"seq\":";
    this.address = address;
    this.maxBytes = limits.queueBytes();
    session.addListener(this);
  }

  /** Calls a listener for each message that is queued, under CometD's lock; it must be quick. */
  void whenQueued(Runnable listener) {
    whenQueued = listener;
  }

  @Override
  public void deliver(Payload payload) {
    deliver(payload, NEVER);
  }

  @Override
  public void deliver(Payload payload, Recall recall) {
    session.deliver(
        null, new UserChannelMessage(userChannel, beforeSeq, payload, recall), Promise.noop());
  }

  @Override
  public void discardRecalled() {
    Lock lock = session.getLock();
    lock.lock();
    try {
      BridgeSession.discardRecalled(session.getQueue());
      queuedBytes =
          session.getQueue().stream()
              .filter(UserChannelMessage.class::isInstance)
              .mapToLong(message -> ((UserChannelMessage) message).payloadSize())
              .sum();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void queued(ServerSession sender, ServerMessage message) {
    if (message instanceof UserChannelMessage own) {
      whenQueued.run();
      own.number(++lastSeq);
      queuedBytes += own.payloadSize();
      if (queuedBytes > maxBytes) {
        endSlow();
      }
    }
  }

  @Override
  public void deQueue(
      ServerSession from, Queue<ServerMessage> queue, List<ServerMessage.Mutable> replies) {
    queuedBytes = 0;
  }

  @Override
  public void deQueue(ServerSession from, Queue<ServerMessage> queue) {
    queuedBytes = 0;
  }

  @Override
  public boolean queueMaxed(
      ServerSession to, Queue<ServerMessage> queue, ServerSession sender, ServerMessage message) {
    endSlow();
    return false;
  }

  private void endSlow() {
    if (session.getAttribute(END_REASON) == null) {
      disconnect(BayeuxJMSBridge.SLOW_CONSUMER);
    }
  }

  /**
   * Ends the Bayeux session and tells the client why: a held {@code /meta/connect} is answered, a
   * WebSocket written to. Called on any thread; never blocks. Only the first call counts.
   */
  void end(SessionEnd reason) {
    if (!ending.compareAndSet(false, true)) {
      return;
    }
    session.setAttribute(END_REASON, reason.wireName());
    session
        .getBayeuxServer()
        .execute(
            () -> {
              LOG.info("session ended client={} reason={}", session.getId(), reason.wireName());
              // In one batch, so that the answer of a held connect says that it is the last one.
              session.startBatch();
              try {
                deliver(ENCODER.encode(new Answer.SessionEnded(reason)));
                session.disconnect();
              } finally {
                session.endBatch();
              }
            });
  }

  @Override
  public void disconnect(String reason) {
    session.setAttribute(END_REASON, reason);
    BayeuxServerImpl server = session.getBayeuxServer();
    // On another thread: this one may hold the session's lock, or be a delivery thread.
    server.execute(
        () -> {
          LOG.info("session ended client={} reason={}", session.getId(), reason);
          server.removeServerSession(session, true);
          if (session.getServerTransport() instanceof LongPollingTransport) {
            session.flush(); // a poll that is held is answered
          }
          session.destroyScheduler();
        });
  }

  @Override
  public Status status() {
    ServerTransport transport = session.getServerTransport();
    Lock lock = session.getLock();
    lock.lock();
    try {
      return new Status(
          transport == null ? "" : transport.getName(),
          address,
          session.getQueue().size(),
          queuedBytes);
    } finally {
      lock.unlock();
    }
  }
}
