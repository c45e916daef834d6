package io.longspan.access;

import io.longspan.catalogue.BrokerDestination;
import io.longspan.catalogue.BrokerDestination.Kind;
import io.longspan.catalogue.CatalogueEntry;
import io.longspan.catalogue.DestinationCatalogue;
import io.longspan.catalogue.DestinationCatalogue.Match;
import io.longspan.identity.Identity;
import io.longspan.protocol.DestinationName;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * The last catalogues in force, to find since when a topic has been granted. Safe for use by many
 * threads; bounded.
 */
final class CatalogueHistory {
  private static final int MAX_CATALOGUES = 8;

  /**
   * A catalogue and its start.
   *
   * @param since when the catalogue came into force, in milliseconds of the clock
   */
  private record InForce(DestinationCatalogue catalogue, long since) {}

  private final Supplier<DestinationCatalogue> catalogue;
  private final RoleSightings roles;
  private final LongSupplier clock;

  /** Newest first; guarded by this. */
  private final Deque<InForce> past = new ArrayDeque<>();

  /**
   * Starts with the current catalogue, which counts as always in force.
   *
   * @param clock monotonic time in milliseconds
   */
  CatalogueHistory(
      Supplier<DestinationCatalogue> catalogue, RoleSightings roles, LongSupplier clock) {
    this.catalogue = catalogue;
    this.roles = roles;
    this.clock = clock;
    past.add(new InForce(catalogue.get(), RoleSightings.ALWAYS));
  }

  /** Records the catalogue in force if it is a new one. */
  synchronized void note() {
    DestinationCatalogue now = catalogue.get();
    if (past.getFirst().catalogue() != now) {
      past.addFirst(new InForce(now, clock.getAsLong()));
      if (past.size() > MAX_CATALOGUES) {
        past.removeLast();
      }
    }
  }

  /**
   * Returns since when the catalogues have granted a topic to a user without a break, in
   * milliseconds of the clock.
   *
   * @param destination JMS topic; a catalogue that maps the name to another topic ends the period
   */
  synchronized long heldSince(
      Identity identity, DestinationName name, BrokerDestination destination) {
    note();
    long since = clock.getAsLong();
    for (InForce each : past) {
      long granted = grantedSince(each.catalogue(), identity, name, destination);
      if (granted > each.since()) {
        return Math.min(since, granted);
      }
      since = each.since();
    }
    return since;
  }

  /**
   * Returns since when a catalogue would have granted the topic; {@link Long#MAX_VALUE} if it does
   * not.
   */
  private long grantedSince(
      DestinationCatalogue granting,
      Identity identity,
      DestinationName name,
      BrokerDestination destination) {
    Optional<Match> match =
        granting
            .match(identity, name)
            .filter(m -> m.entry().kind() == Kind.TOPIC && m.destination().equals(destination));
    if (match.isEmpty()
        || !(match.get().entry().subscribe() instanceof CatalogueEntry.Granted granted)
        || !granted.includes(identity)) {
      return Long.MAX_VALUE;
    }
    return granted.needsRole(identity)
        ? roles.heldSince(identity, granted.roles())
        : RoleSightings.ALWAYS;
  }
}
