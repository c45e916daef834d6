package io.longspan.server;

import io.longspan.config.ConfigException;
import io.longspan.config.LongspanConfig;
import io.longspan.config.LongspanConfig.Provider;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Collectors;
import org.eclipse.jetty.util.security.Credential;

/**
 * The users of the embedded server: Jetty's form of properties ({@code alice:
 * password,role1,role2}), but in UTF-8, since a user name may have any letter.
 */
final class UserAccounts {

  private static final String DEMO_USERS = "demo/users.properties";
  private static final String ALLOWED = "a file in UTF-8 with user: password,role,role";

  private UserAccounts() {}

  /**
   * The users that the configuration names, by name; those of the demo where it names none and the
   * demo runs.
   *
   * @throws ConfigException if there are no users, or the file cannot be read as users
   */
  static Map<String, Account> of(LongspanConfig config) {
    if (config.users().isPresent()) {
      return fromFile(config.users().get());
    }
    if (runsDemo(config)) {
      return ofDemo();
    }
    throw new ConfigException(
        "users: not set, but needed by broker.provider without demo: true, since the passwords of"
            + " the demo's users are public; allowed: "
            + ALLOWED);
  }

  /** Whether the demo services, and with them the demo's users, belong to this server. */
  static boolean runsDemo(LongspanConfig config) {
    return config.demo() || config.broker().provider() == Provider.EMBEDDED;
  }

  private static Map<String, Account> fromFile(Path file) {
    try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      return read(reader, file.toString());
    } catch (IOException unreadable) {
      throw refused(unreadable.getClass().getSimpleName(), file.toString());
    }
  }

  private static Map<String, Account> ofDemo() {
    ClassLoader loader = UserAccounts.class.getClassLoader();
    try (InputStream stream = Objects.requireNonNull(loader.getResourceAsStream(DEMO_USERS));
        Reader reader = new InputStreamReader(stream, StandardCharsets.UTF_8)) {
      return read(reader, DEMO_USERS);
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  private static Map<String, Account> read(Reader reader, String name) throws IOException {
    Properties lines = new Properties();
    try {
      lines.load(reader);
    } catch (IllegalArgumentException malformed) {
      throw refused("a malformed \\u escape", name);
    }
    Map<String, Account> accounts = new HashMap<>();
    for (String user : lines.stringPropertyNames()) {
      accounts.put(user, account(user, lines.getProperty(user).strip().split(","), name));
    }
    return Map.copyOf(accounts);
  }

  private static Account account(String user, String[] parts, String name) {
    if (user.isBlank() || parts.length == 0 || parts[0].isBlank()) {
      throw refused("user \"%s\" has no password".formatted(user), name);
    }
    try {
      return new Account(Credential.getCredential(parts[0].strip()), roles(parts));
    } catch (RuntimeException malformed) {
      throw refused("the password of user \"%s\" is malformed".formatted(user), name);
    }
  }

  private static Set<String> roles(String[] parts) {
    return Arrays.stream(parts)
        .skip(1)
        .map(String::strip)
        .filter(role -> !role.isEmpty())
        .collect(
            Collectors.collectingAndThen(
                Collectors.toCollection(LinkedHashSet::new), Collections::unmodifiableSet));
  }

  private static ConfigException refused(String reason, String name) {
    return new ConfigException(
        "users: %s; allowed: %s; read from %s".formatted(reason, ALLOWED, name));
  }
}
