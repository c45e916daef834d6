package io.longspan.security;

import java.util.regex.Pattern;

/**
 * The last check of a JMS name that holds something a client wrote: whatever a supported broker
 * would take for syntax, for a temporary destination or for one of its own is refused, on every
 * broker alike.
 */
final class BrokerNameRules {
  /** The topics by which bridges and services talk; the catalogue can never name them. */
  private static final String RESERVED = "bridge/";

  private static final Pattern SYNTAX = Pattern.compile("[\\p{Cntrl}\\s,*>#?]|::|://");

  private static final Pattern OWN_PREFIX =
      Pattern.compile(
          "(?:ID:|temp-|temp\\.|ActiveMQ\\.|\\$|_AMQ|jms\\.(?:temp|queue|topic)).*"
              + "|(?:DLQ|ExpiryQueue)(?:\\..*)?",
          Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

  /** Artemis names temporary destinations so, and the queues of its subscriptions. */
  private static final Pattern TEMPORARY =
      Pattern.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", Pattern.CASE_INSENSITIVE);

  /** ActiveMQ copies from topics of the one name to queues of the other. */
  private static final Pattern VIRTUAL =
      Pattern.compile("(?:VirtualTopic|Consumer)\\..*", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

  /** What is left of a name's variables: an operator meant more than a literal name. */
  private static final Pattern BRACE = Pattern.compile("[{}]");

  private BrokerNameRules() {}

  /** Returns whether a JMS name that an operator wrote, or a client in part, can be used. */
  static boolean isSafe(String name) {
    return !name.isEmpty()
        && !SYNTAX.matcher(name).find()
        && !BRACE.matcher(name).find()
        && !OWN_PREFIX.matcher(name).matches()
        && !TEMPORARY.matcher(name).matches()
        && !name.startsWith(RESERVED);
  }

  /**
   * Returns whether a JMS name whose first characters a client wrote can be used: it names no
   * virtual topic and no consumer of one, which are the operator's to grant.
   */
  static boolean isSafeFromItsBeginning(String name) {
    return isSafe(name) && !VIRTUAL.matcher(name).matches();
  }
}
