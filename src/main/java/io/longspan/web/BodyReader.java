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
 * Reads the body of an unauthenticated request within a total deadline, without a waiting thread,
 * in any container. Afterwards the request is dispatched to its servlet again, which gets the
 * result by {@link #outcome}.
 *
 * <p>Callbacks come on container threads, one at a time; only the timeout may be concurrent.
 */
final class BodyReader implements ReadListener, AsyncListener {
  private static final String ATTRIBUTE = BodyReader.class.getName();

  /** Result of reading a body. */
  sealed interface Outcome {
    /** The body is complete. */
    record Read(byte[] body) implements Outcome {}

    /** The deadline passed before the body was complete. */
    record TooSlow() implements Outcome {}

    /** The connection broke, or the body is shorter or longer than announced. */
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
    this.body = new byte[length + 1]; // one more, to detect a body that is too long
  }

  /** Removes and returns the result; empty at the first dispatch of a request. */
  static Optional<Outcome> outcome(HttpServletRequest request) {
    Object outcome = request.getAttribute(ATTRIBUTE);
    request.removeAttribute(ATTRIBUTE);
    return outcome instanceof Outcome known ? Optional.of(known) : Optional.empty();
  }

  /**
   * Starts to read a body.
   *
   * @param account charged for the body until it has been read
   * @param length announced length of the body, in bytes
   * @param deadline for the complete body
   * @return false if the account has no room; nothing was started then
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
    // Also called when the container completes the request by itself.
    if (done.compareAndSet(false, true)) {
      account.release(Purpose.INBOUND, body.length);
    }
  }

  @Override
  public void onStartAsync(AsyncEvent event) {
    // Nothing to do: the second dispatch does not start an asynchronous request.
  }
}
