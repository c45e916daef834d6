package io.longspan.catalogue;

import io.longspan.catalogue.BrokerDestination.Kind;
import io.longspan.catalogue.NameTemplate.Binding;
import io.longspan.protocol.DestinationName;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Template of a JMS name in a catalogue entry, for example {@code prices.{market}.{symbol}}. */
final class JmsNameTemplate {
  /** A variable of a template; its group is the name. */
  static final Pattern VARIABLE = Pattern.compile("\\{([A-Za-z][A-Za-z0-9]*)}");

  private static final Pattern SEPARATOR = Pattern.compile("[./]");

  private final String text;

  /** Separates the levels of a name. */
  private final String separator;

  private final List<String> variables;

  /** Matches the JMS names that {@link #expand} returns; one group for each variable. */
  private final Pattern names;

  private JmsNameTemplate(String text, String separator, List<String> variables, Pattern names) {
    this.text = text;
    this.separator = separator;
    this.variables = variables;
    this.names = names;
  }

  boolean hasVariables() {
    return !variables.isEmpty();
  }

  /**
   * Parses a template.
   *
   * @param name the logical names of the entry
   * @param rules the rules of the broker
   * @throws IllegalArgumentException if the template is invalid; the message is one sentence
   */
  static JmsNameTemplate parse(String text, NameTemplate name, Kind kind, BrokerNameRules rules) {
    if (JndiNames.isJndi(text)) {
      String valid = JndiNames.require(text, name);
      return new JmsNameTemplate(valid, "", List.of(), Pattern.compile(Pattern.quote(valid)));
    }
    List<String> known = name.variables();
    List<String> variables = new ArrayList<>();
    Matcher matcher = VARIABLE.matcher(text);
    while (matcher.find()) {
      String variable = matcher.group(1);
      name.requireVariable(variable);
      variables.add(variable);
    }
    for (String variable : known) {
      if (!variable.equals(NameTemplate.USER) && !variables.contains(variable)) {
        throw new IllegalArgumentException(
            "{" + variable + "} is missing: different names would share one destination");
      }
    }
    requireSeparatorsBetweenVariables(text);
    String sample = VARIABLE.matcher(text).replaceAll("x");
    if (!rules.isSafe(kind, sample)) {
      throw new IllegalArgumentException(
          "'"
              + text
              + "' contains broker syntax, or is a name that the broker or the bridge reserves");
    }
    String separator = rules.separator(kind);
    return new JmsNameTemplate(
        text, separator, List.copyOf(variables), pattern(text, separator, name));
  }

  /**
   * Requires a dot or a slash between two variables, because no escaped value contains them.
   * Otherwise {@code a-b}, {@code c} and {@code a}, {@code b-c} would share a destination.
   */
  private static void requireSeparatorsBetweenVariables(String text) {
    Matcher matcher = VARIABLE.matcher(text);
    int end = -1;
    while (matcher.find()) {
      if (end >= 0 && !SEPARATOR.matcher(text.substring(end, matcher.start())).find()) {
        throw new IllegalArgumentException(
            "'"
                + text
                + "' needs a dot or a slash between two variables: different names would share one"
                + " destination");
      }
      end = matcher.end();
    }
  }

  /** Returns whether this is the name of an administered destination. */
  boolean isJndi() {
    return JndiNames.isJndi(text);
  }

  boolean beginsWithVariable() {
    return text.startsWith("{");
  }

  /** Requires that each variable stands for whole tokens, so that wildcards can replace it. */
  void requireWildcardTokens(NameTemplate name) {
    if (isJndi()) {
      throw new IllegalArgumentException("wildcards are not possible with a jndi name");
    }
    List<String> tokens = List.of(text.split(Pattern.quote(separator), -1));
    for (String variable : variables) {
      if (!tokens.contains("{" + variable + "}")) {
        throw new IllegalArgumentException(
            "wildcards need {%s} to stand alone between %s in jms"
                .formatted(variable, separator.equals("/") ? "slashes" : "dots"));
      }
      if (name.isRest(variable) && !text.endsWith("{" + variable + "}")) {
        throw new IllegalArgumentException(
            "wildcards need {" + variable + "...} at the end of jms");
      }
    }
  }

  /**
   * Returns the JMS name for these bindings. Wildcards are kept; other text of a client is escaped.
   */
  String expand(Map<String, Binding> bindings) {
    if (!hasVariables()) {
      return text;
    }
    return VARIABLE
        .matcher(text)
        .replaceAll(match -> Matcher.quoteReplacement(tokens(bindings.get(match.group(1)))));
  }

  private String tokens(Binding binding) {
    return binding.segments().stream()
        .map(
            segment ->
                segment.equals(DestinationName.ANY_SEGMENT)
                        || segment.equals(DestinationName.ANY_REST)
                    ? segment
                    : JmsNameEscape.escape(segment))
        .collect(Collectors.joining(separator));
  }

  /** Finds the bindings for which {@link #expand} returns this JMS name. */
  Optional<Map<String, Binding>> match(String jmsName) {
    Matcher matcher = names.matcher(jmsName);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    Map<String, Binding> bindings = new LinkedHashMap<>();
    for (int i = 0; i < variables.size(); i++) {
      List<String> segments = new ArrayList<>();
      for (String token : matcher.group(i + 1).split(Pattern.quote(separator), -1)) {
        segments.add(JmsNameEscape.unescape(token));
      }
      bindings.put(variables.get(i), new Binding(List.copyOf(segments)));
    }
    return Optional.of(bindings);
  }

  private static Pattern pattern(String text, String separator, NameTemplate name) {
    StringBuilder regex = new StringBuilder();
    Matcher matcher = VARIABLE.matcher(text);
    int end = 0;
    while (matcher.find()) {
      regex.append(Pattern.quote(text.substring(end, matcher.start())));
      regex.append(name.isRest(matcher.group(1)) ? "(.+)" : "([^" + separator + "]+)");
      end = matcher.end();
    }
    return Pattern.compile(regex.append(Pattern.quote(text.substring(end))).toString());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof JmsNameTemplate template && text.equals(template.text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }
}
