package io.longspan.identity;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.longspan.identity.UserDirectory.Entry;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Authenticated users of the realm, one {@link RealmUser} each, as long as something refers to it.
 *
 * <p>Safe for use by many threads; nothing blocks.
 */
public final class RealmUsers {
  private static final Logger LOG = LoggerFactory.getLogger(RealmUsers.class);

  private final Optional<UserDirectory> directory;
  private final LongAdder withdrawn = new LongAdder();

  /** By name; weak values remove users to whom nothing refers. */
  private final Cache<String, RealmUser> users =
      Caffeine.newBuilder().weakValues().executor(Runnable::run).build();

  /**
   * Creates an empty registry.
   *
   * @param directory the realm, if it can be asked
   */
  public RealmUsers(Optional<UserDirectory> directory) {
    this.directory = directory;
  }

  /** Returns the current directory entry of a user; empty if there is none or no directory. */
  public Optional<Entry> find(String user) {
    return directory.flatMap(d -> d.find(user));
  }

  /** Returns how many users {@link #recheck} has withdrawn. */
  public long withdrawn() {
    return withdrawn.sum();
  }

  /**
   * Registers a user whom the realm has just authenticated.
   *
   * @param identity the user with the roles that the realm named
   * @param before result of {@link #find} before the authentication
   * @return empty if the password has changed since then; the user must authenticate again
   */
  public Optional<RealmUser> admit(Identity identity, Optional<Entry> before) {
    Optional<Entry> now = find(identity.user());
    if (!password(before).equals(password(now))) {
      return Optional.empty();
    }
    return Optional.of(
        users
            .asMap()
            .compute(
                identity.user(),
                (name, known) -> {
                  if (known == null
                      || known.isWithdrawn()
                      || !password(known.entry()).equals(password(now))) {
                    if (known != null) {
                      known.withdraw();
                    }
                    return new RealmUser(identity, now);
                  }
                  known.renew(identity, now);
                  return known;
                }));
  }

  private static Optional<Object> password(Optional<Entry> entry) {
    return entry.map(Entry::password);
  }

  /** Withdraws a user: all credentials from earlier authentications become invalid. */
  public void withdraw(String user) {
    users
        .asMap()
        .computeIfPresent(
            user,
            (name, known) -> {
              known.withdraw();
              return null;
            });
  }

  /**
   * Compares every registered user with the directory, if there is one. Withdraws users who are
   * removed or have another password; updates roles.
   */
  public void recheck() {
    if (directory.isPresent()) {
      users.asMap().keySet().forEach(this::recheck);
    }
  }

  private void recheck(String user) {
    users
        .asMap()
        .computeIfPresent(
            user,
            (name, known) -> {
              Optional<Entry> now = find(name);
              if (!password(now).equals(password(known.entry()))) {
                known.withdraw();
                withdrawn.increment();
                LOG.info(
                    "sign-ins and sessions of a user terminated user={} reason={}",
                    known.identity().loggable(),
                    now.isEmpty() ? "removed" : "passwordChanged");
                return null;
              }
              if (now.isPresent()
                  && !now.get().roles().equals(known.entry().orElseThrow().roles())) {
                LOG.info(
                    "the realm has changed a user's roles user={}", known.identity().loggable());
                known.renew(new Identity(name, now.get().roles()), now);
              }
              return known;
            });
  }
}
