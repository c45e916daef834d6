package io.longspan.security;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKMatcher;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import java.net.URI;
import java.nio.file.Path;
import java.text.ParseException;
import java.util.List;

/** The public keys of the issuer of tokens. */
interface TokenKeys extends AutoCloseable {
  /** How large a JWKS may be, in bytes. */
  int MOST_BYTES = 256 << 10;

  /** How many keys of it are used. */
  int MOST_KEYS = 100;

  /** An RSA key that is shorter, in bits, is not believed. */
  int SHORTEST_RSA = 2048;

  /**
   * Finds the keys that may have signed a token. Called on request threads; may wait a bounded time
   * for keys that are being fetched.
   */
  List<JWK> matching(JWKMatcher matcher);

  /** Looks whether there are newer keys; called several times a second, must not block. */
  void refresh();

  /** Returns how many attempts to get the keys have failed. */
  default long failures() {
    return 0;
  }

  @Override
  default void close() {}

  /** Returns the keys of a file, or of a URL. */
  static TokenKeys at(URI location) {
    return "file".equals(location.getScheme())
        ? new FileTokenKeys(Path.of(location))
        : new UrlTokenKeys(location);
  }

  /**
   * Reads a JWKS.
   *
   * @return what of it is public, asymmetric, long enough and meant for signatures
   * @throws ParseException where there is nothing of that kind; the message holds nothing of it
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
            .filter(key -> !(key instanceof RSAKey rsa && rsa.size() < SHORTEST_RSA))
            .limit(MOST_KEYS)
            .toList();
    if (usable.isEmpty()) {
      throw new ParseException("a JWKS without a usable public key", 0);
    }
    return new JWKSet(usable);
  }

  /** Selects from a set. */
  static List<JWK> select(JWKSet keys, JWKMatcher matcher) {
    return new JWKSelector(matcher).select(keys);
  }
}
