package io.longspan.server;

import java.nio.ByteBuffer;
import org.eclipse.jetty.http2.Flags;
import org.eclipse.jetty.http2.frames.FrameType;
import org.eclipse.jetty.http2.parser.Parser;
import org.eclipse.jetty.http2.parser.ServerParser;
import org.eclipse.jetty.io.ByteBufferPool;

/**
 * Parses the frames of a {@link BoundedHttp2Connection}, and knows whether something is incomplete
 * that must not take long: the preface, the header of a frame, a frame without data, or the header
 * block of a request.
 *
 * <p>One thread at a time parses; any thread may ask.
 */
final class BoundedHttp2Parser extends ServerParser {
  private static final int NO_FRAME = -1;

  private final Http2Rates rates;
  private BoundedHttp2Connection connection;

  /** Type of the frame whose body is parsed. */
  private int type = NO_FRAME;

  /** Whether the last HEADERS or CONTINUATION frame needs a further one. */
  private boolean continues;

  private volatile boolean incomplete = true;
  private volatile long completed;

  BoundedHttp2Parser(ByteBufferPool buffers, int maxHeaderBytes, Http2Rates rates) {
    super(buffers, maxHeaderBytes, rates);
    this.rates = rates;
  }

  @Override
  public void init(Parser.Listener listener) {
    connection = (BoundedHttp2Connection) listener;
    super.init(listener);
  }

  Http2Rates rates() {
    return rates;
  }

  /** Returns whether a part is incomplete. */
  boolean isIncomplete() {
    return incomplete;
  }

  /** Returns how many parts were completed. */
  long completed() {
    return completed;
  }

  @Override
  protected boolean parseHeader(ByteBuffer buffer) {
    boolean any = buffer.hasRemaining();
    boolean complete = super.parseHeader(buffer);
    if (complete) {
      type = getFrameType();
      boolean isHeader =
          type == FrameType.HEADERS.getType() || type == FrameType.CONTINUATION.getType();
      continues = isHeader && !hasFlag(Flags.END_HEADERS);
    }
    if (any) {
      incomplete = !complete || type != FrameType.DATA.getType();
    }
    return complete;
  }

  @Override
  @SuppressWarnings("NonAtomicOperationOnVolatileField") // only one thread parses
  protected boolean parseBody(ByteBuffer buffer) {
    if (!super.parseBody(buffer)) {
      return false;
    }
    incomplete = continues;
    if (!continues) {
      completed++;
    }
    if (!connection.hasRoomForAnswers()) {
      // Do not parse what follows.
      buffer.position(buffer.limit());
      return false;
    }
    return true;
  }
}
