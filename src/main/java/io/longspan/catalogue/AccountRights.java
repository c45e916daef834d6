package io.longspan.catalogue;

import io.longspan.catalogue.AccountRight.Action;
import io.longspan.catalogue.BrokerDestination.Kind;
import io.longspan.catalogue.CatalogueEntry.Access;
import io.longspan.catalogue.CatalogueEntry.Ask;
import io.longspan.catalogue.CatalogueEntry.Granted;
import io.longspan.catalogue.NameTemplate.Binding;
import io.longspan.identity.Identity;
import io.longspan.protocol.DestinationName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The rights that the bridge's accounts need for the entries of a catalogue. */
final class AccountRights {
  private static final Identity EXAMPLE_USER = new Identity(AccountRight.EXAMPLE, Set.of());

  /** The first right of a destination and an action wins. */
  private final Map<List<Object>, AccountRight> rights = new LinkedHashMap<>();

  private AccountRights() {}

  static List<AccountRight> of(List<CatalogueEntry> entries, List<Forward> forwards) {
    AccountRights all = new AccountRights();
    forwards.forEach(all::add);
    List<CatalogueEntry> atBrokers = entries.stream().filter(entry -> !entry.isLocal()).toList();
    atBrokers.forEach(all::add);
    // A right that any entry needs is not too many.
    atBrokers.forEach(all::addExcess);
    return new ArrayList<>(all.rights.values());
  }

  private void add(Forward forward) {
    String reason = "forward " + forward;
    add(AccountRight.needed(forward.source(), Action.RECEIVE, false, reason));
    String example = forward.source().name().replace(Forward.REST, AccountRight.EXAMPLE);
    BrokerDestination target = forward.target(example);
    if (target != null) {
      add(AccountRight.needed(target, Action.SEND, forward.source().pattern(), reason));
    }
  }

  private void add(CatalogueEntry entry) {
    String reason = "entry " + entry.name();
    boolean example = !entry.name().variables().isEmpty();
    if (isGiven(entry.send())) {
      add(AccountRight.needed(destination(entry, false), Action.SEND, example, reason));
    }
    if (entry.kind() == Kind.TOPIC && isGiven(entry.subscribe())) {
      BrokerDestination topics = destination(entry, entry.wildcards());
      add(AccountRight.needed(topics, Action.RECEIVE, example && !topics.pattern(), reason));
    }
    if (entry.kind() == Kind.QUEUE && isGiven(entry.receiving().access())) {
      add(AccountRight.needed(destination(entry, false), Action.RECEIVE, example, reason));
      entry
          .receiving()
          .deadLetter()
          .ifPresent(queue -> add(AccountRight.needed(queue, Action.SEND, false, reason)));
    }
    entry
        .policy()
        .snapshot()
        .ifPresent(
            snapshot -> add(AccountRight.needed(snapshot.service(), Action.SEND, false, reason)));
    for (Access access : entry.rights()) {
      if (access instanceof Ask ask) {
        // The default broker has the authorisation service.
        BrokerDestination queue = BrokerDestination.queue(ask.queue());
        add(AccountRight.needed(queue, Action.SEND, false, "ask of " + reason));
      }
    }
  }

  private void addExcess(CatalogueEntry entry) {
    BrokerDestination one = destination(entry, false);
    if (one.kind() == Kind.QUEUE) {
      boolean example = !entry.name().variables().isEmpty();
      add(AccountRight.excess(one, Action.RECEIVE, example, "only services receive from it"));
    }
  }

  private void add(AccountRight right) {
    rights.putIfAbsent(List.of(right.destination(), right.action()), right);
  }

  private static boolean isGiven(Access access) {
    return !(access instanceof Granted granted) || !granted.roles().isEmpty();
  }

  /** Returns the destination of an entry with examples, or wildcards, in place of variables. */
  private static BrokerDestination destination(CatalogueEntry entry, boolean wildcards) {
    Map<String, Binding> bindings = new HashMap<>();
    bindings.put(NameTemplate.USER, new Binding(List.of(EXAMPLE_USER.user())));
    for (String variable : entry.name().variables()) {
      if (!variable.equals(NameTemplate.USER)) {
        String wildcard =
            entry.name().isRest(variable) ? DestinationName.ANY_REST : DestinationName.ANY_SEGMENT;
        bindings.put(variable, new Binding(List.of(wildcards ? wildcard : AccountRight.EXAMPLE)));
      }
    }
    DestinationName name = DestinationName.parsePattern(entry.name().expand(bindings));
    return entry.destination(name, bindings);
  }
}
