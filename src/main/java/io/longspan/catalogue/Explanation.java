package io.longspan.catalogue;

import io.longspan.catalogue.BrokerDestination.Kind;
import io.longspan.catalogue.CatalogueEntry.Access;
import io.longspan.catalogue.CatalogueEntry.Ask;
import io.longspan.catalogue.CatalogueEntry.Granted;
import io.longspan.catalogue.DestinationCatalogue.Match;
import io.longspan.identity.Identity;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * How the catalogue decides about a name of a user, in words for an operator. A client never sees
 * it.
 *
 * @param position the place of the deciding entry in the catalogue, from 1; 0 if none matches, or
 *     if the topic is one of the bridge itself
 * @param entry the deciding entry
 * @param match the decision; empty if the name cannot be used
 * @param objection why the name cannot be used
 */
public record Explanation(
    int position,
    Optional<CatalogueEntry> entry,
    Optional<Match> match,
    Optional<String> objection) {

  static final String NO_WILDCARDS =
      "the name is a pattern, and the entry does not say wildcards: true";
  static final String UNSAFE_NAME =
      "the JMS name would be '%s', which contains broker syntax, or which the broker or the bridge"
          + " reserves";

  static final Explanation NO_ENTRY =
      new Explanation(
          0, Optional.empty(), Optional.empty(), Optional.of("no entry of the catalogue matches"));

  static Explanation of(int index, Match match) {
    return new Explanation(
        index + 1, Optional.of(match.entry()), Optional.of(match), Optional.empty());
  }

  static Explanation own(Match match) {
    return new Explanation(0, Optional.of(match.entry()), Optional.of(match), Optional.empty());
  }

  static Explanation refused(int index, CatalogueEntry entry, String objection) {
    return new Explanation(index + 1, Optional.of(entry), Optional.empty(), Optional.of(objection));
  }

  /** How a right is decided. */
  public enum Decision {
    GRANTED,
    REFUSED,
    /** The authorisation service decides, while the bridge runs. */
    ASKED
  }

  /**
   * A right on the name.
   *
   * @param right {@code send}, {@code subscribe} or {@code presence}
   * @param why the reason in one sentence
   */
  public record Right(String right, Decision decision, String why) {}

  /**
   * Returns the rights of the user on the name; none if the name cannot be used.
   *
   * @param identity the user of the explanation
   * @param pattern whether the name is a pattern, to which nobody can send
   */
  public List<Right> rights(Identity identity, boolean pattern) {
    if (match.isEmpty()) {
      return List.of();
    }
    CatalogueEntry decided = match.get().entry();
    List<Right> rights = new ArrayList<>();
    rights.add(
        pattern
            ? new Right("send", Decision.REFUSED, "messages cannot be sent to a pattern")
            : right("send", decided.send(), identity));
    if (decided.kind() == Kind.TOPIC) {
      rights.add(right("subscribe", decided.subscribe(), identity));
    }
    if (decided.kind() == Kind.QUEUE) {
      rights.add(right("receive", decided.receiving().access(), identity));
    }
    if (decided.policy().presence()) {
      rights.add(right("presence", decided.seesPresence(), identity));
    }
    return List.copyOf(rights);
  }

  private static Right right(String name, Access access, Identity identity) {
    if (access instanceof Ask ask) {
      return new Right(
          name, Decision.ASKED, "the service behind the JMS queue " + ask.queue() + " decides");
    }
    Granted granted = (Granted) access;
    return granted.includes(identity)
        ? new Right(name, Decision.GRANTED, grounds(granted, identity))
        : new Right(name, Decision.REFUSED, missing(granted));
  }

  private static String grounds(Granted granted, Identity identity) {
    if (granted.roles().contains("*")) {
      return "every user has it";
    }
    String own = "user:" + identity.user();
    return granted.roles().contains(own)
        ? "the entry names " + own
        : "by the role "
            + String.join(
                ", ",
                identity.roles().stream().filter(granted.roles()::contains).sorted().toList());
  }

  private static String missing(Granted granted) {
    return granted.roles().isEmpty()
        ? "the entry gives it to nobody"
        : "the entry gives it to " + String.join(", ", new TreeSet<>(granted.roles()));
  }
}
