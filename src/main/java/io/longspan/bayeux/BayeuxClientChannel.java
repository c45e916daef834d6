package io.longspan.bayeux;

import io.longspan.bridge.ClientChannel;
import io.longspan.bridge.ClientOutbox;
import io.longspan.bridge.Outgoing;
import io.longspan.protocol.Notice;
import io.longspan.protocol.PayloadEncoder;
import io.longspan.protocol.SessionEnd;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.cometd.bayeux.server.ServerMessage;
import org.cometd.bayeux.server.ServerTransport;
import org.cometd.server.BayeuxServerImpl;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes a client's outbox to its CometD session. When CometD writes to the client, the session
 * takes the messages from the outbox. No broadcast channel is used, so knowing a channel's name
 * gives no access.
 *
 * <p>May be called on any thread; never blocks.
 */
final class BayeuxClientChannel implements ClientChannel, HeldReplies.Holder {
  /** The session attribute with the reason why the bridge ended the session. */
  static final String END_REASON = "io.longspan.endReason";

  /** Shared by all clients, because it holds a JSON mapper. Thread-safe. */
  private static final PayloadEncoder ENCODER = new PayloadEncoder();

  private static final Logger LOG = LoggerFactory.getLogger(BayeuxClientChannel.class);

  private final BridgeSession session;
  private final String beforeSeq;
  private final String userChannel;
  private final String address;
  private final AtomicBoolean ending = new AtomicBoolean();
  private final AtomicBoolean willFlush = new AtomicBoolean();

  /** Null unless messages wait for the next one. */
  private final AtomicReference<HeldReplies.Hold> holding = new AtomicReference<>();

  private final Runnable flush = this::flush;
  private final LastRequests lastRequests = new LastRequests();
  private volatile Runnable whenSent = () -> {};
  private volatile ClientOutbox outbox;

  BayeuxClientChannel(BridgeSession session, String userChannel, String address) {
    this.session = session;
    this.userChannel = userChannel;
    // No escaping: the alphabet of the user channel needs none in JSON.
    this.beforeSeq = "{\"channel\":\"" + userChannel + "\",\"data\":{\"seq\":";
    this.address = address;
  }

  /** Sets the listener that runs whenever the outbox wakes this channel; it must not block. */
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
      server().flushHere(session);
    }
  }

  /** If messages wait already, this was the one that they waited for. */
  @Override
  public void wakeSoon() {
    HeldReplies held = server().heldReplies();
    HeldReplies.Hold hold = held.begin(this);
    if (held.isEnabled() && holding.compareAndSet(null, hold)) {
      whenSent.run();
      held.add(hold);
    } else {
      wake();
    }
  }

  @Override
  public boolean isHolding(HeldReplies.Hold hold) {
    return holding.get() == hold;
  }

  /** Returns whether messages wait for the next one. */
  boolean isHolding() {
    return holding.get() != null;
  }

  @Override
  public void writeHeld() {
    if (session.shouldSchedule()) {
      server().flushHere(session);
    }
  }

  private void flush() {
    willFlush.set(false);
    server().flushHere(session);
  }

  private BridgeBayeuxServer server() {
    return (BridgeBayeuxServer) session.getBayeuxServer();
  }

  /** Returns whether messages wait for the client. */
  boolean hasWaiting() {
    return outbox.hasWaiting();
  }

  /**
   * Takes all waiting messages, as messages on the user channel.
   *
   * @param writer the WebSocket that writes them; null for long polling
   */
  List<ServerMessage> take(WebSocketReplies writer) {
    holding.set(null);
    List<Outgoing> taken = outbox.take(this);
    if (taken.isEmpty()) {
      return List.of();
    }
    if (writer != null) {
      return List.of(new ClientMessages(userChannel, beforeSeq, taken, writer));
    }
    List<ServerMessage> messages = new ArrayList<>(taken.size());
    for (Outgoing message : taken) {
      messages.add(new UserChannelMessage(userChannel, beforeSeq, message));
    }
    return messages;
  }

  /** Returns the {@code seq} of the last message that was taken; 0 if none was. */
  long lastTaken() {
    return outbox.lastTaken();
  }

  /** Acknowledges all messages up to a {@code seq}. They are no longer retained. */
  void acknowledge(long seq) {
    outbox.acknowledge(seq);
  }

  /**
   * Handles a {@code /meta/connect} of a client that sends {@code ext.bridge.seq}. If the request
   * is a repetition, the messages of the lost reply are re-queued.
   *
   * @param id the Bayeux message id; null if there is none
   */
  void polled(String id) {
    outbox.putBack(lastRequests.polled(id, outbox.lastTaken()));
  }

  /** Returns the last requests of the client, by which repetitions are recognised. */
  LastRequests lastRequests() {
    return lastRequests;
  }

  /** Acknowledges all messages up to a {@code seq}, and re-queues all messages after it. */
  void rewind(long seq) {
    outbox.rewind(seq);
  }

  /**
   * Terminates the Bayeux session and notifies the client of the reason. A held {@code
   * /meta/connect} is answered; a WebSocket is written to. Called on any thread; never blocks. Only
   * the first call has an effect.
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
              LOG.info(
                  "Bayeux session terminated client={} reason={}",
                  session.getId(),
                  reason.wireName());
              // One batch: the reply to a held /meta/connect must contain both the notice and the
              // disconnect.
              session.startBatch();
              try {
                outbox.deliver(ENCODER.encode(new Notice.SessionEnded(reason)));
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
    // Another thread, because the caller may hold the session's lock or be a delivery thread.
    server.execute(
        () -> {
          LOG.info("Bayeux session terminated client={} reason={}", session.getId(), reason);
          server.removeServerSession(session, true);
          if (session.getServerTransport() instanceof LongPollingTransport) {
            session.flush(); // answers a held /meta/connect
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
