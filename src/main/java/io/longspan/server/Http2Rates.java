package io.longspan.server;

import java.time.Duration;
import org.eclipse.jetty.http2.ErrorCode;
import org.eclipse.jetty.http2.frames.ResetFrame;
import org.eclipse.jetty.io.RateControl;
import org.eclipse.jetty.io.WindowRateControl;

/**
 * The maximum rate of frames that cost the server more than the client, on one connection: resets,
 * pings, settings, priorities, continuations and empty frames.
 *
 * <p>Jetty counts the server's own resets too, because a client could provoke them while its
 * requests are handled. Resets that end a request which is answered, failed or displaced are not
 * counted here. Otherwise a stranger could end the connection that a proxy shares between its
 * clients.
 */
final class Http2Rates implements RateControl {
  private static final int EVENTS_PER_SECOND = 128;

  private final RateControl limit = new WindowRateControl(EVENTS_PER_SECOND, Duration.ofSeconds(1));

  @Override
  public boolean onEvent(Object event) {
    return event instanceof ResetFrame reset && isOfAnEndedRequest(reset) || limit.onEvent(event);
  }

  /** Returns whether a reset that the client has sent is within the rate. */
  boolean onClientReset(ResetFrame reset) {
    return !isOfAnEndedRequest(reset) || limit.onEvent(reset);
  }

  private static boolean isOfAnEndedRequest(ResetFrame reset) {
    int code = reset.getError();
    return code == ErrorCode.NO_ERROR.code
        || code == ErrorCode.CANCEL_STREAM_ERROR.code
        || code == ErrorCode.ENHANCE_YOUR_CALM_ERROR.code;
  }
}
