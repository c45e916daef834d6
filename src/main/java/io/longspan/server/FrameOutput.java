package io.longspan.server;

import io.longspan.bayeux.FrameText;
import io.longspan.bayeux.WebSocketOutput;
import jakarta.websocket.Session;
import java.nio.ByteBuffer;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.eclipse.jetty.ee11.websocket.jakarta.common.JakartaWebSocketRemoteEndpoint;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.websocket.core.Frame;
import org.eclipse.jetty.websocket.core.OpCode;

/**
 * Encodes small texts into reused buffers and gives them to Jetty as frames. Jakarta's API would
 * need two further copies of each text. Large texts take that way.
 *
 * <p>A buffer is reused only after the socket has accepted all of it. If a write fails, its buffer
 * is left to the garbage collector: no client may ever see the text of another.
 */
final class FrameOutput implements WebSocketOutput {
  /** The size of a buffer, in bytes. */
  private static final int BUFFER_BYTES = 8 << 10;

  /** The maximum number of unused buffers. */
  private static final int MAX_UNUSED = 64;

  private final BlockingQueue<ByteBuffer> unused = new ArrayBlockingQueue<>(MAX_UNUSED);

  @Override
  public void send(Session session, FrameText text, Writing writing) {
    if (text.maxBytes() <= BUFFER_BYTES
        && session.getAsyncRemote() instanceof JakartaWebSocketRemoteEndpoint remote) {
      ByteBuffer buffer = unused.poll();
      if (buffer == null) {
        buffer = ByteBuffer.allocate(BUFFER_BYTES);
      }
      text.encode(buffer);
      Frame frame = new Frame(OpCode.TEXT).setPayload(buffer.flip());
      remote.sendFrame(frame, new Sent(buffer, writing), false);
    } else {
      JAKARTA.send(session, text, writing);
    }
  }

  private final class Sent implements Callback {
    private final ByteBuffer buffer;
    private final Writing writing;

    Sent(ByteBuffer buffer, Writing writing) {
      this.buffer = buffer;
      this.writing = writing;
    }

    @Override
    public void succeeded() {
      unused.offer(buffer.clear());
      writing.succeeded();
    }

    @Override
    public void failed(Throwable reason) {
      writing.failed(reason);
    }
  }
}
