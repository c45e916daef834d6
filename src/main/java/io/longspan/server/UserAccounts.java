package io.longspan.server;

import io.longspan.config.ConfigException;
import io.longspan.config.LongspanConfig;
import io.longspan.config.LongspanConfig.Provider;
import io.longspan.config.WatchedFile;
import io.longspan.identity.UserDirectory;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Collectors;
import org.eclipse.jetty.util.security.Credential;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Users of the embedded server, in Jetty's properties format ({@code alice: password,role1,role2})
 * but in UTF-8, because user names may contain any letter. The file is read again when it changes.
 * A broken file is reported once, and the old users stay in force.
 *
 * <p>May be read on any thread; {@link #reloadIfChanged} is called by one thread at a time.
 */
public final class UserAccounts implements UserDirectory {
  private static final Logger LOG = LoggerFactory.getLogger(UserAccounts.class);

  private static final String DEMO_USERS = "demo/users.properties";
  private static final String ALLOWED = "a file in UTF-8 with user: password,role,role";
  private static final long MAX_FILE_BYTES = 64 << 20;

  private final String name;
  private final Optional<WatchedFile> file;
  private volatile Map<String, Account> accounts;

  /** Text that was read last but is not in force yet; only used by the reloading thread. */
  private String pending;

  /** Problem that was reported last; only used by the reloading thread. */
  private String problem;

  private UserAccounts(String name, Optional<WatchedFile> file, Map<String, Account> accounts) {
    this.name = name;
    this.file = file;
    this.accounts = accounts;
  }

  /**
   * Reads the users in the configuration, or the demo's users if it names none and the demo runs.
   *
   * @throws ConfigException if there are no users, or the file is unreadable or broken
   */
  public static UserAccounts of(LongspanConfig config) {
    if (config.users().isPresent()) {
      return fromFile(config.users().get());
    }
    if (runsDemo(config)) {
      return new UserAccounts(DEMO_USERS, Optional.empty(), ofDemo());
    }
    throw new ConfigException(
        "users: not set, but needed by broker.provider without demo: true, because the passwords"
            + " of the demo's users are public; allowed: "
            + ALLOWED);
  }

  Optional<Account> account(String user) {
    return Optional.ofNullable(accounts.get(user));
  }

  @Override
  public Optional<Entry> find(String user) {
    return account(user).map(account -> new Entry(account.roles(), account.credential()));
  }

  /**
   * Applies a changed file once two successive calls have seen the same text, because a file that
   * is still being written may lack users.
   */
  @Override
  public boolean reloadIfChanged() {
    try {
      if (file.isPresent()) {
        Optional<String> changed = file.get().changed();
        if (changed.isPresent()) {
          pending = changed.get();
        } else if (pending != null) {
          String text = pending;
          pending = null;
          accounts = read(new StringReader(text), name, accounts);
          problem = null;
          LOG.info("users reloaded file={} users={}", name, accounts.size());
          return true;
        }
      }
    } catch (IOException x) {
      pending = null;
      file.ifPresent(WatchedFile::forget);
      report("users cannot be read, the old ones stay in force file=" + name + ": " + x);
      return false;
    } catch (ConfigException x) {
      report("users are broken, the old ones stay in force: " + x.getMessage());
      return false;
    }
    return false;
  }

  private void report(String line) {
    if (!line.equals(problem)) {
      LOG.error(line);
    }
    problem = line;
  }

  /** Returns whether this server runs the demo services, and so has the demo's users. */
  public static boolean runsDemo(LongspanConfig config) {
    return config.demo() || config.broker().provider() == Provider.EMBEDDED;
  }

  private static UserAccounts fromFile(Path path) {
    WatchedFile file = new WatchedFile(path, MAX_FILE_BYTES);
    try {
      String text = file.changed().orElse("");
      String name = path.toString();
      return new UserAccounts(
          name, Optional.of(file), read(new StringReader(text), name, Map.of()));
    } catch (IOException unreadable) {
      throw refused(unreadable.getClass().getSimpleName(), path.toString());
    }
  }

  private static Map<String, Account> ofDemo() {
    ClassLoader loader = UserAccounts.class.getClassLoader();
    try (InputStream stream = Objects.requireNonNull(loader.getResourceAsStream(DEMO_USERS));
        Reader reader = new InputStreamReader(stream, StandardCharsets.UTF_8)) {
      return read(reader, DEMO_USERS, Map.of());
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  /** Parses users. A user whose password text is unchanged keeps its credential. */
  private static Map<String, Account> read(Reader reader, String name, Map<String, Account> before)
      throws IOException {
    Properties lines = new Properties();
    try {
      lines.load(reader);
    } catch (IllegalArgumentException malformed) {
      throw refused("a malformed \\u escape", name);
    }
    Map<String, Account> accounts = new HashMap<>();
    for (String user : lines.stringPropertyNames()) {
      String[] parts = lines.getProperty(user).strip().split(",");
      accounts.put(user, account(user, parts, name, before.get(user)));
    }
    return Map.copyOf(accounts);
  }

  private static Account account(String user, String[] parts, String name, Account before) {
    if (user.isBlank() || parts.length == 0 || parts[0].isBlank()) {
      throw refused("user \"%s\" has no password".formatted(user), name);
    }
    String password = parts[0].strip();
    if (before != null && before.password().equals(password)) {
      return new Account(password, before.credential(), roles(parts));
    }
    try {
      return new Account(password, credential(password), roles(parts));
    } catch (RuntimeException malformed) {
      throw refused("the password of user \"%s\" is malformed".formatted(user), name);
    }
  }

  private static Credential credential(String password) {
    return password.startsWith(CryptCredential.PREFIX)
        ? new CryptCredential(password)
        : Credential.getCredential(password);
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
