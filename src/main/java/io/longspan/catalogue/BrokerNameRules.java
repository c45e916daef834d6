package io.longspan.catalogue;

import java.util.regex.Pattern;

/**
 * Final check of a JMS name, which may contain text of a client. The same rules apply to every
 * broker. They reject broker syntax, names of temporary destinations and names that a broker or the
 * bridge reserves.
 */
final class BrokerNameRules {
  /** Prefix of the topics between bridges and services; the catalogue cannot name them. */
  private static final String RESERVED = "bridge/";

  private static final Pattern SYNTAX = Pattern.compile("[\\p{Cntrl}\\s,*>#?]|::|://");

  private static final Pattern OWN_PREFIX =
      Pattern.compile(
          "(?:ID:|temp-|temp\\.|ActiveMQ\\.|\\$|_AMQ|jms\\.(?:temp|queue|topic)).*"
              + "|(?:DLQ|ExpiryQueue)(?:\\..*)?",
          Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

  /** Artemis names temporary destinations and subscription queues like this. */
  private static final Pattern TEMPORARY =
      Pattern.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", Pattern.CASE_INSENSITIVE);

  /**
   * ActiveMQ copies messages of topics named {@code VirtualTopic.*} to queues named {@code
   * Consumer.*}.
   */
  private static final Pattern VIRTUAL =
      Pattern.compile("(?:VirtualTopic|Consumer)\\..*", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

  /** An unresolved variable; the operator did not mean a literal brace. */
  private static final Pattern BRACE = Pattern.compile("[{}]");

  private BrokerNameRules() {}

  /** Returns whether a JMS name may be used; its first characters must come from the operator. */
  static boolean isSafe(String name) {
    return !name.isEmpty()
        && !SYNTAX.matcher(name).find()
        && !BRACE.matcher(name).find()
        && !OWN_PREFIX.matcher(name).matches()
        && !TEMPORARY.matcher(name).matches()
        && !name.startsWith(RESERVED);
  }

  /**
   * Returns whether a JMS name may be used if a client wrote its first characters. Virtual topics
   * and their consumers are rejected too: only the operator may name them.
   */
  static boolean isSafeFromItsBeginning(String name) {
    return isSafe(name) && !VIRTUAL.matcher(name).matches();
  }
}
