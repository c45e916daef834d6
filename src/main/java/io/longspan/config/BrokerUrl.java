package io.longspan.config;

import io.longspan.config.LongspanConfig.Provider;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What {@code broker.url} may be: one broker's address, with the provider's own options.
 *
 * <p>A provider's fail-over is refused, since it would hide an outage from the bridge: some
 * providers then block a send, and one changes the name of the reply address inside a live object.
 */
final class BrokerUrl {

  private static final Pattern FAIL_OVER =
      Pattern.compile(
          "(?i)(failover|fanout|discovery|static|jgroups|udp|multicast|peer):.*"
              + "|.*[?&(](failover\\.\\w+|reconnectAttempts|initialConnectAttempts|ha"
              + "|failoverAttempts|failoverOnInitialConnection|useTopologyForLoadBalancing)=.*");

  private BrokerUrl() {}

  /**
   * Checks a URL.
   *
   * @return what is allowed instead; empty if the URL is fit for the provider
   */
  static Optional<String> objection(Provider provider, String url) {
    if (FAIL_OVER.matcher(url).matches()) {
      return Optional.of(
          "one broker's URL without fail-over (such as failover: or reconnectAttempts), because the"
              + " bridge reconnects by itself");
    }
    return isAddress(url, schemes(provider)) ? Optional.empty() : Optional.of(allowed(provider));
  }

  /** What is allowed for a provider. */
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
      case AMQP -> List.of("amqp", "amqps", "amqpws", "amqpwss");
      case EMBEDDED, JNDI -> List.of();
    };
  }

  private static String example(Provider provider) {
    return provider == Provider.AMQP
        ? "amqp://broker.example.org:5672"
        : "tcp://broker.example.org:61616";
  }
}
