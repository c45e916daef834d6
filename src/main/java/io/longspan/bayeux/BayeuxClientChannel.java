package io.longspan.bayeux;

import io.longspan.bridge.ClientChannel;
import io.longspan.bridge.ClientOutbox;
import io.longspan.bridge.Outgoing;
import io.longspan.protocol.Answer;
import io.longspan.protocol.PayloadEncoder;
import io.longspan.protocol.SessionEnd;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.cometd.bayeux.server.ServerMessage;
import org.cometd.bayeux.server.ServerTransport;
import org.cometd.server.BayeuxServerImpl;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way to a client over its CometD session. The session takes what the outbox holds when it
 * writes to the client; nothing goes through a broadcast channel, so that a channel name gives no
 * access.
 */
final class BayeuxClientChannel implements ClientChannel {
  /** The session attribute that says why the bridge ended a session. */
  static final String END_REASON = "io.longspan.endReason";

  /** One for all clients: it holds a whole JSON mapper, and is safe for use by many threads. */
  private static final PayloadEncoder ENCODER = new PayloadEncoder();

  private static final Logger LOG = LoggerFactory.getLogger(BayeuxClientChannel.class);

  private final BridgeSession session;
  private final String beforeSeq;
  private final String userChannel;
  private final String address;
  private final AtomicBoolean ending = new AtomicBoolean();
  private final AtomicBoolean willFlush = new AtomicBoolean();
  private final Runnable flush = this::flush;
  private final LastRequests lastRequests = new LastRequests();
  private volatile Runnable whenSent = () -> {};
  private volatile ClientOutbox outbox;

  BayeuxClientChannel(BridgeSession session, String userChannel, String address) {
    this.session = session;
    this.userChannel = userChannel;
    // The channel's alphabet holds nothing that JSON would escape.
    this.beforeSeq = "{\"channel\":\"" + userChannel + "\",\"data\":{\"seq\":";
    this.address = address;
  }

  /** Calls a listener for each message to the client; it must be quick. */
  void whenSent(Runnable listener) {
    whenSent = listener;
  }

  @Override
  public void use(ClientOutbox next) {
    outbox = next;
    lastRequests.renumbered();
  }

  @Override
  public void wake() {
    whenSent.run();
    if (session.shouldSchedule() && willFlush.compareAndSet(false, true)) {
      server().writers().execute(flush);
    }
  }

  @Override
  public void wakeHere() {
    whenSent.run();
    if (session.shouldSchedule()) {
      server().runHere(session::flush);
    }
  }

  private void flush() {
    willFlush.set(false);
    server().runHere(session::flush);
  }

  private BridgeBayeuxServer server() {
    return (BridgeBayeuxServer) session.getBayeuxServer();
  }

  /** Returns whether something waits for the client. */
  boolean hasWaiting() {
    return outbox.hasWaiting();
  }

  /** Takes what waits for the client, as the messages of its user channel. */
  List<ServerMessage> take() {
    return outbox.take(this).stream().map(this::message).toList();
  }

  private ServerMessage message(Outgoing message) {
    return new UserChannelMessage(userChannel, beforeSeq, message);
  }

  /** Returns the number of the last message that was taken. */
  long lastTaken() {
    return outbox.lastTaken();
  }

  /** The client has got everything up to a number. */
  void acknowledge(long seq) {
    outbox.acknowledge(seq);
  }

  /** A client that counts its messages polls; what a lost answer carried is written again. */
  void polled(String id) {
    outbox.putBack(lastRequests.polled(id, outbox.lastTaken()));
  }

  /** Returns what the client has asked for last. */
  LastRequests lastRequests() {
    return lastRequests;
  }

  /** The client has got everything up to a number, and nothing after it. */
  void rewind(long seq) {
    outbox.rewind(seq);
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
                outbox.deliver(ENCODER.encode(new Answer.SessionEnded(reason)));
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
    return new Status(transport == null ? "" : transport.getName(), address);
  }
}
