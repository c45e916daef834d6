package io.longspan.catalogue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.longspan.catalogue.Explanation.Decision;
import io.longspan.catalogue.Explanation.Right;
import io.longspan.identity.Identity;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.DestinationName;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What a catalogue decides about one name of one user, for an operator. A client never sees it.
 *
 * @param identity the user
 * @param name the name as it was given
 * @param explanation the decision; empty if the name is not valid
 * @param refused why the name cannot be used
 * @param rights what the user may do; none if the name cannot be used
 */
public record NameReport(
    Identity identity,
    String name,
    Optional<Explanation> explanation,
    Optional<String> refused,
    List<Right> rights) {

  /** Creates the report about a name or a pattern of names. */
  public static NameReport of(DestinationCatalogue catalogue, Identity identity, String name) {
    DestinationName parsed;
    try {
      parsed = DestinationName.parsePattern(name);
    } catch (BridgeException invalid) {
      return new NameReport(
          identity,
          name,
          Optional.empty(),
          Optional.of(String.valueOf(invalid.getMessage())),
          List.of());
    }
    Explanation explanation = catalogue.explain(identity, parsed);
    return new NameReport(
        identity,
        name,
        Optional.of(explanation),
        explanation.objection(),
        explanation.rights(identity, parsed.pattern()));
  }

  /** Returns whether the user may do anything, or the authorisation service decides. */
  public boolean allowed() {
    return rights.stream().anyMatch(right -> right.decision() != Decision.REFUSED);
  }

  /** Returns the destination of the name; empty if the name cannot be used. */
  public Optional<BrokerDestination> destination() {
    return explanation.flatMap(Explanation::match).map(DestinationCatalogue.Match::destination);
  }

  /** Returns the report as a JSON object. */
  public ObjectNode toJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("user", identity.user());
    identity.roles().forEach(json.putArray("roles")::add);
    json.put("name", name);
    explanation.ifPresent(
        found ->
            found
                .entry()
                .ifPresent(
                    entry ->
                        json.put("entry", entry.template()).put("position", found.position())));
    refused.ifPresent(why -> json.put("refused", why));
    destination()
        .ifPresent(
            at ->
                json.put("kind", at.kind().name().toLowerCase(Locale.ROOT))
                    .put("jms", at.name())
                    .put("broker", at.broker().isEmpty() ? "default" : at.broker()));
    rights.forEach(
        right ->
            json.withArray("rights")
                .addObject()
                .put("right", right.right())
                .put("decision", right.decision().name().toLowerCase(Locale.ROOT))
                .put("why", right.why()));
    json.withArray("rights");
    return json.put("allowed", allowed());
  }
}
