package io.longspan.security;

import io.longspan.protocol.BrokerDestination;
import io.longspan.protocol.DestinationName;
import io.longspan.security.NameTemplate.Binding;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One entry of the destination catalogue (protocol section 10).
 *
 * @param name which logical names it decides about
 * @param kind queue or topic
 * @param jms the JMS name; empty where the logical name is the JMS name
 * @param send who may send
 * @param subscribe who may subscribe
 * @param wildcards whether clients may subscribe to patterns
 * @param policy how a topic's messages are treated
 */
record CatalogueEntry(
    NameTemplate name,
    BrokerDestination.Kind kind,
    Optional<JmsNameTemplate> jms,
    Access send,
    Access subscribe,
    boolean wildcards,
    TopicPolicy policy) {

  /** Who may do something. */
  sealed interface Access {}

  /** Users with one of these roles; {@code *} is everybody, {@code user:<name>} is one user. */
  record Granted(Set<String> roles) implements Access {
    boolean includes(Identity identity) {
      return !needsRole(identity)
          || identity.roles().stream()
              .anyMatch(role -> !role.startsWith("user:") && roles.contains(role));
    }

    /** Returns whether the user is included by a role only, and not by name or as everybody. */
    boolean needsRole(Identity identity) {
      return !roles.contains("*") && !roles.contains("user:" + identity.user());
    }
  }

  /** Whoever the authorisation service behind this JMS queue says. */
  record Ask(String queue) implements Access {}

  /** Writes the JMS destination of a name or pattern that this entry has matched. */
  BrokerDestination destination(DestinationName given, Map<String, Binding> bindings) {
    String jmsName = jms.map(template -> template.expand(bindings)).orElse(given.value());
    return new BrokerDestination(kind, jmsName, given.pattern());
  }

  /** Returns whether a client, or a user's name, writes the first characters of the JMS name. */
  boolean jmsNameBeginsWithVariable() {
    return jms.map(JmsNameTemplate::beginsWithVariable).orElseGet(name::beginsWithVariable);
  }
}
