package io.longspan.catalogue;

import io.longspan.catalogue.NameTemplate.Binding;
import io.longspan.identity.Identity;
import java.util.Map;
import java.util.regex.Matcher;

/** Templates of {@code JMSXGroupID}, for example {@code {user}} or {@code orders-{shop}}. */
final class GroupIds {
  private GroupIds() {}

  /**
   * Checks a template.
   *
   * @param name the logical names of the entry
   * @throws IllegalArgumentException if the template is invalid; the message is one sentence
   */
  static String require(String template, NameTemplate name) {
    Matcher matcher = JmsNameTemplate.VARIABLE.matcher(template);
    while (matcher.find()) {
      name.requireVariable(matcher.group(1));
    }
    if (JmsNameTemplate.VARIABLE.matcher(template).replaceAll("").matches(".*[{}].*")) {
      throw new IllegalArgumentException("'" + template + "' holds a brace outside a {variable}");
    }
    return template;
  }

  /** Returns the group id for these bindings; {@code {user}} is the name of the user itself. */
  static String expand(String template, Identity identity, Map<String, Binding> bindings) {
    return JmsNameTemplate.VARIABLE
        .matcher(template)
        .replaceAll(
            match ->
                Matcher.quoteReplacement(
                    match.group(1).equals(NameTemplate.USER)
                        ? identity.user()
                        : String.join("/", bindings.get(match.group(1)).segments())));
  }
}
