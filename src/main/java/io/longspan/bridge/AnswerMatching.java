package io.longspan.bridge;

import io.longspan.budget.Account;
import io.longspan.catalogue.SendPolicy.ByMessageId;
import io.longspan.catalogue.SendPolicy.ByProperty;
import io.longspan.catalogue.SendPolicy.Correlation;
import io.longspan.protocol.BrokerMessage;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Finds the request of one client that an answer belongs to (protocol section 14). An answer
 * belongs to the request whose correlation id it repeats. If the catalogue entry of the request
 * says so, the answer can repeat the request's message id or a property instead.
 *
 * <p>Called on any thread; never blocks.
 */
final class AnswerMatching {
  private final RequestsInFlight requests;
  private final Account account;

  /** Null until a request is matched by its message id. Set once, under this. */
  private volatile EarlyAnswers early;

  /**
   * The properties by which requests were matched so far; null if there are none. The catalogue
   * bounds their number. Set once, under this.
   */
  private volatile Set<String> properties;

  /**
   * Creates a matching for one client.
   *
   * @param requests its requests in flight
   * @param account the user's account, which messages that wait are charged to
   */
  AnswerMatching(RequestsInFlight requests, Account account) {
    this.requests = requests;
    this.account = account;
  }

  /**
   * A request is handed to the broker. {@link #sent} must follow.
   *
   * @param request its correlation id
   */
  void sending(String request, Correlation correlation) {
    if (correlation instanceof ByMessageId) {
      earlyAnswers().begin();
    } else if (correlation instanceof ByProperty by) {
      knownProperties().add(by.name());
      requests.alias(alias(by.name(), request), request);
    }
  }

  /**
   * The broker has accepted or refused a request. May route messages that have waited for this.
   *
   * @param messageId null if the request was refused, or the provider gives no message id
   */
  void sent(String request, Correlation correlation, String messageId) {
    if (correlation instanceof ByMessageId) {
      if (messageId != null) {
        requests.alias(messageId, request);
      }
      earlyAnswers().end();
    }
  }

  private synchronized EarlyAnswers earlyAnswers() {
    if (early == null) {
      early =
          new EarlyAnswers(
              account,
              message -> message.correlationId().isEmpty() || requestOf(message).isPresent());
    }
    return early;
  }

  private synchronized Set<String> knownProperties() {
    if (properties == null) {
      properties = ConcurrentHashMap.newKeySet();
    }
    return properties;
  }

  /**
   * Holds a message back if its request may not be known yet.
   *
   * @param route routes the message later; it then calls {@link #requestOf}
   * @return false if the caller must route the message now
   */
  boolean hold(BrokerMessage message, Runnable route) {
    EarlyAnswers queue = early;
    return queue != null && queue.hold(message, route);
  }

  /**
   * Returns the correlation id of the request in flight that a message answers, if there is one.
   */
  Optional<String> requestOf(BrokerMessage message) {
    Optional<String> request = message.correlationId().flatMap(requests::find);
    Set<String> known = properties;
    if (request.isPresent() || known == null) {
      return request;
    }
    return known.stream()
        .flatMap(name -> message.text(name).map(value -> alias(name, value)).stream())
        .flatMap(alias -> requests.find(alias).stream())
        .findFirst();
  }

  /** Returns an alias that is no message id: a property name contains no equals sign. */
  private static String alias(String property, String value) {
    return property + "=" + value;
  }
}
