package io.longspan.catalogue;

import io.longspan.catalogue.BrokerDestination.Kind;
import io.longspan.catalogue.NameTemplate.Binding;
import io.longspan.identity.Identity;
import io.longspan.protocol.DestinationName;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One entry of the destination catalogue (protocol section 10).
 *
 * @param name logical names that the entry decides about
 * @param kind queue or topic
 * @param broker the name of its broker; empty for the default one
 * @param jms template of the JMS name; empty if the logical name is the JMS name
 * @param send who may send
 * @param subscribe who may subscribe
 * @param wildcards whether clients may subscribe to patterns
 * @param policy retention of the topic, and overflow handling of its messages
 * @param sending what the entry sets on messages that clients send
 * @param description what the entry says about itself
 * @param presence who may see who is present, if presence is on; empty: who may subscribe
 * @param receiving who may consume the queue, and how
 */
public record CatalogueEntry(
    NameTemplate name,
    Kind kind,
    String broker,
    Optional<JmsNameTemplate> jms,
    Access send,
    Access subscribe,
    boolean wildcards,
    TopicPolicy policy,
    SendPolicy sending,
    EntryDescription description,
    Optional<Granted> presence,
    ReceivePolicy receiving) {

  /** Who has a right. */
  public sealed interface Access {}

  /** Users with one of these roles. {@code *} is every user, {@code user:<name>} is one user. */
  public record Granted(Set<String> roles) implements Access {
    /** Returns whether the user has the right. */
    public boolean includes(Identity identity) {
      return !needsRole(identity)
          || identity.roles().stream()
              .anyMatch(role -> !role.startsWith("user:") && roles.contains(role));
    }

    /** Returns whether only a role can include the user, and neither {@code *} nor the name. */
    public boolean needsRole(Identity identity) {
      return !roles.contains("*") && !roles.contains("user:" + identity.user());
    }
  }

  /** Users whom the authorisation service behind this JMS queue allows. */
  public record Ask(String queue) implements Access {}

  /** Returns the name of the entry, with its variables, as it is in the catalogue. */
  public String template() {
    return name.text();
  }

  /** Returns who has any of the rights. */
  List<Access> rights() {
    return presence.isPresent()
        ? List.of(send, subscribe, presence.get())
        : List.of(send, subscribe, receiving.access());
  }

  /** Returns who may see who is present; nobody if presence is off. */
  public Access seesPresence() {
    if (!policy.presence()) {
      return new Granted(Set.of());
    }
    return presence.isPresent() ? presence.get() : subscribe;
  }

  /** Returns the JMS destination of a name or pattern that this entry has matched. */
  BrokerDestination destination(DestinationName given, Map<String, Binding> bindings) {
    if (isLocal()) {
      return new BrokerDestination(kind, name.expand(bindings), given.pattern(), broker);
    }
    String jmsName = jms.map(template -> template.expand(bindings)).orElse(given.value());
    Kind atBroker = sending.form() == MessageForm.COMMLIB_REQUEST ? Kind.TOPIC : kind;
    return new BrokerDestination(atBroker, jmsName, given.pattern(), broker);
  }

  /** Returns whether the destinations are services or topics inside this process. */
  boolean isLocal() {
    return broker.equals(BrokerDestination.LOCAL_BROKER);
  }

  /** Returns the logical name for which {@link #destination} has this name, if there is one. */
  Optional<String> logicalName(String destinationName) {
    return isLocal()
        ? Optional.of(destinationName)
        : jms.flatMap(template -> template.match(destinationName)).map(name::expand);
  }

  /** Returns what the entry sets on messages of a user to a name that this entry has matched. */
  SendPolicy sending(Identity identity, Map<String, Binding> bindings) {
    return sending
        .groupId()
        .map(template -> sending.withGroupId(GroupIds.expand(template, identity, bindings)))
        .orElse(sending);
  }

  /** Returns whether the destination is an administered object in JNDI. */
  boolean isJndi() {
    return jms.filter(JmsNameTemplate::isJndi).isPresent();
  }

  /** Returns the administered destination of the entry; see {@link #isJndi}. */
  BrokerDestination jndiDestination() {
    return new BrokerDestination(kind, jms.orElseThrow().expand(Map.of()), false, broker);
  }

  /**
   * Returns whether the JMS name begins with a variable, so that a client or user name sets its
   * start.
   */
  boolean jmsNameBeginsWithVariable() {
    return jms.map(JmsNameTemplate::beginsWithVariable).orElseGet(name::beginsWithVariable);
  }
}
