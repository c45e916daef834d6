package io.longspan.tls;

import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.PKIXReason;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;

/**
 * Says in words why a TLS connection failed. Some causes have no exception type of their own, so
 * several checks match words of the JDK and of Netty. Stateless; may be used on any thread.
 */
public final class HandshakeFailure {
  /** The text for a server that does not answer the first message of the handshake. */
  public static final String SILENT = "no answer to the TLS handshake; the port may not use TLS";

  private static final Pattern ALERT = Pattern.compile("(?i)fatal alert:? ?\\(?([a-z_]+)");

  private HandshakeFailure() {}

  /**
   * Returns the cause of a failure as text for an operator; empty if the failure does not show that
   * TLS is the reason.
   *
   * @param keyStore whether the bridge has a certificate of its own
   */
  public static Optional<String> text(Throwable failure, boolean keyStore) {
    for (Throwable x = failure; x != null; x = x.getCause() == x ? null : x.getCause()) {
      Optional<String> text = certificate(x);
      if (text.isPresent()) {
        return text;
      }
    }
    for (Throwable x = failure; x != null; x = x.getCause() == x ? null : x.getCause()) {
      Optional<String> text = handshake(x, keyStore);
      if (text.isPresent()) {
        return text;
      }
    }
    return Optional.empty();
  }

  /** Why the bridge does not accept the certificate of the server. */
  private static Optional<String> certificate(Throwable x) {
    String message = String.valueOf(x.getMessage());
    if (x instanceof CertificateExpiredException) {
      return Optional.of("the broker's certificate has expired: " + message);
    }
    if (x instanceof CertificateNotYetValidException) {
      return Optional.of("the broker's certificate is not valid yet: " + message);
    }
    if (x instanceof CertPathBuilderException
        || x instanceof CertPathValidatorException path
            && path.getReason() == PKIXReason.NO_TRUST_ANCHOR) {
      return Optional.of(
          "the broker's certificate is from an unknown CA; broker.tls.trustStore must contain the"
              + " certificate of its CA");
    }
    if (x instanceof CertificateException
        && (message.startsWith("No subject alternative") || message.startsWith("No name match"))) {
      return Optional.of("the broker's certificate is for another host name: " + message);
    }
    return Optional.empty();
  }

  /** Why the server does not accept the bridge, or why there is no TLS at all. */
  private static Optional<String> handshake(Throwable x, boolean keyStore) {
    String message = String.valueOf(x.getMessage());
    String lower = message.toLowerCase(Locale.ROOT);
    if (lower.contains("unrecognized ssl message") || lower.contains("not an ssl/tls record")) {
      return Optional.of("the port does not use TLS");
    }
    if (x instanceof SSLException && lower.contains("handshake timed out")) {
      return Optional.of(SILENT);
    }
    Matcher alert = ALERT.matcher(message);
    if (x instanceof SSLException && alert.find()) {
      return Optional.of(refusal(alert.group(1).toLowerCase(Locale.ROOT), keyStore));
    }
    return x instanceof SSLException
        ? Optional.of("the TLS handshake failed: " + message)
        : Optional.empty();
  }

  /** The alerts by which servers refuse a missing or a wrong client certificate. */
  private static String refusal(String alert, boolean keyStore) {
    String broker =
        switch (alert) {
          case "certificate_required" -> "the broker requires a client certificate";
          case "bad_certificate",
              "unsupported_certificate",
              "certificate_revoked",
              "certificate_expired",
              "certificate_unknown",
              "unknown_ca",
              "access_denied" ->
              keyStore
                  ? "the broker rejects the client certificate of broker.tls.keyStore"
                  : "the broker requires a client certificate";
          case "handshake_failure" ->
              keyStore
                  ? "the broker ended the TLS handshake; it may not accept the client certificate"
                      + " of broker.tls.keyStore"
                  : "the broker ended the TLS handshake; it may require a client certificate";
          default -> "the broker ended the TLS handshake";
        };
    String advice =
        keyStore || broker.equals("the broker ended the TLS handshake")
            ? ""
            : "; set broker.tls.keyStore";
    return "%s (alert %s)%s".formatted(broker, alert, advice);
  }
}
