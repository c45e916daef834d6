package io.longspan.config;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Which names there are: of keys, and of sections. */
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

  Optional<Setting<?>> setting(String key) {
    return Optional.ofNullable(byKey.get(key));
  }

  boolean isSection(String key) {
    return byKey.keySet().stream().anyMatch(known -> known.startsWith(key + "."));
  }

  /** The names that a key could have had: those of the innermost section that exists. */
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

  /** The keys and sections of a section; of the whole configuration for the empty name. */
  String allowedIn(String section) {
    String prefix = section.isEmpty() ? "" : section + ".";
    Set<String> names = new LinkedHashSet<>();
    for (Setting<?> setting : settings) {
      if (setting.key().startsWith(prefix)) {
        int dot = setting.key().indexOf('.', prefix.length());
        names.add(dot < 0 ? setting.key() : setting.key().substring(0, dot));
      }
    }
    return String.join(", ", names);
  }

  /** The error line for a key that does not exist. */
  ConfigException unknown(String key, String value, Origin origin) {
    String shown = Secrets.namesSecret(key) ? Secrets.HIDDEN : Secrets.masked(value);
    return ConfigException.unknown(key, shown, allowedBeside(key), origin);
  }
}
