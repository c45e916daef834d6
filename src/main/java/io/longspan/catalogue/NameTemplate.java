package io.longspan.catalogue;

import io.longspan.identity.Identity;
import io.longspan.protocol.DestinationName;
import io.longspan.protocol.UserChannel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Template of a logical name in a catalogue entry. {@code {x}} matches one segment, {@code {x...}}
 * the remaining segments, {@code {user}} the name of the authenticated user.
 */
final class NameTemplate {
  /** Variable of the authenticated user's name. */
  static final String USER = "user";

  /** Value of a variable: its segments, or a wildcard. */
  record Binding(List<String> segments) {}

  private sealed interface Segment {}

  private record Literal(String text) implements Segment {}

  private record Variable(String name) implements Segment {}

  private record Rest(String name) implements Segment {}

  private final String text;
  private final List<Segment> segments;

  private NameTemplate(String text, List<Segment> segments) {
    this.text = text;
    this.segments = segments;
  }

  /** Returns the template as it is in the catalogue. */
  String text() {
    return text;
  }

  /**
   * Parses a template.
   *
   * @throws IllegalArgumentException if the template is invalid; the message is one sentence
   */
  static NameTemplate parse(String text) {
    List<Segment> segments = new ArrayList<>();
    String[] parts = text.split("/", -1);
    for (int i = 0; i < parts.length; i++) {
      Segment segment = segment(parts[i]);
      if (segment instanceof Rest && i < parts.length - 1) {
        throw new IllegalArgumentException("'" + parts[i] + "' can only be the last segment");
      }
      segments.add(segment);
    }
    NameTemplate template = new NameTemplate(text, List.copyOf(segments));
    if (template.variables().size()
        < segments.stream().filter(s -> !(s instanceof Literal)).count()) {
      throw new IllegalArgumentException("a variable occurs twice");
    }
    return template;
  }

  private static Segment segment(String part) {
    if (part.matches("\\{[A-Za-z][A-Za-z0-9]*(\\.\\.\\.)?}")) {
      boolean rest = part.endsWith("...}");
      String name = part.substring(1, part.length() - (rest ? 4 : 1));
      requireNotMistakenForUser(name, rest, part);
      return rest ? new Rest(name) : new Variable(name);
    }
    try {
      DestinationName.parse(part);
    } catch (RuntimeException x) {
      throw new IllegalArgumentException(
          "segment '" + part + "' is neither a literal nor a {variable}");
    }
    return new Literal(part);
  }

  /** Rejects variables that look like {@code {user}} but would match text of the client. */
  private static void requireNotMistakenForUser(String name, boolean rest, String part) {
    if (name.equalsIgnoreCase(USER) && (rest || !name.equals(USER))) {
      throw new IllegalArgumentException(
          "'"
              + part
              + "' would match any text of the client; use {user} for the authenticated user, which"
              + " is one segment");
    }
  }

  /** Returns the names of the variables, including {@code user} if present. */
  List<String> variables() {
    return segments.stream()
        .filter(s -> !(s instanceof Literal))
        .map(s -> s instanceof Rest rest ? rest.name : ((Variable) s).name)
        .distinct()
        .toList();
  }

  /**
   * Checks a variable of another template of the entry.
   *
   * @throws IllegalArgumentException if it is neither a variable of the name nor {@code user}
   */
  void requireVariable(String variable) {
    if (!variable.equals(USER) && !variables().contains(variable)) {
      throw new IllegalArgumentException("{" + variable + "} is not a variable of the name");
    }
  }

  boolean beginsWithVariable() {
    return !(segments.get(0) instanceof Literal);
  }

  boolean isRest(String variable) {
    return segments.stream().anyMatch(s -> s instanceof Rest rest && rest.name.equals(variable));
  }

  /**
   * Matches a name or a pattern. Wildcards of a pattern match variables only, so a pattern never
   * covers names outside the entry.
   *
   * @return values of the variables, always including {@code user}; empty if the name does not
   *     match
   */
  Optional<Map<String, Binding>> match(Identity identity, DestinationName name) {
    Map<String, Binding> bindings = new LinkedHashMap<>();
    String ownSegment = UserChannel.encode(identity.user());
    bindings.put(USER, new Binding(List.of(ownSegment)));
    List<String> given = name.segments();
    boolean endsWithRest =
        name.pattern() && given.get(given.size() - 1).equals(DestinationName.ANY_REST);
    for (int i = 0; i < segments.size(); i++) {
      boolean inRest = endsWithRest && i >= given.size() - 1;
      if (!inRest && i >= given.size()) {
        return Optional.empty();
      }
      String text = inRest ? DestinationName.ANY_SEGMENT : given.get(i);
      Segment segment = segments.get(i);
      if (segment instanceof Literal literal) {
        if (!literal.text.equals(text)) {
          return Optional.empty();
        }
      } else if (segment instanceof Variable variable) {
        if (variable.name.equals(USER) && !text.equals(ownSegment)) {
          return Optional.empty();
        }
        bindings.put(variable.name, new Binding(List.of(text)));
      } else if (segment instanceof Rest rest) {
        List<String> remaining =
            inRest ? List.of(DestinationName.ANY_REST) : given.subList(i, given.size());
        if (remaining.size() > 1 && name.pattern()) {
          return Optional.empty();
        }
        if (remaining.get(0).equals(DestinationName.ANY_SEGMENT)) {
          return Optional.empty();
        }
        bindings.put(rest.name, new Binding(remaining));
        return Optional.of(bindings);
      }
    }
    boolean complete =
        endsWithRest ? given.size() <= segments.size() : given.size() == segments.size();
    return complete ? Optional.of(bindings) : Optional.empty();
  }

  /**
   * Returns whether this template matches every name of a user that another template matches.
   *
   * @param other a template of an entry that follows in the catalogue
   */
  boolean covers(NameTemplate other) {
    for (int i = 0; i < segments.size(); i++) {
      Segment segment = segments.get(i);
      if (i >= other.segments.size()) {
        return false;
      }
      if (segment instanceof Rest) {
        return true;
      }
      Segment given = other.segments.get(i);
      if (given instanceof Rest
          || !(segment.equals(given) || (segment instanceof Variable v && !v.name.equals(USER)))) {
        return false;
      }
    }
    return segments.size() == other.segments.size();
  }

  /** Returns the template with the user's own segment in place of {@code {user}}. */
  String describe(Identity identity) {
    List<String> parts = new ArrayList<>();
    for (Segment segment : segments) {
      if (segment instanceof Literal literal) {
        parts.add(literal.text);
      } else if (segment instanceof Variable variable) {
        parts.add(
            variable.name.equals(USER)
                ? UserChannel.encode(identity.user())
                : '{' + variable.name + '}');
      } else if (segment instanceof Rest rest) {
        parts.add('{' + rest.name + "...}");
      }
    }
    return String.join("/", parts);
  }

  /** Returns the logical name for these bindings, which must not contain wildcards. */
  String expand(Map<String, Binding> bindings) {
    List<String> parts = new ArrayList<>();
    for (Segment segment : segments) {
      if (segment instanceof Literal literal) {
        parts.add(literal.text);
      } else if (segment instanceof Variable variable) {
        parts.addAll(bindings.get(variable.name).segments());
      } else if (segment instanceof Rest rest) {
        parts.addAll(bindings.get(rest.name).segments());
      }
    }
    return String.join("/", parts);
  }

  /** Returns the template as the catalogue file has it. */
  @Override
  public String toString() {
    return segments.stream()
        .map(
            segment ->
                segment instanceof Rest rest
                    ? '{' + rest.name + "...}"
                    : segment instanceof Variable variable
                        ? '{' + variable.name + '}'
                        : ((Literal) segment).text)
        .collect(Collectors.joining("/"));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof NameTemplate template && segments.equals(template.segments);
  }

  @Override
  public int hashCode() {
    return segments.hashCode();
  }
}
