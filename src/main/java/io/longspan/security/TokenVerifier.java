package io.longspan.security;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKMatcher;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import io.longspan.config.LongspanConfig.Tokens;
import io.longspan.security.Credential.Token;
import java.security.GeneralSecurityException;
import java.text.ParseException;
import java.time.Clock;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Believes or refuses bearer tokens (JWT, RFC 8725).
 *
 * <p>Only keys of the configured set are used, and only algorithms of the configured list; what a
 * token says of keys ({@code jku}, {@code x5u}, {@code jwk}, {@code x5c}) is not looked at. Nothing
 * of a token is ever logged, and whoever presents a bad one does not learn what is bad about it.
 * Safe for use by many threads.
 */
public final class TokenVerifier implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TokenVerifier.class);

  /** How many threads may wait, for a bounded time, for keys that are being fetched. */
  public static final int MOST_WAITING = 8;

  /** How far the issuer's clock may be off, in seconds. */
  static final int SKEW = 5;

  /** The longest token that is looked at. */
  private static final int LONGEST = 16 << 10;

  private static final Set<String> TYPES = Set.of("JWT", "AT+JWT");

  private final TokenKeys keys;
  private final Set<JWSAlgorithm> algorithms;
  private final TokenClaims claims;
  private final DefaultJWTClaimsVerifier<SecurityContext> dates;
  private final Clock clock;
  private final LongAdder refused = new LongAdder();

  TokenVerifier(TokenKeys keys, Tokens config, Clock clock) {
    this.keys = keys;
    this.clock = clock;
    this.algorithms =
        config.algorithms().stream().map(JWSAlgorithm::parse).collect(Collectors.toSet());
    this.claims = new TokenClaims(config.userClaim(), config.rolesClaim());
    this.dates =
        new DefaultJWTClaimsVerifier<>(
            config.audience(),
            new JWTClaimsSet.Builder().issuer(config.issuer()).build(),
            Set.of("exp")) {
          @Override
          protected Date currentTime() {
            return Date.from(clock.instant());
          }
        };
    dates.setMaxClockSkew(SKEW);
  }

  /**
   * Returns the verifier that a configuration asks for, if it believes tokens.
   *
   * @throws io.longspan.config.ConfigException if a file of keys cannot be used
   */
  public static Optional<TokenVerifier> of(Tokens config) {
    return config
        .keys()
        .map(uri -> new TokenVerifier(TokenKeys.at(uri), config, Clock.systemUTC()));
  }

  /** Looks for newer keys; called several times a second, does not block. */
  public void refresh() {
    keys.refresh();
  }

  /**
   * Checks a token. Called on request threads; may wait a bounded time for keys.
   *
   * @return what it proves; empty where it is not believed, for whatever reason
   */
  public Optional<Token> verify(String token) {
    try {
      if (token.length() > LONGEST) {
        throw new BadJOSEException("too long");
      }
      SignedJWT jwt = SignedJWT.parse(token);
      if (!isSigned(jwt)) {
        throw new BadJOSEException("no key has signed it");
      }
      JWTClaimsSet set = jwt.getJWTClaimsSet();
      dates.verify(set, null);
      return Optional.of(believed(set));
    } catch (ParseException | JOSEException | GeneralSecurityException | BadJOSEException x) {
      // Not the message: it may hold parts of the token.
      LOG.debug("token refused: {}", x.getClass().getSimpleName());
    } catch (RuntimeException x) {
      LOG.warn("token refused: {}", x.getClass().getSimpleName());
    }
    refused.increment();
    return Optional.empty();
  }

  /** Returns how many tokens were not believed so far. */
  public long refused() {
    return refused.sum();
  }

  /** Returns how many attempts to get the issuer's keys have failed. */
  public long keyFailures() {
    return keys.failures();
  }

  private boolean isSigned(SignedJWT jwt)
      throws JOSEException, GeneralSecurityException, BadJOSEException {
    JWSHeader header = jwt.getHeader();
    JWSAlgorithm algorithm = header.getAlgorithm();
    boolean isTyped = header.getType() != null;
    if (!algorithms.contains(algorithm)
        || (isTyped
            && !TYPES.contains(header.getType().getType().toUpperCase(java.util.Locale.ROOT)))
        || header.getCriticalParams() != null) {
      return false;
    }
    JWKMatcher matcher = JWKMatcher.forJWSHeader(header);
    List<JWK> candidates = matcher == null ? List.of() : keys.matching(matcher);
    for (JWK key : candidates) {
      if (isSignedBy(key, jwt)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isSignedBy(JWK key, SignedJWT jwt)
      throws JOSEException, GeneralSecurityException {
    if (key instanceof RSAKey rsa) {
      return jwt.verify(new RSASSAVerifier(rsa));
    }
    if (key instanceof ECKey ec) {
      ECDSAVerifier verifier = new ECDSAVerifier(ec);
      return verifier.supportedJWSAlgorithms().contains(jwt.getHeader().getAlgorithm())
          && jwt.verify(verifier);
    }
    return key instanceof OctetKeyPair ed
        && Ed25519Signature.verifies(ed, jwt.getSigningInput(), jwt.getSignature().decode());
  }

  private Token believed(JWTClaimsSet set) throws BadJOSEException {
    Date issued = set.getIssueTime();
    if (issued != null && issued.getTime() > clock.millis() + SKEW * 1000L) {
      throw new BadJOSEException("issued in the future");
    }
    return new Token(
        claims.identity(set),
        issued == null ? Long.MIN_VALUE : issued.getTime(),
        set.getExpirationTime().getTime() + SKEW * 1000L);
  }

  @Override
  public void close() {
    keys.close();
  }
}
