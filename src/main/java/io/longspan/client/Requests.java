package io.longspan.client;

import io.longspan.client.Incoming.Outcome;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;

/**
 * Requests in flight. Each is in the map until its one outcome; who removes it reports the outcome.
 * Used on the loop only.
 */
final class Requests {

  /** Receives the parts of an answer. After {@code fail} or the last part nothing follows. */
  interface Sink {
    /** Returns null if more parts are awaited, {@link #ENOUGH} if not, or why the request fails. */
    LongspanException part(Message message);

    void fail(LongspanException error);
  }

  /** What a sink returns when it needs no further part. */
  static final LongspanException ENOUGH = new LongspanException.Cancelled("enough");

  private enum Sent {
    NO,
    YES,
    /** The receipt was lost. */
    UNKNOWN
  }

  /** A request without its outcome. */
  static final class Request {
    final String id;
    final String destination;
    final Duration timeout;
    final Sink sink;
    private Sent sent = Sent.NO;
    private Future<?> timer;

    Request(String id, String destination, Duration timeout, Sink sink) {
      this.id = id;
      this.destination = destination;
      this.timeout = timeout;
      this.sink = sink;
    }
  }

  private final Session session;
  private final Loop loop;
  private final Map<String, Request> open = new LinkedHashMap<>();

  Requests(Session session, Loop loop) {
    this.session = session;
    this.loop = loop;
  }

  boolean isEmpty() {
    return open.isEmpty();
  }

  /** Sends a request; what becomes of it is told to the sink. */
  Request start(String destination, Object body, Duration timeout, SendOptions options, Sink sink) {
    Request request = new Request(session.nextId(), destination, timeout, sink);
    // Added before it is sent, because the answer may overtake the receipt.
    open.put(request.id, request);
    arm(request);
    try {
      session.send(
          Codec.encodeSend(
              Map.entry("destination", destination),
              body,
              options.withCorrelationId(request.id).withTimeToLive(timeout)),
          failure -> receipt(request, failure));
    } catch (LongspanException x) {
      fail(request, x);
    } catch (RuntimeException x) {
      fail(
          request,
          new LongspanException.Refused("badRequest", String.valueOf(x.getMessage()), false));
    }
    return request;
  }

  private void receipt(Request request, LongspanException failure) {
    if (failure == null) {
      request.sent = Sent.YES;
    } else if (!(failure instanceof LongspanException.ConnectionLost)) {
      fail(request, failure);
    } else if (request.sent == Sent.NO) {
      // The answer may still arrive if the session is resumed.
      request.sent = Sent.UNKNOWN;
    }
  }

  /** Returns whether a request in flight accepted the message. */
  boolean accept(Message message) {
    Request request = open.get(message.correlationId().orElse(""));
    if (request == null) {
      return false;
    }
    request.sent = Sent.YES;
    LongspanException next = request.sink.part(message);
    if (next == null) {
      arm(request);
    } else if (next != ENOUGH) {
      cancel(request, next);
    } else {
      if (!message.isLast()) {
        // Nobody reads a further part, so the service can stop.
        tellService(request);
      }
      end(request);
    }
    return true;
  }

  /** The outcome of a send has come; ignored if it is of no request in flight. */
  void settle(Outcome outcome) {
    Request request = open.get(String.valueOf(outcome.correlationId()));
    if (request == null) {
      return;
    }
    if (outcome.ok()) {
      request.sent = Sent.YES;
      return;
    }
    String code = outcome.refusal().errorCode();
    boolean lost = request.sent != Sent.NO && code.equals("brokerUnavailable");
    // The broker had accepted it, so "unavailable" means that the answer was lost.
    fail(
        request,
        lost
            ? new LongspanException.ConnectionLost(outcome.refusal().errorMessage(), code, null)
            : outcome.refusal().toException());
  }

  void failAll(LongspanException error) {
    List.copyOf(open.values()).forEach(request -> fail(request, error));
  }

  /** Ends a request from this side, and notifies the service. */
  void cancel(Request request, LongspanException error) {
    if (open.get(request.id) == request) {
      tellService(request);
      fail(request, error);
    }
  }

  private void arm(Request request) {
    Loop.cancel(request.timer);
    request.timer = loop.later(request.timeout, () -> late(request));
  }

  private void late(Request request) {
    String message =
        "No answer of " + request.destination + " in " + request.timeout.toMillis() + " ms";
    cancel(
        request,
        request.sent == Sent.UNKNOWN
            ? new LongspanException.ConnectionLost(message)
            : new LongspanException.TimedOut(message));
  }

  private boolean end(Request request) {
    if (!open.remove(request.id, request)) {
      return false;
    }
    Loop.cancel(request.timer);
    session.callEnded();
    return true;
  }

  private void fail(Request request, LongspanException error) {
    if (end(request)) {
      request.sink.fail(error);
    }
  }

  private void tellService(Request request) {
    if (!session.isConnected()) {
      return;
    }
    SendOptions options =
        SendOptions.NONE
            .withProperties(Map.of("cancel", true))
            .withCorrelationId(request.id)
            .withTimeToLive(request.timeout);
    // If it does not arrive, the request's own timeToLive ends it.
    session.send(
        Codec.encodeSend(Map.entry("destination", request.destination), "", options),
        failure -> {});
  }
}
