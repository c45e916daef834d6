package io.longspan.server;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.NanoTime;
import org.eclipse.jetty.util.thread.Scheduler;

/**
 * Aborts transfers below a minimum rate after a grace period: request bodies, and responses that
 * the client reads slowly. The idle timeout alone would let a client hold a request forever with a
 * few bytes. Of HTTP/2 only the stream ends.
 *
 * <p>Jetty's {@code MinimumDataRateHandler} has no grace period, so it would abort short transfers
 * that stall for a moment.
 */
final class SlowTransfers extends Handler.Wrapper {

  /** Minimum rate of bodies and responses after the grace period. */
  static final long BYTES_PER_SECOND = 1024;

  private final long graceNanos;
  private final long bytesPerSecond;

  SlowTransfers(Handler next, Duration grace, long bytesPerSecond) {
    super(next);
    this.graceNanos = grace.toNanos();
    this.bytesPerSecond = bytesPerSecond;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    SlowRequest body = new SlowRequest(request);
    return super.handle(body, new SlowResponse(body, response), callback);
  }

  private long allowedNanos(long bytes) {
    return graceNanos + bytes * TimeUnit.SECONDS.toNanos(1) / bytesPerSecond;
  }

  /**
   * Checks the rate at each demand, which follows received bytes. Without bytes the idle timeout
   * applies.
   */
  private final class SlowRequest extends Request.Wrapper {
    private final long began = NanoTime.now();
    private long bytes;
    private Content.Chunk failure;

    SlowRequest(Request wrapped) {
      super(wrapped);
    }

    @Override
    public void demand(Runnable demandCallback) {
      if (NanoTime.since(began) > allowedNanos(bytes)) {
        failure =
            Content.Chunk.from(new TimeoutException("the request's body was received too slowly"));
        demandCallback.run();
      } else {
        super.demand(demandCallback);
      }
    }

    @Override
    public Content.Chunk read() {
      if (failure != null) {
        return failure;
      }
      Content.Chunk chunk = super.read();
      if (chunk != null) {
        bytes += chunk.remaining();
      }
      return chunk;
    }
  }

  private final class SlowResponse extends Response.Wrapper {

    SlowResponse(Request request, Response wrapped) {
      super(request, wrapped);
    }

    @Override
    public void write(boolean last, ByteBuffer content, Callback callback) {
      long allowed = allowedNanos(content == null ? 0 : content.remaining());
      AtomicBoolean done = new AtomicBoolean();
      super.write(
          last,
          content,
          Callback.from(
              callback.getInvocationType(),
              () -> {
                done.set(true);
                callback.succeeded();
              },
              failure -> {
                done.set(true);
                callback.failed(failure);
              }));
      if (!done.get()) {
        // Most writes are complete by now and need no timer.
        Scheduler scheduler = getRequest().getComponents().getScheduler();
        scheduler.schedule(() -> cutUnless(done), allowed, TimeUnit.NANOSECONDS);
      }
    }

    private void cutUnless(AtomicBoolean done) {
      if (!done.get()) {
        TimeoutException slow = new TimeoutException("the response is read too slowly");
        Connection connection = getRequest().getConnectionMetaData().getConnection();
        if (connection instanceof BoundedHttp2Connection http2) {
          http2.reset(getRequest().getId(), slow);
        } else {
          connection.getEndPoint().close(slow);
        }
      }
    }
  }
}
