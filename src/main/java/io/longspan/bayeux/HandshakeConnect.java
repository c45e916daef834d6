package io.longspan.bayeux;

import io.longspan.bridge.BayeuxJMSBridge;
import io.longspan.bridge.ClientSession;
import io.longspan.protocol.ControlDecoder;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.cometd.bayeux.server.ServerMessage;
import org.cometd.bayeux.server.ServerSession;

/**
 * Connects a client with its handshake, if {@code ext.bridge.connect} asks for that (protocol
 * section 12). Stateless; never blocks.
 */
final class HandshakeConnect {
  private static final String CONNECTING = "io.longspan.connecting";
  private static final ControlDecoder DECODER = new ControlDecoder();

  private HandshakeConnect() {}

  private static Optional<Object> of(ServerMessage handshake) {
    Map<String, Object> ext = handshake.getExt();
    return ext != null && ext.get("bridge") instanceof Map<?, ?> fields
        ? Optional.ofNullable(fields.get("connect"))
        : Optional.empty();
  }

  /**
   * Returns why a handshake must be refused, as text for its client: an answer would have no
   * correlation id. Empty if the handshake is valid.
   */
  static Optional<String> problem(ServerMessage handshake) {
    return of(handshake)
        .filter(connect -> DECODER.correlationIdOf(connect).isEmpty())
        .map(
            connect ->
                "ext.bridge.connect must be an object with a correlationId of 1 to %d characters"
                    .formatted(ControlDecoder.MAX_CORRELATION_ID));
  }

  /**
   * Starts to connect a client, if its handshake asks for that.
   *
   * @return whether it does
   */
  static boolean start(
      BayeuxJMSBridge bridge,
      ClientSession client,
      ServerSession session,
      ServerMessage handshake) {
    Optional<Object> connect = of(handshake);
    connect.ifPresent(
        data ->
            session.setAttribute(
                CONNECTING,
                bridge
                    .connectWithHandshake(
                        client,
                        () -> DECODER.decodeWithHandshake(data),
                        DECODER.correlationIdOf(data).orElseThrow())
                    .toCompletableFuture()));
    return connect.isPresent();
  }

  /** Returns whether the handshake of a session has asked to connect. */
  static boolean isStarted(ServerSession session) {
    return session.getAttribute(CONNECTING) != null;
  }

  /**
   * Runs a task when the answers to the handshake's request are queued: at once if they are, or if
   * there was no request; otherwise on any thread.
   */
  @SuppressWarnings("unchecked")
  static void whenAnswered(ServerSession session, Runnable task) {
    Object connecting = session == null ? null : session.getAttribute(CONNECTING);
    if (connecting == null) {
      task.run();
    } else {
      ((CompletableFuture<Void>) connecting).thenRun(task);
    }
  }
}
