package io.longspan.web;

import io.longspan.budget.Account;
import io.longspan.budget.Purpose;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Reads the body of a stranger's request within a total deadline, in any container, and without a
 * thread that waits for it. The request is then dispatched to its servlet once more, which finds
 * the outcome by {@link #outcome}.
 *
 * <p>Called on container threads, one at a time but for the time-out.
 */
final class BodyReader implements ReadListener, AsyncListener {
  private static final String ATTRIBUTE = BodyReader.class.getName();

  /** What came of reading a body. */
  sealed interface Outcome {
    /** The whole body. */
    record Read(byte[] body) implements Outcome {}

    /** The body was not complete in time. */
    record TooSlow() implements Outcome {}

    /** The client has gone, or its body is not as long as it said. */
    record Broken() implements Outcome {}
  }

  private final AsyncContext context;
  private final HttpServletRequest request;
  private final ServletInputStream input;
  private final Account account;
  private final byte[] body;
  private final AtomicBoolean done = new AtomicBoolean();
  private int count;

  private BodyReader(AsyncContext context, HttpServletRequest request, Account account, int length)
      throws IOException {
    this.context = context;
    this.request = request;
    this.input = request.getInputStream();
    this.account = account;
    this.body = new byte[length + 1]; // so that a body that goes on is noticed
  }

  /** Returns the outcome, if this is the second dispatch of a request; once. */
  static Optional<Outcome> outcome(HttpServletRequest request) {
    Object outcome = request.getAttribute(ATTRIBUTE);
    request.removeAttribute(ATTRIBUTE);
    return outcome instanceof Outcome known ? Optional.of(known) : Optional.empty();
  }

  /**
   * Begins to read.
   *
   * @param account is charged for the body until it has been read
   * @param length the length of the body in bytes, as the client says
   * @return false if the account has no room; nothing was begun then
   */
  static boolean begin(
      HttpServletRequest request,
      HttpServletResponse response,
      Account account,
      int length,
      Duration deadline)
      throws IOException {
    if (!account.tryCharge(Purpose.INBOUND, length + 1L)) {
      return false;
    }
    AsyncContext context = request.startAsync(request, response);
    BodyReader reader = new BodyReader(context, request, account, length);
    context.setTimeout(deadline.toMillis());
    context.addListener(reader);
    reader.input.setReadListener(reader);
    return true;
  }

  @Override
  public void onDataAvailable() throws IOException {
    while (!done.get() && input.isReady()) {
      int read = count < body.length ? input.read(body, count, body.length - count) : 0;
      if (read < 0) {
        return; // onAllDataRead follows
      }
      count += read;
      if (count == body.length) {
        finish(new Outcome.Broken());
      }
    }
  }

  @Override
  public void onAllDataRead() {
    finish(
        count == body.length - 1
            ? new Outcome.Read(Arrays.copyOf(body, count))
            : new Outcome.Broken());
  }

  @Override
  public void onError(Throwable failure) {
    finish(new Outcome.Broken());
  }

  @Override
  public void onTimeout(AsyncEvent event) {
    finish(new Outcome.TooSlow());
  }

  private void finish(Outcome outcome) {
    if (done.compareAndSet(false, true)) {
      account.release(Purpose.INBOUND, body.length);
      request.setAttribute(ATTRIBUTE, outcome);
      context.dispatch();
    }
  }

  @Override
  public void onError(AsyncEvent event) {
    finish(new Outcome.Broken());
  }

  @Override
  public void onComplete(AsyncEvent event) {
    // Also where the container ends the request by itself.
    if (done.compareAndSet(false, true)) {
      account.release(Purpose.INBOUND, body.length);
    }
  }

  @Override
  public void onStartAsync(AsyncEvent event) {
    // The second dispatch starts nothing.
  }
}
