package io.longspan.catalogue;

import io.longspan.catalogue.NameTemplate.Binding;
import io.longspan.identity.Identity;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.DestinationName;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The destination catalogue: it maps logical names to JMS destinations and grants access to them.
 * The first matching entry decides (protocol section 10). {@link FiguresTopic} comes before all of
 * them. Immutable.
 */
public final class DestinationCatalogue {
  /** Stands for all users where a name does not depend on the user. */
  private static final Identity NOBODY = new Identity("", Set.of());

  private final List<CatalogueEntry> entries;
  private final List<Forward> forwards;
  private final CatalogueBrokers brokers;

  DestinationCatalogue(
      List<CatalogueEntry> entries, List<Forward> forwards, CatalogueBrokers brokers) {
    this.entries = List.copyOf(entries);
    this.forwards = List.copyOf(forwards);
    this.brokers = brokers;
  }

  /**
   * The entry that decides about a name of a user.
   *
   * @param destination the JMS destination of the name
   * @param sending what the entry sets on messages of the user to the name
   */
  public record Match(CatalogueEntry entry, BrokerDestination destination, SendPolicy sending) {}

  /**
   * Finds the entry that decides about a name. Empty if no entry matches or the JMS name is unsafe.
   */
  public Optional<Match> match(Identity identity, DestinationName name) {
    return explain(identity, name).match();
  }

  /** Finds the entry that decides about a name, and why the name cannot be used. */
  public Explanation explain(Identity identity, DestinationName name) {
    if (name.value().equals(FiguresTopic.NAME)) {
      CatalogueEntry own = FiguresTopic.ENTRY;
      return Explanation.own(new Match(own, own.destination(name, Map.of()), own.sending()));
    }
    for (int i = 0; i < entries.size(); i++) {
      CatalogueEntry entry = entries.get(i);
      Optional<Map<String, Binding>> bindings = entry.name().match(identity, name);
      if (bindings.isPresent()) {
        if (name.pattern() && !entry.wildcards()) {
          return Explanation.refused(i, entry, Explanation.NO_WILDCARDS);
        }
        BrokerDestination destination = entry.destination(name, bindings.get());
        return isSafe(entry, destination)
            ? Explanation.of(
                i, new Match(entry, destination, entry.sending(identity, bindings.get())))
            : Explanation.refused(i, entry, Explanation.UNSAFE_NAME.formatted(destination.name()));
      }
    }
    return Explanation.NO_ENTRY;
  }

  /** Returns what the bridge's accounts at the brokers must be allowed to do for the entries. */
  public List<AccountRight> accountRights() {
    return AccountRights.of(entries, forwards);
  }

  /** Returns all entries, in the order in which they decide. */
  public List<CatalogueEntry> entries() {
    return entries;
  }

  /** Returns what the bridge passes from one broker to another. */
  public List<Forward> forwards() {
    return forwards;
  }

  private boolean isSafe(CatalogueEntry entry, BrokerDestination destination) {
    return entry.isLocal()
        ? !BrokerNameRules.isReserved(destination.name())
        : brokers.get(entry.broker()).isSafe(entry, destination);
  }

  /** Returns the destinations that are administered objects in JNDI. */
  public List<BrokerDestination> jndiDestinations() {
    return entries.stream()
        .filter(CatalogueEntry::isJndi)
        .map(CatalogueEntry::jndiDestination)
        .toList();
  }

  /**
   * Finds the logical name of a JMS topic that a pattern has matched. Empty if another entry
   * decides about the topic.
   *
   * <p>Also empty if the logical name does not map back to the topic. For example, {@code
   * bridge.clients} is not {@code bridge/clients}.
   */
  public Optional<String> logicalName(Identity identity, DestinationName pattern, String jmsName) {
    return match(identity, pattern)
        .map(Match::entry)
        .flatMap(
            entry ->
                entry
                    .logicalName(jmsName)
                    .filter(logical -> covers(identity, entry, pattern, logical, jmsName)));
  }

  private boolean covers(
      Identity identity,
      CatalogueEntry entry,
      DestinationName pattern,
      String logical,
      String jmsName) {
    DestinationName name;
    try {
      name = DestinationName.parse(logical);
    } catch (RuntimeException x) {
      return false;
    }
    return matches(pattern, name)
        && match(identity, name)
            .filter(match -> match.entry() == entry && match.destination().name().equals(jmsName))
            .isPresent();
  }

  private static boolean matches(DestinationName pattern, DestinationName name) {
    List<String> wanted = pattern.segments();
    List<String> given = name.segments();
    for (int i = 0; i < wanted.size(); i++) {
      if (wanted.get(i).equals(DestinationName.ANY_REST)) {
        return given.size() > i;
      }
      if (i >= given.size()
          || !(wanted.get(i).equals(DestinationName.ANY_SEGMENT)
              || wanted.get(i).equals(given.get(i)))) {
        return false;
      }
    }
    return given.size() == wanted.size();
  }

  /**
   * A topic that the bridge is always subscribed to.
   *
   * @param name the logical name
   */
  public record AlwaysKept(DestinationName name, Match match) {}

  /** Returns the topics that the bridge is always subscribed to (protocol section 17). */
  public List<AlwaysKept> alwaysKept() {
    List<AlwaysKept> kept = new ArrayList<>();
    for (CatalogueEntry entry : entries) {
      if (entry.policy().keep().always()) {
        DestinationName name = DestinationName.parse(entry.name().describe(NOBODY));
        match(NOBODY, name)
            .filter(match -> match.entry() == entry)
            .ifPresent(match -> kept.add(new AlwaysKept(name, match)));
      }
    }
    return kept;
  }

  /**
   * Returns what a user may do, in the order of the entries (protocol section 18). A right that the
   * authorisation service decides is not part of it: it is decided for each name and in its time.
   * Entries of which the user may do nothing are left out.
   */
  public List<DestinationDescription> describe(Identity identity) {
    List<DestinationDescription> described = new ArrayList<>();
    describe(FiguresTopic.ENTRY, identity).ifPresent(described::add);
    for (int i = 0; i < entries.size(); i++) {
      CatalogueEntry entry = entries.get(i);
      if (isReachable(i, identity)) {
        describe(entry, identity).ifPresent(described::add);
      }
    }
    return described;
  }

  private static Optional<DestinationDescription> describe(
      CatalogueEntry entry, Identity identity) {
    List<String> may = new ArrayList<>();
    if (isGranted(entry.send(), identity)) {
      may.add(DestinationDescription.SEND);
    }
    if (isGranted(entry.subscribe(), identity)) {
      may.add(DestinationDescription.SUBSCRIBE);
    }
    if (isGranted(entry.receiving().access(), identity)) {
      may.add(DestinationDescription.RECEIVE);
    }
    if (may.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new DestinationDescription(
            entry.name().describe(identity),
            entry.kind().name().toLowerCase(Locale.ROOT),
            List.copyOf(may),
            entry.name().variables().stream().filter(v -> !v.equals(NameTemplate.USER)).toList(),
            entry.wildcards() && may.contains(DestinationDescription.SUBSCRIBE),
            isGranted(entry.seesPresence(), identity),
            entry.receiving().durable() && may.contains(DestinationDescription.SUBSCRIBE),
            entry.description().title(),
            entry.description().schema()));
  }

  private static boolean isGranted(CatalogueEntry.Access access, Identity identity) {
    return access instanceof CatalogueEntry.Granted granted && granted.includes(identity);
  }

  /**
   * Returns whether an entry decides about a name of the user. Another entry before it may decide
   * about all of its names.
   */
  private boolean isReachable(int index, Identity identity) {
    CatalogueEntry entry = entries.get(index);
    List<String> variables = entry.name().variables();
    if (variables.isEmpty() || variables.equals(List.of(NameTemplate.USER))) {
      DestinationName name;
      try {
        name = DestinationName.parse(entry.name().describe(identity));
      } catch (BridgeException invalid) {
        return false;
      }
      return match(identity, name).filter(match -> match.entry() == entry).isPresent();
    }
    return entries.subList(0, index).stream().noneMatch(e -> e.name().covers(entry.name()));
  }

  /** Returns all roles in the catalogue, in alphabetical order. */
  public Set<String> roles() {
    Set<String> roles = new TreeSet<>();
    for (CatalogueEntry entry : entries) {
      for (CatalogueEntry.Access access : entry.rights()) {
        if (access instanceof CatalogueEntry.Granted granted) {
          granted.roles().stream()
              .filter(role -> !role.equals("*") && !role.startsWith("user:"))
              .forEach(roles::add);
        }
      }
    }
    return roles;
  }

  /** Returns whether the name of any entry contains {@code {user}}. */
  public boolean namesDependOnUser() {
    return entries.stream().anyMatch(e -> e.name().variables().contains(NameTemplate.USER));
  }

  /**
   * Returns whether two catalogues decide alike about a name. For a pattern they do only if they
   * are equal, because the covered topics depend on all entries.
   */
  public boolean decidesLike(DestinationCatalogue other, Identity identity, DestinationName name) {
    return name.pattern()
        ? equals(other)
        : match(identity, name).equals(other.match(identity, name));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof DestinationCatalogue catalogue
        && entries.equals(catalogue.entries)
        && forwards.equals(catalogue.forwards);
  }

  @Override
  public int hashCode() {
    return Objects.hash(entries, forwards);
  }

  /** Returns the number of entries. */
  public int size() {
    return entries.size();
  }
}
