package io.longspan.identity;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
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
import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import io.longspan.config.LongspanConfig.Tokens;
import io.longspan.identity.Credential.Token;
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
 * Validates bearer tokens (JWT, RFC 8725).
 *
 * <p>Only the configured keys and algorithms are accepted. Key references in a token ({@code jku},
 * {@code x5u}, {@code jwk}, {@code x5c}) are ignored. No part of a token is logged, and a client
 * does not learn why its token was rejected. Safe for use by many threads. {@code
 * docs/decisions/0040} explains why this class selects keys itself.
 */
public final class TokenVerifier implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TokenVerifier.class);

  /** Maximum number of threads that wait, for a bounded time, while keys are being fetched. */
  public static final int MAX_WAITING = 8;

  /** Tolerated clock skew of the issuer, in seconds. */
  static final int SKEW = 5;

  /** Maximum length of a token, in characters. */
  private static final int MAX_LENGTH = 16 << 10;

  /** Also accepts a token without a type. */
  private static final DefaultJOSEObjectTypeVerifier<SecurityContext> TYPES =
      new DefaultJOSEObjectTypeVerifier<>(JOSEObjectType.JWT, new JOSEObjectType("at+jwt"), null);

  private final TokenKeys keys;
  private final Set<JWSAlgorithm> algorithms;
  private final TokenClaims claims;
  private final DefaultJWTClaimsVerifier<SecurityContext> dates;
  private final Clock clock;
  private final LongAdder refused = new LongAdder();
  private volatile Runnable whenRefused = () -> {};

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
   * Returns the verifier of a configuration, if it accepts tokens.
   *
   * @throws io.longspan.config.ConfigException if a key file cannot be used
   */
  public static Optional<TokenVerifier> of(Tokens config) {
    return config
        .keys()
        .map(uri -> new TokenVerifier(TokenKeys.at(uri), config, Clock.systemUTC()));
  }

  /** Checks for new keys. Called several times a second; does not block on the network. */
  public void refresh() {
    keys.refresh();
  }

  /**
   * Validates a token. Called on request threads; may block for a bounded time while keys are being
   * fetched.
   *
   * @return the credential; empty if the token is invalid for any reason
   */
  public Optional<Token> verify(String token) {
    try {
      if (token.length() > MAX_LENGTH) {
        throw new BadJOSEException("too long");
      }
      SignedJWT jwt = SignedJWT.parse(token);
      if (!isSigned(jwt)) {
        throw new BadJOSEException("no key has signed it");
      }
      JWTClaimsSet set = jwt.getJWTClaimsSet();
      dates.verify(set, null);
      return Optional.of(accepted(set));
    } catch (ParseException | JOSEException | GeneralSecurityException | BadJOSEException x) {
      // Do not log the message: it may contain parts of the token.
      LOG.debug("token rejected: {}", x.getClass().getSimpleName());
    } catch (RuntimeException x) {
      LOG.warn("token rejected: {}", x.getClass().getSimpleName());
    }
    refused.increment();
    whenRefused.run();
    return Optional.empty();
  }

  /** Calls a listener for each rejected token; it must not block. */
  public void whenRefused(Runnable listener) {
    whenRefused = listener;
  }

  /** Returns how many tokens have been rejected. */
  public long refused() {
    return refused.sum();
  }

  /** Returns how many attempts to read the issuer's keys have failed. */
  public long keyFailures() {
    return keys.failures();
  }

  private boolean isSigned(SignedJWT jwt)
      throws JOSEException, GeneralSecurityException, BadJOSEException {
    JWSHeader header = jwt.getHeader();
    TYPES.verify(header.getType(), null);
    if (!algorithms.contains(header.getAlgorithm()) || header.getCriticalParams() != null) {
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

  private Token accepted(JWTClaimsSet set) throws BadJOSEException {
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
