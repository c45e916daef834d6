package io.longspan.catalogue;

import io.longspan.catalogue.BrokerDestination.Kind;
import io.longspan.config.LongspanConfig.Dialect;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/**
 * Final check of a JMS name, which may contain text of a client. Most rules apply to every broker.
 * They reject broker syntax, names of temporary destinations and names that a broker or the bridge
 * reserves. Each dialect adds its own rules.
 */
final class BrokerNameRules {
  /** Prefix of the topics between bridges and services; the catalogue cannot name them. */
  private static final String RESERVED = "bridge/";

  /** Prefix of what the bridge creates at the broker for durable subscriptions. */
  private static final String DURABLE = DurableSubscription.PREFIX;

  /** With braces: they are an unresolved variable, the operator did not mean a literal one. */
  private static final String SYNTAX = ",*>#?{}";

  /** The control character above the other ASCII characters. */
  private static final char DELETE = 0x7F;

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

  /** RabbitMQ reserves {@code amq.}; its JMS client names its own queues and exchanges. */
  private static final Pattern RABBITMQ_PREFIX =
      Pattern.compile(
          "(?:amq\\.|jms-(?:cons|temp-queue|dutop-slx|ndtop-slx)-).*",
          Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

  /**
   * IBM MQ: prefixes of the queue manager and of temporary destinations, and the forms of a JMS
   * name that hold options.
   */
  private static final Pattern IBM_MQ_PREFIX =
      Pattern.compile(
          "(?:SYSTEM\\.|AMQ\\.|TEMP/|queue:|topic:).*", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

  private static final Pattern IBM_MQ_QUEUE = Pattern.compile("[A-Za-z0-9._/%]{1,48}");

  /** Maximum length of a topic in IBM MQ, in characters. */
  private static final int IBM_MQ_TOPIC = 10_240;

  /** Solace: an exclamation mark at the beginning excludes topics from a subscription. */
  private static final Pattern SOLACE_PREFIX =
      Pattern.compile("(?:!|_P2P).*", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

  private static final Pattern SOLACE_QUEUE = Pattern.compile("[^'<>*?&;]{1,200}");

  /** Maximum size of a topic in Solace, in bytes of UTF-8, and maximum number of its levels. */
  private static final int SOLACE_BYTES = 250;

  private static final int SOLACE_LEVELS = 128;

  private static final Pattern WILDCARD_BETWEEN_DOTS = wildcardBetween("\\.");
  private static final Pattern WILDCARD_BETWEEN_SLASHES = wildcardBetween("/");

  private final Dialect dialect;

  BrokerNameRules(Dialect dialect) {
    this.dialect = dialect;
  }

  /** Returns what separates the levels of a name. */
  String separator(Kind kind) {
    return kind == Kind.TOPIC && hasSlashes() ? "/" : ".";
  }

  /** Returns whether slashes separate the levels of a topic. */
  boolean hasSlashes() {
    return dialect.hasSlashes();
  }

  /** Returns whether topics of MQTT are topics of JMS, with dots instead of slashes. */
  boolean hasMqtt() {
    return dialect == Dialect.ACTIVEMQ || dialect == Dialect.ARTEMIS;
  }

  private static Pattern wildcardBetween(String separator) {
    return Pattern.compile("(?<=^|%1$s)\\*\\*?(?=%1$s|$)".formatted(separator));
  }

  /** Returns a pattern of topics as the name of one topic that it matches. */
  String withoutWildcards(String pattern) {
    Pattern wildcard = hasSlashes() ? WILDCARD_BETWEEN_SLASHES : WILDCARD_BETWEEN_DOTS;
    return wildcard.matcher(pattern).replaceAll("x");
  }

  /** Returns whether a JMS name may be used; its first characters must come from the operator. */
  boolean isSafe(Kind kind, String name) {
    return !name.isEmpty()
        && !hasSyntax(name)
        && !OWN_PREFIX.matcher(name).matches()
        && !TEMPORARY.matcher(name).matches()
        && !isReserved(name)
        && !JndiNames.isJndi(name)
        && isSafeInDialect(kind, name);
  }

  /** Returns whether a name contains syntax of a broker. A loop, because each message asks. */
  private static boolean hasSyntax(String name) {
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c <= ' '
          || c == DELETE
          || SYNTAX.indexOf(c) >= 0
          || name.startsWith("::", i)
          || name.startsWith("://", i)) {
        return true;
      }
    }
    return false;
  }

  /** Returns whether the bridge keeps a name for its own topics and subscriptions. */
  static boolean isReserved(String name) {
    return name.startsWith(RESERVED) || name.regionMatches(true, 0, DURABLE, 0, DURABLE.length());
  }

  private boolean isSafeInDialect(Kind kind, String name) {
    return switch (dialect) {
      case ACTIVEMQ, ARTEMIS -> true;
      case RABBITMQ -> !RABBITMQ_PREFIX.matcher(name).matches() && RabbitMqNames.isShort(name);
      case IBMMQ ->
          !IBM_MQ_PREFIX.matcher(name).matches()
              && (kind == Kind.QUEUE
                  ? IBM_MQ_QUEUE.matcher(name).matches()
                  : name.indexOf('+') < 0 && name.length() <= IBM_MQ_TOPIC);
      case SOLACE ->
          !SOLACE_PREFIX.matcher(name).matches()
              && (kind == Kind.QUEUE
                  ? SOLACE_QUEUE.matcher(name).matches()
                  : bytes(name) <= SOLACE_BYTES && levels(name) <= SOLACE_LEVELS);
    };
  }

  private static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  private static int levels(String name) {
    return name.split("/", -1).length;
  }

  /** Returns whether an entry may set a property with this name. */
  boolean carriesProperty(String name) {
    return dialect != Dialect.RABBITMQ || RabbitMqNames.isProperty(name);
  }

  /**
   * Returns whether a JMS name may be used if a client wrote its first characters. Virtual topics
   * and their consumers are rejected too: only the operator may name them.
   */
  boolean isSafeFromItsBeginning(Kind kind, String name) {
    return isSafe(kind, name) && !VIRTUAL.matcher(name).matches();
  }
}
