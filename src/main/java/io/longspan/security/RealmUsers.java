package io.longspan.security;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.longspan.security.UserDirectory.Entry;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The users whom the realm has let in and on whom something rests still, one {@link RealmUser}
 * each.
 *
 * <p>Safe for use by many threads; nothing here blocks.
 */
public final class RealmUsers {
  private static final Logger LOG = LoggerFactory.getLogger(RealmUsers.class);

  private final Optional<UserDirectory> directory;
  private final LongAdder withdrawn = new LongAdder();

  /** By name; a user on whom nothing rests is forgotten. */
  private final Cache<String, RealmUser> users = Caffeine.newBuilder().weakValues().build();

  /**
   * Creates an empty registry.
   *
   * @param directory the realm, where it can be asked
   */
  public RealmUsers(Optional<UserDirectory> directory) {
    this.directory = directory;
  }

  /** Returns what the directory says of a user now; empty where there is none. */
  public Optional<Entry> find(String user) {
    return directory.flatMap(d -> d.find(user));
  }

  /** Returns how many users lost what rested on a password, because of their realm. */
  public long withdrawn() {
    return withdrawn.sum();
  }

  /**
   * Registers a user whom the realm has just let in.
   *
   * @param identity the user with the roles that the realm named
   * @param before what {@link #find} said before the realm was asked
   * @return empty if the realm has changed since then: the user has to be let in anew
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

  /** Withdraws everything that rests on a user's passwords up to now. */
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

  /** Asks the directory, where there is one, about every user on whom something rests. */
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
                    "user withdrawn user={} reason={}",
                    known.identity().loggable(),
                    now.isEmpty() ? "removed" : "passwordChanged");
                return null;
              }
              if (now.isPresent()
                  && !now.get().roles().equals(known.entry().orElseThrow().roles())) {
                LOG.info("user has other roles user={}", known.identity().loggable());
                known.renew(new Identity(name, now.get().roles()), now);
              }
              return known;
            });
  }
}
