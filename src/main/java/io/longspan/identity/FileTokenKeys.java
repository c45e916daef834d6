package io.longspan.identity;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKMatcher;
import com.nimbusds.jose.jwk.JWKSet;
import io.longspan.config.ConfigException;
import io.longspan.config.WatchedFile;
import java.io.IOException;
import java.nio.file.Path;
import java.text.ParseException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keys of a JWKS file, which is read again when it changes. A file that cannot be read or parsed
 * may be half-written, so each refresh tries again.
 *
 * <p>Meanwhile the old keys stay in force for one minute only, because the change may withdraw one
 * of them. After that no token is accepted until the file is valid.
 */
final class FileTokenKeys implements TokenKeys {
  private static final Logger LOG = LoggerFactory.getLogger(FileTokenKeys.class);

  /** How long the keys stay in force while the file is broken. */
  static final long BROKEN_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final Path path;
  private final WatchedFile file;
  private final LongSupplier nanos;
  private final LongAdder failures = new LongAdder();
  private volatile JWKSet keys;

  /** Start of the failure, in nanoseconds; only used by the refreshing thread. */
  private long brokenSince;

  /** Last error of the file, or null; only used by the refreshing thread. */
  private String problem;

  /**
   * Reads the file; blocks.
   *
   * @throws ConfigException if the file is unreadable or contains no usable key
   */
  FileTokenKeys(Path path) {
    this(path, System::nanoTime);
  }

  /**
   * Reads the file; blocks.
   *
   * @param nanos monotonic time in nanoseconds
   * @throws ConfigException if the file is unreadable or contains no usable key
   */
  FileTokenKeys(Path path, LongSupplier nanos) {
    this.path = path;
    this.file = new WatchedFile(path, MAX_BYTES);
    this.nanos = nanos;
    try {
      this.keys = TokenKeys.parse(file.changed().orElse(""));
    } catch (IOException | ParseException x) {
      throw new ConfigException(
          "tokens.keys: %s: %s; allowed: a readable JWKS file, or an https URL of one"
              .formatted(path, x.getMessage()));
    }
  }

  @Override
  public List<JWK> matching(JWKMatcher matcher) {
    return TokenKeys.select(keys, matcher);
  }

  @Override
  public long failures() {
    return failures.sum();
  }

  @Override
  public void refresh() {
    try {
      Optional<String> changed = file.changed();
      if (changed.isPresent()) {
        keys = TokenKeys.parse(changed.get());
        LOG.info("token keys reloaded file={} keys={}", path, keys.size());
      }
      problem = null;
    } catch (IOException | ParseException x) {
      file.forget();
      failed(x.toString());
    }
  }

  private void failed(String reason) {
    failures.increment();
    long now = nanos.getAsLong();
    if (problem == null) {
      brokenSince = now;
    }
    if (!reason.equals(problem)) {
      LOG.warn("token keys cannot be read, the bridge retries file={}: {}", path, reason);
    }
    problem = reason;
    if (keys.size() > 0 && now - brokenSince >= BROKEN_NANOS) {
      LOG.error(
          "token keys cannot be read for too long, every token is rejected file={}: {}",
          path,
          reason);
      keys = new JWKSet();
    }
  }
}
