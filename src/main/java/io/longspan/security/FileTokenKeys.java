package io.longspan.security;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKMatcher;
import com.nimbusds.jose.jwk.JWKSet;
import io.longspan.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.text.ParseException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys of a JWKS file, read again when it changes; a broken file leaves the old ones in force.
 */
final class FileTokenKeys implements TokenKeys {
  private static final Logger LOG = LoggerFactory.getLogger(FileTokenKeys.class);

  private final Path file;
  private volatile JWKSet keys;

  /** Owned by the thread that looks at the file. */
  private FileTime seen;

  /**
   * Reads the file.
   *
   * @throws ConfigException if it holds no usable key
   */
  FileTokenKeys(Path file) {
    this.file = file;
    try {
      this.seen = Files.getLastModifiedTime(file);
      this.keys = read();
    } catch (IOException | ParseException x) {
      throw new ConfigException(
          "tokens.keys: %s: %s; allowed: a readable JWKS file, or an https URL of one"
              .formatted(file, x.getMessage()));
    }
  }

  private JWKSet read() throws IOException, ParseException {
    if (Files.size(file) > MOST_BYTES) {
      throw new ParseException("larger than " + MOST_BYTES + " bytes", 0);
    }
    return TokenKeys.parse(Files.readString(file));
  }

  @Override
  public List<JWK> matching(JWKMatcher matcher) {
    return TokenKeys.select(keys, matcher);
  }

  @Override
  public void refresh() {
    try {
      FileTime changed = Files.getLastModifiedTime(file);
      if (!changed.equals(seen)) {
        seen = changed;
        keys = read();
        LOG.info("token keys read again file={} keys={}", file, keys.size());
      }
    } catch (IOException | ParseException x) {
      LOG.warn("token keys not read, the old ones stay in force file={}: {}", file, x.toString());
    }
  }
}
