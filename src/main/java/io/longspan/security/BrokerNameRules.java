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
              + "|DLQ|ExpiryQueue",
          Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

  private BrokerNameRules() {}

  static boolean isSafe(String name) {
    return !name.isEmpty()
        && !SYNTAX.matcher(name).find()
        && !OWN_PREFIX.matcher(name).matches()
        && !name.startsWith(RESERVED);
  }
}
