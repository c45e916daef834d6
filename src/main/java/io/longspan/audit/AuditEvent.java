package io.longspan.audit;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One event of the audit log.
 *
 * @param time when it happened
 * @param event its kind, for example {@code signedIn}
 * @param fields texts by name, in their order; each has at most {@link #MAX_TEXT} characters
 */
public record AuditEvent(Instant time, String event, Map<String, String> fields) {
  /** The maximum length of a text, in characters; longer ones are cut. */
  public static final int MAX_TEXT = 512;

  private static AuditEvent of(String event, String... namesAndTexts) {
    Map<String, String> fields = new LinkedHashMap<>();
    for (int i = 0; i < namesAndTexts.length; i += 2) {
      String text = namesAndTexts[i + 1];
      fields.put(namesAndTexts[i], text.length() > MAX_TEXT ? text.substring(0, MAX_TEXT) : text);
    }
    return new AuditEvent(Instant.now(), event, Collections.unmodifiableMap(fields));
  }

  /** A user has signed in with a password on the page. */
  public static AuditEvent signedIn(String user, String address) {
    return of("signedIn", "user", user, "address", address);
  }

  /** A user has signed out. */
  public static AuditEvent signedOut(String user, String address) {
    return of("signedOut", "user", user, "address", address);
  }

  /**
   * A password was wrong or was not checked.
   *
   * @param user the name that was given, which need not exist
   * @param reason {@code password} or {@code throttled}
   */
  public static AuditEvent signInRefused(String user, String address, String reason) {
    return of("signInRefused", "user", user, "address", address, "reason", reason);
  }

  /** A bearer token was not valid, so its user is not known. */
  public static AuditEvent tokenRefused() {
    return of("signInRefused", "reason", "token");
  }

  /** A client is connected; services can reach it now. */
  public static AuditEvent sessionStarted(String user, String client) {
    return of("sessionStarted", "user", user, "client", client);
  }

  /** A client is not connected any more. */
  public static AuditEvent sessionEnded(String user, String client, String reason) {
    return of("sessionEnded", "user", user, "client", client, "reason", reason);
  }

  /**
   * A user was refused a right.
   *
   * @param right for example {@code send}
   * @param name the logical name that the user asked for
   * @param code the error code that the user got
   */
  public static AuditEvent rightRefused(String user, String right, String name, String code) {
    return of("rightRefused", "user", user, "right", right, "name", name, "code", code);
  }

  /** A right was taken away from a client that used it. */
  public static AuditEvent rightRevoked(String user, String client, String right, String name) {
    return of("rightRevoked", "user", user, "client", client, "right", right, "name", name);
  }

  /**
   * A user has deleted a durable subscription.
   *
   * @param topic the logical name
   * @param durable the user's name of the subscription
   */
  public static AuditEvent durableForgotten(
      String user, String client, String topic, String durable) {
    return of(
        "durableForgotten", "user", user, "client", client, "name", topic, "durable", durable);
  }

  /**
   * An operator has done something.
   *
   * @param operator the operator's name, or the JMS topic that the command came on
   * @param action for example {@code disconnectUser}
   * @param target the user, client or bridge that it was done to
   */
  public static AuditEvent operatorAction(String operator, String action, String target) {
    return of("operatorAction", "operator", operator, "action", action, "target", target);
  }

  /**
   * An operator deletes the durable subscription of a user.
   *
   * @param topic the logical name
   * @param durable the user's name of the subscription
   */
  public static AuditEvent durableDeleted(
      String operator, String user, String topic, String durable) {
    return of(
        "operatorAction",
        "operator",
        operator,
        "action",
        "deleteDurableSubscription",
        "target",
        user,
        "name",
        topic,
        "durable",
        durable);
  }
}
