package io.longspan.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the configuration file into one flat map, and remembers the line of each value.
 *
 * <p>It reads the parser's tokens, because a parsed tree has lost the line numbers. It reads values
 * as texts, because a typed value of {@code id: 007} would be a number.
 */
final class YamlSource {

  private final Path file;
  private final KeyNames names;
  private final Map<String, RawValue> values = new LinkedHashMap<>();

  YamlSource(Path file, KeyNames names) {
    this.file = file;
    this.names = names;
  }

  /**
   * Reads the file; blocks.
   *
   * @return the values by key, in the order of the file
   * @throws ConfigException if the file cannot be read, is not YAML, or contains an unknown key
   */
  Map<String, RawValue> read() {
    try (YAMLParser parser = new YAMLFactory().createParser(bytes())) {
      JsonToken first = parser.nextToken();
      if (first == JsonToken.START_OBJECT) {
        readSection("", parser);
      } else if (first != null && first != JsonToken.VALUE_NULL) {
        throw refused("(the whole file)", "a YAML mapping with " + names.allowedIn(""), parser);
      }
      if (parser.nextToken() != null) {
        throw refused("(a second document)", "one YAML document", parser);
      }
      return values;
    } catch (JsonProcessingException notYaml) {
      throw new ConfigException(
          "%s:%d: not YAML: %s"
              .formatted(
                  file,
                  notYaml.getLocation() == null ? 1 : notYaml.getLocation().getLineNr(),
                  notYaml.getOriginalMessage().lines().findFirst().orElse("unreadable")));
    } catch (IOException unreadable) {
      throw unreadable(unreadable);
    }
  }

  private byte[] bytes() {
    try {
      return Files.readAllBytes(file);
    } catch (IOException unreadable) {
      throw unreadable(unreadable);
    }
  }

  private void readSection(String prefix, YAMLParser parser) throws IOException {
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = prefix + parser.currentName();
      Origin origin = origin(parser);
      readValue(key, origin, parser);
    }
  }

  private void readValue(String key, Origin origin, YAMLParser parser) throws IOException {
    JsonToken token = parser.nextToken();
    if (names.setting(key).isEmpty()) {
      readSectionOrRefuse(key, origin, token, parser);
      return;
    }
    RawValue value =
        switch (token) {
          case START_ARRAY -> new RawValue.Sequence(readItems(key, parser), origin);
          case START_OBJECT -> new RawValue.Mapping(readEntries(key, parser), origin);
          default -> scalar(key, parser);
        };
    if (values.putIfAbsent(key, value) != null) {
      throw ConfigException.refused(key, "(a second value)", "one value for a key", origin);
    }
  }

  private void readSectionOrRefuse(String key, Origin origin, JsonToken token, YAMLParser parser)
      throws IOException {
    boolean section = names.isSection(key);
    if (section && token == JsonToken.START_OBJECT) {
      readSection(key + ".", parser);
    } else if (section && token != JsonToken.VALUE_NULL) {
      throw refused(key, "a section with " + names.allowedIn(key), parser);
    } else if (!section) {
      String value = token.isScalarValue() ? parser.getText() : "(a section or a list)";
      throw names.unknown(key, value, origin);
    }
  }

  private List<RawValue.Scalar> readItems(String key, YAMLParser parser) throws IOException {
    List<RawValue.Scalar> items = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      items.add(scalar(key, parser));
    }
    return items;
  }

  private Map<String, RawValue.Scalar> readEntries(String key, YAMLParser parser)
      throws IOException {
    Map<String, RawValue.Scalar> entries = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      parser.nextToken();
      entries.put(name, scalar(key, parser));
    }
    return entries;
  }

  private RawValue.Scalar scalar(String key, YAMLParser parser) throws IOException {
    JsonToken token = parser.currentToken();
    if (!token.isScalarValue() || token == JsonToken.VALUE_NULL || parser.isCurrentAlias()) {
      String allowed = names.setting(key).map(setting -> setting.type().allowed()).orElseThrow();
      throw refused(key, allowed, parser);
    }
    return new RawValue.Scalar(parser.getText(), origin(parser));
  }

  private ConfigException refused(String key, String allowed, YAMLParser parser)
      throws IOException {
    JsonToken token = parser.currentToken();
    String value = "(a section or a list)";
    if (parser.isCurrentAlias()) {
      value = "(an alias)";
    } else if (token == JsonToken.VALUE_NULL) {
      value = "(nothing)";
    } else if (token.isScalarValue()) {
      value = Secrets.masked(parser.getText());
    }
    return ConfigException.refused(key, value, allowed, origin(parser));
  }

  private ConfigException unreadable(IOException cause) {
    return new ConfigException(
        "%s: the configuration file cannot be read: %s"
            .formatted(file, cause.getClass().getSimpleName()));
  }

  private Origin origin(YAMLParser parser) {
    return Origin.line(file, parser.currentTokenLocation().getLineNr());
  }
}
