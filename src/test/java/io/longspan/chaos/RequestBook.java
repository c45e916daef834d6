package io.longspan.chaos;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

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
 *   <li>A refusal has a cause. {@code sendFailed} and {@code brokerUnavailable} are explained by an
 *       outage of the request's bridge or its link, of the broker or of the service, during the
 *       request or at most {@link #TROUBLE} before it; {@code limitExceeded} by an answer that was
 *       too large or expired; {@code notConnected} by the loss of the connection before the receipt
 *       (the client may have continued in another session before the bridge read the request), or
 *       by the end of the session that the client notices within {@link #NOTICED}. Nothing explains
 *       another refusal. After {@code sendFailed} that says the broker may have taken the message,
 *       an answer may still come.
 *   <li>A message to a queue that nobody reads has an outcome as well: taken, or {@code
 *       sendFailed}, which is explained by the queue. Where it was taken, the end of its bridge's
 *       link to the broker may end it with {@code brokerUnavailable}, as any request without an
 *       answer.
 *   <li>An answer must have the request's body, unless the service has sent one that cannot be
 *       read; one that is too large must not come, and one that expires need not.
 *   <li>A request times out {@link ChaosClient#REQUEST_TIMEOUT} after it was sent, or, if that is
 *       later, after the client was in contact and reading again, and after the broker, the service
 *       and the link of the request's bridge to the broker were there again. So all of them had
 *       that time on end, and the time-out is explained only if the connection was lost while the
 *       receipt was outstanding: then the bridge may never have got the request. Of a request that
 *       the broker has taken, the bridge owes the answer, or has to tell that it will not come.
 *   <li>A client of the library tells two more outcomes. <em>Lost</em> is explained by the loss of
 *       the connection or of the session since the request was sent, or within {@link #NOTICED}. It
 *       has several connections over long polling, and does not tell the loss of one of them; so
 *       what was done to the way to its bridge explains it as well. <em>Not sent</em> needs no
 *       explanation, but the service must never read that request.
 *   <li>Its requests have a time to live. A bridge whose clock is behind sends them expired, and
 *       the broker discards them without a word: that explains a time-out.
 * </ul>
 */
final class RequestBook {
  /** How long after an outage something may still fail because of it. */
  static final long TROUBLE = RunClock.nanos(Duration.ofSeconds(30));

  /** How long after the end of its session a client may notice it. */
  static final long NOTICED = RunClock.nanos(Duration.ofSeconds(5));

  /** How long the bridge tries to send a request. */
  private static final long SENDING = RunClock.nanos(Duration.ofSeconds(8));

  private final Outages outages;
  private final Outages clockSteps;
  private final Outages doors;
  private final Map<String, Strangeness> answers;
  private final Map<String, Request> requests = new LinkedHashMap<>();
  private final Map<String, Request> open = new LinkedHashMap<>();
  private final List<Finding> findings = new ArrayList<>();

  /** Refusals that only the end of the session explains, if it is seen soon. */
  private final List<Finding> untilCut = new ArrayList<>();

  private int late;

  /**
   * Makes an empty book.
   *
   * @param clockSteps when a bridge's wall clock was wrong
   * @param doors when clients could lose their bridge
   * @param answers what is wrong with the service's answers, by request
   */
  RequestBook(
      Outages outages, Outages clockSteps, Outages doors, Map<String, Strangeness> answers) {
    this.outages = outages;
    this.clockSteps = clockSteps;
    this.doors = doors;
    this.answers = answers;
  }

  /** A request is about to be sent to the service. */
  synchronized void sent(String id, String bridgeId, long at) {
    add(new Request(id, bridgeId, "", at));
  }

  /** A message is about to be sent to a queue that nobody reads. */
  synchronized void filling(String id, String bridgeId, String queue, long at) {
    add(new Request(id, bridgeId, queue, at));
  }

  private void add(Request request) {
    requests.put(request.id, request);
    open.put(request.id, request);
  }

  /** The bridge has told that the broker has the request. */
  synchronized void taken(String id, long at) {
    Request request = requests.get(id);
    request.receipt = Request.Receipt.TAKEN;
    if (request.isFilling()) {
      end(request, Request.Outcome.TAKEN, at, "");
    }
  }

  /** Returns whether a queue has taken a message that was sent since a time. */
  synchronized boolean wasTaken(String queue, long since) {
    return requests.values().stream()
        .anyMatch(
            r -> r.filled.equals(queue) && r.outcome == Request.Outcome.TAKEN && r.sentAt > since);
  }

  /** The connection was lost, or the session has ended. */
  synchronized void cut(long at) {
    untilCut.removeIf(finding -> at - finding.at() <= NOTICED);
    for (Request request : open.values()) {
      if (request.receipt == Request.Receipt.OUTSTANDING) {
        request.receipt = Request.Receipt.LOST;
      }
    }
  }

  /** An answer came. */
  synchronized void answered(String id, String body, long at) {
    Request request = requests.get(id);
    if (request == null || !isRight(id, body)) {
      find(
          Finding.Kind.WRONG_ANSWER,
          id,
          at,
          "the answer to %s with the body %s is not for this client".formatted(id, body));
      return;
    }
    end(request, Request.Outcome.ANSWERED, at, "");
  }

  private boolean isRight(String id, String body) {
    return switch (strangeness(id)) {
      case NONE, EXPIRES -> body.equals(id);
      case TOO_LARGE -> false;
      case UNREADABLE -> body.equals("null");
    };
  }

  private Strangeness strangeness(String id) {
    return answers.getOrDefault(id, Strangeness.NONE);
  }

  /**
   * The receipt is a refusal.
   *
   * @param error its code, or the code, a colon and a text
   */
  synchronized void refused(String id, String error, long at) {
    Request request = requests.get(id);
    boolean again = request.toldInReceipt;
    request.toldInReceipt = true;
    refuse(request, error, at, again);
  }

  /** A refusal came on the user channel. */
  synchronized void failed(String id, String error, long at) {
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
    refuse(request, error, at, again);
  }

  private void refuse(Request request, String error, long at, boolean again) {
    if (again || !isRefused(request)) {
      String code = error.split(":", 2)[0];
      if (request.outcome == null && !isExplained(request, code, at)) {
        (code.equals("notConnected") ? untilCut : findings)
            .add(
                new Finding(
                    Finding.Kind.UNEXPLAINED_REFUSAL, request.id, at, 0, error + ": " + request));
      }
      end(request, refusal(code), at, error);
    }
  }

  private boolean isExplained(Request request, String code, long at) {
    return switch (code) {
      case "sendFailed" -> request.isFilling() || hadTrouble(request, at);
      case "brokerUnavailable" -> hadTrouble(request, at);
      case "notConnected" -> request.receipt == Request.Receipt.LOST;
      case "limitExceeded" -> {
        Strangeness answer = strangeness(request.id);
        yield answer == Strangeness.TOO_LARGE || answer == Strangeness.EXPIRES;
      }
      default -> false;
    };
  }

  private boolean hadTrouble(Request request, long at) {
    return outages.any(request.bridgeId, request.sentAt - TROUBLE, at);
  }

  private static boolean isRefused(Request request) {
    return request.outcome == Request.Outcome.REFUSED
        || request.outcome == Request.Outcome.SEND_FAILED
        || request.outcome == Request.Outcome.BROKER_UNAVAILABLE;
  }

  private static Request.Outcome refusal(String code) {
    return switch (code) {
      case "brokerUnavailable" -> Request.Outcome.BROKER_UNAVAILABLE;
      case "sendFailed" -> Request.Outcome.SEND_FAILED;
      default -> Request.Outcome.REFUSED;
    };
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
      if (hadTime(request, liveSince, at, timeout)) {
        end(request, Request.Outcome.TIMED_OUT, at, "");
        if (request.receipt != Request.Receipt.LOST
            && strangeness(request.id) != Strangeness.EXPIRES) {
          find(Finding.Kind.UNEXPLAINED_TIMEOUT, request.id, at, request.toString());
        }
      }
    }
  }

  /** Returns whether all that a request needs was there for longer than a time-out. */
  private boolean hadTime(Request request, long liveSince, long at, long timeout) {
    long away = outages.awayUntil(request.bridgeId, at);
    return at - Math.max(Math.max(liveSince, away), request.sentAt) > timeout;
  }

  /** The client itself has timed out; parameters as in {@link #expire}. */
  synchronized void timedOut(String id, long liveSince, long at) {
    Request request = requests.get(id);
    end(request, Request.Outcome.TIMED_OUT, at, "");
    boolean expired =
        clockSteps.any(
            request.bridgeId, request.sentAt - DeliveryAudit.CLOCK_DELAY, request.sentAt + SENDING);
    if (hadTime(request, liveSince, at, ChaosClient.REQUEST_TIMEOUT)
        && strangeness(id) != Strangeness.EXPIRES
        && !expired) {
      find(Finding.Kind.UNEXPLAINED_TIMEOUT, id, at, request.toString());
    }
  }

  /** The client says that the connection failed before the outcome was known. */
  synchronized void lost(String id, String why, long at) {
    Request request = requests.get(id);
    if (request.receipt != Request.Receipt.LOST
        && !doors.any(request.bridgeId, request.sentAt - NOTICED, at)) {
      untilCut.add(new Finding(Finding.Kind.UNEXPLAINED_LOSS, id, at, 0, why + ": " + request));
    }
    end(request, Request.Outcome.LOST, at, why);
  }

  /** The client says that the request was not sent. */
  synchronized void notSent(String id, String why, long at) {
    end(requests.get(id), Request.Outcome.NOT_SENT, at, why);
  }

  /**
   * Returns requests that were read by the service though the client was told that they were not
   * sent.
   *
   * @param served what the service has read
   */
  synchronized List<Finding> servedAfterAll(Set<String> served) {
    return requests.values().stream()
        .filter(r -> r.outcome == Request.Outcome.NOT_SENT && served.contains(r.id))
        .map(r -> new Finding(Finding.Kind.SERVED_AFTER_ALL, r.id, r.sentAt, 0, r.toString()))
        .toList();
  }

  private void end(Request request, Request.Outcome outcome, long at, String detail) {
    if (request.outcome == null) {
      request.end(outcome, at, detail);
      open.remove(request.id);
    } else if (isLate(request, outcome)) {
      late++;
    } else {
      find(
          Finding.Kind.SECOND_OUTCOME,
          request.id,
          at,
          "%s %s came at %s after: %s".formatted(outcome, detail, RunClock.text(at), request));
    }
  }

  private static boolean isLate(Request request, Request.Outcome outcome) {
    return switch (request.outcome) {
      case VOID, TIMED_OUT -> true;
      case TAKEN -> outcome == Request.Outcome.BROKER_UNAVAILABLE;
      case SEND_FAILED ->
          outcome == Request.Outcome.ANSWERED
              && request.detail.contains("may still accept the message");
      default -> false;
    };
  }

  private void find(Finding.Kind kind, String id, long at, String text) {
    findings.add(new Finding(kind, id, at, 0, text));
  }

  /** Returns how many requests to the service wait for an outcome. */
  synchronized int open() {
    return open.size() - openFills();
  }

  /** Returns how many messages to queues that nobody reads wait for an outcome. */
  synchronized int openFills() {
    return (int) open.values().stream().filter(Request::isFilling).count();
  }

  /** Returns how much came after a void or a time-out. */
  synchronized int late() {
    return late;
  }

  /** Returns what nothing explains so far, requests that still wait included. */
  synchronized List<Finding> findings() {
    List<Finding> all = new ArrayList<>(findings);
    all.addAll(untilCut);
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

  /** Returns how many requests to the service ended how. */
  Map<Request.Outcome, Integer> outcomes() {
    return outcomes(false);
  }

  /**
   * Returns how many ended how.
   *
   * @param filling of the messages to queues that nobody reads, and not of requests to the service
   */
  synchronized Map<Request.Outcome, Integer> outcomes(boolean filling) {
    Map<Request.Outcome, Integer> counts = new EnumMap<>(Request.Outcome.class);
    for (Request request : requests.values()) {
      if (request.outcome != null && request.isFilling() == filling) {
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
