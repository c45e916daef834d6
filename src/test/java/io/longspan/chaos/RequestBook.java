package io.longspan.chaos;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The requests of one client; for all threads. The rules:
 *
 * <ul>
 *   <li>Each request has exactly one outcome: an answer; a refusal (in the receipt, on the user
 *       channel, or in both: that is one); {@code brokerUnavailable}; void, because the session was
 *       not resumed; or the client's own time-out.
 *   <li>An answer must be to a request of this very client and have that request's body. A second
 *       answer is a finding, and so is any outcome after an answer, a refusal or {@code
 *       brokerUnavailable}. What comes after a void or a time-out, the client drops as every client
 *       would, and it is only counted.
 *   <li>A request times out {@link ChaosClient#REQUEST_TIMEOUT} after it was sent, or, if that is
 *       later, after the client was in contact and reading again, and after the broker, the service
 *       and the link of the request's bridge to the broker were there again. So all of them had
 *       that time on end, and the time-out is explained only if the connection was lost while the
 *       receipt was outstanding: then the bridge may never have got the request. Of a request that
 *       the broker has taken, the bridge owes the answer, or has to tell that it will not come.
 * </ul>
 */
final class RequestBook {
  private final Outages outages;
  private final Map<String, Request> requests = new LinkedHashMap<>();
  private final Map<String, Request> open = new LinkedHashMap<>();
  private final List<Finding> findings = new ArrayList<>();
  private int late;

  RequestBook(Outages outages) {
    this.outages = outages;
  }

  synchronized void sent(String id, String bridgeId, long at) {
    Request request = new Request(id, bridgeId, at);
    requests.put(id, request);
    open.put(id, request);
  }

  /** The bridge has told that the broker has the request. */
  synchronized void taken(String id) {
    requests.get(id).receipt = Request.Receipt.TAKEN;
  }

  /** The connection was lost. */
  synchronized void cut() {
    for (Request request : open.values()) {
      if (request.receipt == Request.Receipt.OUTSTANDING) {
        request.receipt = Request.Receipt.LOST;
      }
    }
  }

  /** An answer came. */
  synchronized void answered(String id, String body, long at) {
    Request request = requests.get(id);
    if (request == null || !body.equals(id)) {
      find(
          Finding.Kind.WRONG_ANSWER,
          id,
          at,
          "the answer to %s with the body %s is not for this client".formatted(id, body));
      return;
    }
    end(request, Request.Outcome.ANSWERED, at, "");
  }

  /** The receipt is a refusal. */
  synchronized void refused(String id, String code, long at) {
    Request request = requests.get(id);
    boolean again = request.toldInReceipt;
    request.toldInReceipt = true;
    refuse(request, code, at, again);
  }

  /** A refusal came on the user channel. */
  synchronized void failed(String id, String code, long at) {
    Request request = requests.get(id);
    if (request == null) {
      find(
          Finding.Kind.WRONG_ANSWER,
          id,
          at,
          "the failure of %s is not for this client".formatted(id));
      return;
    }
    boolean again = request.toldOnChannel;
    request.toldOnChannel = true;
    refuse(request, code, at, again);
  }

  private void refuse(Request request, String code, long at, boolean again) {
    if (again || !isRefused(request)) {
      end(request, refusal(code), at, code);
    }
  }

  private static boolean isRefused(Request request) {
    return request.outcome == Request.Outcome.REFUSED
        || request.outcome == Request.Outcome.BROKER_UNAVAILABLE;
  }

  private static Request.Outcome refusal(String code) {
    return code.equals("brokerUnavailable")
        ? Request.Outcome.BROKER_UNAVAILABLE
        : Request.Outcome.REFUSED;
  }

  /** The session was not resumed. */
  synchronized void voidAll(long at) {
    for (Request request : List.copyOf(open.values())) {
      end(request, Request.Outcome.VOID, at, "");
    }
  }

  /**
   * Ends what has waited too long.
   *
   * @param liveSince since when the client has been in contact and reading
   */
  void expire(long liveSince, long at) {
    expire(liveSince, at, ChaosClient.REQUEST_TIMEOUT);
  }

  /**
   * Ends what has waited longer than a time.
   *
   * @param timeout in nanoseconds
   */
  synchronized void expire(long liveSince, long at, long timeout) {
    for (Request request : List.copyOf(open.values())) {
      long away = outages.awayUntil(request.bridgeId, at);
      if (at - Math.max(Math.max(liveSince, away), request.sentAt) > timeout) {
        end(request, Request.Outcome.TIMED_OUT, at, "");
        if (request.receipt != Request.Receipt.LOST) {
          find(Finding.Kind.UNEXPLAINED_TIMEOUT, request.id, at, request.toString());
        }
      }
    }
  }

  private void end(Request request, Request.Outcome outcome, long at, String detail) {
    if (request.outcome == null) {
      request.end(outcome, at, detail);
      open.remove(request.id);
    } else if (request.outcome == Request.Outcome.VOID
        || request.outcome == Request.Outcome.TIMED_OUT) {
      late++;
    } else {
      find(
          Finding.Kind.SECOND_OUTCOME,
          request.id,
          at,
          "%s %s came at %s after: %s".formatted(outcome, detail, RunClock.text(at), request));
    }
  }

  private void find(Finding.Kind kind, String id, long at, String text) {
    findings.add(new Finding(kind, id, at, 0, text));
  }

  synchronized int open() {
    return open.size();
  }

  /** Returns how much came after a void or a time-out. */
  synchronized int late() {
    return late;
  }

  /** Returns what nothing explains so far, requests that still wait included. */
  synchronized List<Finding> findings() {
    List<Finding> all = new ArrayList<>(findings);
    for (Request request : open.values()) {
      all.add(
          new Finding(Finding.Kind.NO_OUTCOME, request.id, request.sentAt, 0, request.toString()));
    }
    return all;
  }

  /** Returns how long the answers took to requests that were sent in between, in nanoseconds. */
  synchronized long[] latencies(long from, long to) {
    return requests.values().stream()
        .filter(r -> r.outcome == Request.Outcome.ANSWERED && r.sentAt >= from && r.sentAt < to)
        .mapToLong(r -> r.endedAt - r.sentAt)
        .toArray();
  }

  synchronized Map<Request.Outcome, Integer> outcomes() {
    Map<Request.Outcome, Integer> counts = new EnumMap<>(Request.Outcome.class);
    for (Request request : requests.values()) {
      if (request.outcome != null) {
        counts.merge(request.outcome, 1, Integer::sum);
      }
    }
    return counts;
  }

  /** Tells a request's story. */
  synchronized String text(String id) {
    Request request = requests.get(id);
    return request == null ? id + " is not of this client" : request.toString();
  }
}
