package io.longspan.identity;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKMatcher;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import java.net.URI;
import java.nio.file.Path;
import java.text.ParseException;
import java.util.List;

/** Public keys of the token issuer. */
interface TokenKeys extends AutoCloseable {
  /** Maximum size of a JWKS, in bytes. */
  int MAX_BYTES = 256 << 10;

  /** Maximum number of keys; further keys are ignored. */
  int MAX_KEYS = 100;

  /** Minimum size of RSA keys, in bits; shorter keys are ignored. */
  int MIN_RSA_BITS = 2048;

  /**
   * Finds the keys that may have signed a token. Called on request threads; may block for a bounded
   * time while keys are being fetched.
   */
  List<JWK> matching(JWKMatcher matcher);

  /** Checks for new keys. Called several times a second; must not block on the network. */
  void refresh();

  /** Returns how many attempts to read the keys have failed. */
  default long failures() {
    return 0;
  }

  @Override
  default void close() {}

  /**
   * Returns the keys at a {@code file:} URI, or at an {@code https:} or loopback {@code http:} URI.
   */
  static TokenKeys at(URI location) {
    return "file".equals(location.getScheme())
        ? new FileTokenKeys(Path.of(location))
        : new UrlTokenKeys(location);
  }

  /**
   * Parses a JWKS.
   *
   * @return its public keys without short RSA keys, at most {@link #MAX_KEYS}
   * @throws ParseException if it contains no such key; the message contains nothing of the JWKS
   */
  static JWKSet parse(String json) throws ParseException {
    JWKSet all;
    try {
      all = JWKSet.parse(json);
    } catch (ParseException | RuntimeException x) {
      throw new ParseException("not a JWKS", 0);
    }
    List<JWK> usable =
        all.toPublicJWKSet().getKeys().stream()
            .filter(key -> !(key instanceof RSAKey rsa && rsa.size() < MIN_RSA_BITS))
            .limit(MAX_KEYS)
            .toList();
    if (usable.isEmpty()) {
      throw new ParseException("a JWKS without a usable public key", 0);
    }
    return new JWKSet(usable);
  }

  static List<JWK> select(JWKSet keys, JWKMatcher matcher) {
    return new JWKSelector(matcher).select(keys);
  }
}
