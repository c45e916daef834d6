package io.longspan.config;

import io.longspan.config.LongspanConfig.Provider;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Validates an address of the broker, with options of the provider.
 *
 * <p>Except the lists of {@link FailOverUrl}, URLs with the provider's own fail-over are rejected,
 * because fail-over hides an outage from the bridge. Some providers then block a send. One changes
 * the name of a temporary topic that is still open.
 */
final class BrokerUrl {

  private static final Pattern FAIL_OVER =
      Pattern.compile(
          "(?i)(failover|fanout|discovery|static|jgroups|udp|multicast|peer):.*"
              + "|.*[?&(](failover\\.\\w+|reconnectAttempts|initialConnectAttempts|ha"
              + "|failoverAttempts|failoverOnInitialConnection|useTopologyForLoadBalancing)=.*");

  /** Options of any provider that {@code broker.tls} sets instead. */
  private static final Pattern OWN_TLS =
      Pattern.compile(
          "(?i).*[?&;(](transport\\.|socket\\.)?(sslEnabled=false|(keyStore\\w*|trustStore\\w*"
              + "|storeType|keyAlias|verifyHost(Name)?|trustAll|crlPath|contextProtocol|useOpenSSL"
              + "|sslProvider|sslContext|useDefaultSslContext|trustManagerFactoryPlugin"
              + "|forceSSLParameters)=.*).*");

  private static final String SSL_ENABLED = "sslEnabled=true";

  private BrokerUrl() {}

  /**
   * Validates a URL.
   *
   * @return a description of the allowed values if the URL is rejected; empty if it is valid
   */
  static Optional<String> objection(Provider provider, String url) {
    if (FAIL_OVER.matcher(url).matches()) {
      return Optional.of(
          "one broker's URL without fail-over (such as failover: or reconnectAttempts), because the"
              + " bridge reconnects by itself");
    }
    if (provider == Provider.RABBITMQ && url.contains("?")) {
      return Optional.of(
          "one broker's URL without options, such as amqp://broker.example.org:5672/vhost");
    }
    return isAddress(url, schemes(provider)) ? Optional.empty() : Optional.of(allowed(provider));
  }

  /**
   * Validates a URL beside {@code broker.tls}.
   *
   * @return a description of the allowed values if the URL has TLS settings of its own
   */
  static Optional<String> ownTls(String url) {
    return OWN_TLS.matcher(url).matches()
        ? Optional.of(
            "a URL without TLS settings of its own (such as trustStorePath, keyStorePassword,"
                + " verifyHost or trustAll), because broker.tls sets them")
        : Optional.empty();
  }

  /** Returns a valid URL with TLS turned on. */
  static String withTls(Provider provider, String url) {
    int colon = url.indexOf(':');
    String scheme = url.substring(0, colon).toLowerCase(Locale.ROOT);
    if (provider == Provider.ARTEMIS) {
      return url.contains(SSL_ENABLED)
          ? url
          : url + (url.indexOf('?') < 0 ? "?" : "&") + SSL_ENABLED;
    }
    String secure =
        switch (scheme) {
          case "tcp" -> "ssl";
          case "nio" -> "nio+ssl";
          case "amqp" -> "amqps";
          case "amqpws" -> "amqpwss";
          default -> scheme;
        };
    return secure + url.substring(colon);
  }

  /** Returns a description of the URLs that are allowed for a provider. */
  static String allowed(Provider provider) {
    return "one broker's URL such as %s, its scheme one of %s"
        .formatted(example(provider), String.join(", ", schemes(provider)));
  }

  private static boolean isAddress(String url, List<String> schemes) {
    try {
      URI uri = new URI(url);
      return uri.getScheme() != null
          && schemes.contains(uri.getScheme().toLowerCase(Locale.ROOT))
          && uri.getHost() != null
          && uri.getPort() <= 65_535;
    } catch (URISyntaxException notUrl) {
      return false;
    }
  }

  private static List<String> schemes(Provider provider) {
    return switch (provider) {
      case ACTIVEMQ -> List.of("tcp", "ssl", "nio", "nio+ssl");
      case ARTEMIS -> List.of("tcp");
      case RABBITMQ -> List.of("amqp", "amqps");
      case AMQP -> List.of("amqp", "amqps", "amqpws", "amqpwss");
      case EMBEDDED, JNDI, NONE -> List.of();
    };
  }

  private static String example(Provider provider) {
    return provider == Provider.AMQP || provider == Provider.RABBITMQ
        ? "amqp://broker.example.org:5672"
        : "tcp://broker.example.org:61616";
  }
}
