package io.longspan.bridge;

import io.longspan.catalogue.DestinationDescription;
import io.longspan.identity.Identity;
import io.longspan.protocol.Notice;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** The use case of {@code describe}: what a user may use (protocol section 18). Never blocks. */
final class DestinationDescriber {
  /** Maximum size of the described destinations in an answer, in characters. */
  static final int MAX_CHARACTERS = 256 * 1024;

  /** Estimated size of an entry without its texts and schema, in characters. */
  private static final int ENTRY_CHARACTERS = 100;

  private final Function<Identity, List<DestinationDescription>> rights;
  private final long maxCharacters;

  /**
   * Creates the use case.
   *
   * @param rights returns what a user may do, in the order of the catalogue
   * @param queueBytes {@code limits.queueBytes}; an answer takes a small part of it
   */
  DestinationDescriber(Function<Identity, List<DestinationDescription>> rights, long queueBytes) {
    this.rights = rights;
    this.maxCharacters = Math.min(MAX_CHARACTERS, queueBytes / 8);
  }

  /**
   * Returns the answer to a user. A schema that does not fit is left out first, then the entries
   * that do not fit.
   */
  Notice.Described describe(Identity identity, String correlationId) {
    List<DestinationDescription> all = rights.apply(identity);
    List<Map<String, Object>> given = new ArrayList<>();
    long left = maxCharacters;
    boolean complete = true;
    for (DestinationDescription destination : all) {
      Map<String, Object> members = destination.toMembers();
      long size = ENTRY_CHARACTERS + members.toString().length();
      if (size > left) {
        complete = false;
        break;
      }
      left -= size;
      if (destination.schema().isPresent()) {
        long schema = destination.schema().get().toString().length();
        if (schema <= left) {
          left -= schema;
          members.put("schema", destination.schema().get());
        } else {
          complete = false;
        }
      }
      given.add(members);
    }
    return new Notice.Described(correlationId, given, complete);
  }
}
