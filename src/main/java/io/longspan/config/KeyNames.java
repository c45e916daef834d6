package io.longspan.config;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The names of all keys and sections, for validation and for error messages. */
final class KeyNames {

  private final List<Setting<?>> settings;
  private final Map<String, Setting<?>> byKey;

  KeyNames(List<Setting<?>> settings) {
    this.settings = List.copyOf(settings);
    this.byKey = settings.stream().collect(Collectors.toMap(Setting::key, Function.identity()));
  }

  List<Setting<?>> settings() {
    return settings;
  }

  /** Returns the setting of a key. The one of a further broker has the key of {@code broker}. */
  Optional<Setting<?>> setting(String key) {
    return Optional.ofNullable(byKey.get(FurtherBrokers.asDefault(key).orElse(key)));
  }

  boolean isSection(String key) {
    if (key.equals(FurtherBrokers.SECTION)) {
      return true;
    }
    String section = FurtherBrokers.asDefault(key).orElse(key);
    return byKey.keySet().stream().anyMatch(known -> known.startsWith(section + "."));
  }

  /**
   * Lists the names that are allowed in place of an unknown key: those of its innermost existing
   * section.
   */
  String allowedBeside(String key) {
    String section = key;
    while (true) {
      int dot = section.lastIndexOf('.');
      section = dot < 0 ? "" : section.substring(0, dot);
      if (section.isEmpty() || isSection(section)) {
        return allowedIn(section);
      }
    }
  }

  /**
   * Lists the keys and sections directly below a section. The empty name is the whole
   * configuration.
   */
  String allowedIn(String section) {
    if (section.equals(FurtherBrokers.SECTION)) {
      return FurtherBrokers.ALLOWED_NAMES;
    }
    Optional<String> ofBroker = FurtherBrokers.asDefault(section);
    if (ofBroker.isPresent()) {
      String name = FurtherBrokers.names(List.of(section)).iterator().next();
      return FurtherBrokers.inText(name, allowedIn(ofBroker.get()));
    }
    String prefix = section.isEmpty() ? "" : section + ".";
    Set<String> names = new LinkedHashSet<>();
    for (Setting<?> setting : settings) {
      if (setting.key().startsWith(prefix)) {
        int dot = setting.key().indexOf('.', prefix.length());
        names.add(dot < 0 ? setting.key() : setting.key().substring(0, dot));
      }
    }
    if (section.isEmpty()) {
      names.add(FurtherBrokers.SECTION);
    }
    return String.join(", ", names);
  }

  /**
   * Returns the exception for a key that does not exist. A value that may be a secret is hidden.
   */
  ConfigException unknown(String key, String value, Origin origin) {
    String shown = Secrets.namesSecret(key) ? Secrets.HIDDEN : Secrets.masked(value);
    return ConfigException.unknown(key, shown, allowedBeside(key), origin);
  }
}
