package io.longspan.server;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;

/**
 * Reads the small body of a request without a thread that waits for it, before the request is
 * handled.
 *
 * <p>Jetty's own {@code EagerContentHandler} also passes on requests whose body has failed.
 */
final class SmallBody implements Runnable {
  private final Request request;
  private final int maxBytes;
  private final Consumer<Request> handling;
  private final IntConsumer refusal;
  private final ByteArrayOutputStream body = new ByteArrayOutputStream();

  private SmallBody(
      Request request, int maxBytes, Consumer<Request> handling, IntConsumer refusal) {
    this.request = request;
    this.maxBytes = maxBytes;
    this.handling = handling;
    this.refusal = refusal;
  }

  /**
   * Calls {@code handling} with a request whose body is complete, now or later, or {@code refusal}
   * with a status. Returns at once; neither may block.
   *
   * @param maxBytes the largest body
   */
  static void of(Request request, int maxBytes, Consumer<Request> handling, IntConsumer refusal) {
    if (request.getLength() > maxBytes) {
      refusal.accept(HttpStatus.PAYLOAD_TOO_LARGE_413);
    } else if (request.getLength() > 0
        || request.getHeaders().contains(HttpHeader.TRANSFER_ENCODING)) {
      new SmallBody(request, maxBytes, handling, refusal).run();
    } else {
      handling.accept(request);
    }
  }

  /** Reads what has come, by one thread at a time. */
  @Override
  public void run() {
    while (true) {
      Content.Chunk chunk = request.read();
      if (chunk == null) {
        request.demand(this);
        return;
      }
      if (Content.Chunk.isFailure(chunk)) {
        refusal.accept(
            chunk.getFailure() instanceof TimeoutException
                ? HttpStatus.REQUEST_TIMEOUT_408
                : HttpStatus.BAD_REQUEST_400);
        return;
      }
      boolean fits = body.size() + chunk.remaining() <= maxBytes;
      if (fits) {
        append(chunk.getByteBuffer());
      }
      boolean last = chunk.isLast();
      chunk.release();
      if (!fits) {
        refusal.accept(HttpStatus.PAYLOAD_TOO_LARGE_413);
        return;
      }
      if (last) {
        handling.accept(new WholeRequest(request, body.toByteArray()));
        return;
      }
    }
  }

  private void append(ByteBuffer part) {
    byte[] bytes = new byte[part.remaining()];
    part.get(bytes);
    body.writeBytes(bytes);
  }

  /** A request whose body is there already; read by one thread at a time. */
  private static final class WholeRequest extends Request.Wrapper {
    private final byte[] body;
    private boolean read;

    WholeRequest(Request wrapped, byte[] body) {
      super(wrapped);
      this.body = body;
    }

    @Override
    public Content.Chunk read() {
      if (read || body.length == 0) {
        return Content.Chunk.EOF;
      }
      read = true;
      return Content.Chunk.from(ByteBuffer.wrap(body), true);
    }

    @Override
    public void demand(Runnable demandCallback) {
      demandCallback.run();
    }
  }
}
