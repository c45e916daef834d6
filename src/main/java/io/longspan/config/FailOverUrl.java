package io.longspan.config;

import io.longspan.config.LongspanConfig.AddressOrder;
import io.longspan.config.LongspanConfig.Provider;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A URL that lists several addresses of one broker in a provider's own form: {@code
 * failover:(tcp://a,tcp://b)?randomize=false} of ActiveMQ and Qpid JMS, {@code
 * (tcp://a,tcp://b)?ha=true} of Artemis.
 *
 * <p>The bridge does the fail-over itself. So it takes over the addresses, the order and the
 * options of a single connection, and ignores the options of the provider's fail-over.
 *
 * @param urls the URLs, each with the options of a single connection
 * @param order the order in which the provider would try them
 */
record FailOverUrl(List<String> urls, AddressOrder order) {
  private static final Pattern FORM =
      Pattern.compile("(?i)(failover:(?://)?)?\\(([^()]*)\\)(?:\\?(.*))?");

  private static final Pattern FAIL_OVER_OPTION =
      Pattern.compile(
          "(?i)(failover\\.|reconnectAttempts|initialConnectAttempts|ha=|failoverAttempts"
              + "|failoverOnInitialConnection|useTopologyForLoadBalancing|retryInterval"
              + "|maxRetryInterval|connectionLoadBalancingPolicyClassName).*");

  /**
   * Reads a URL.
   *
   * @return empty if the URL is no list of the provider's form
   */
  static Optional<FailOverUrl> read(Provider provider, String url) {
    Matcher matcher = FORM.matcher(url.strip());
    boolean prefixed = provider != Provider.ARTEMIS;
    if (!matcher.matches() || prefixed != (matcher.group(1) != null)) {
      return Optional.empty();
    }
    List<String> options =
        matcher.group(3) == null ? List.of() : List.of(matcher.group(3).split("&"));
    List<String> shared =
        options.stream()
            .map(option -> ofEachAddress(provider, option))
            .flatMap(Optional::stream)
            .toList();
    List<String> urls =
        Arrays.stream(matcher.group(2).split(",", -1))
            .map(address -> withOptions(address.strip(), shared))
            .toList();
    return Optional.of(new FailOverUrl(urls, order(provider, options)));
  }

  /** Returns a copy with other URLs. */
  FailOverUrl map(UnaryOperator<String> change) {
    return new FailOverUrl(urls.stream().map(change).toList(), order);
  }

  /** Returns an option of the list as an option of each address; empty if it is not used. */
  private static Optional<String> ofEachAddress(Provider provider, String option) {
    return switch (provider) {
      case ACTIVEMQ ->
          option.startsWith("nested.")
              ? Optional.of(option.substring("nested.".length()))
              : Optional.of(option).filter(o -> o.startsWith("jms."));
      case AMQP ->
          option.startsWith("failover.nested.")
              ? Optional.of(option.substring("failover.nested.".length()))
              : Optional.of(option).filter(o -> !FAIL_OVER_OPTION.matcher(o).matches());
      default -> Optional.of(option).filter(o -> !FAIL_OVER_OPTION.matcher(o).matches());
    };
  }

  private static String withOptions(String address, List<String> shared) {
    String[] parts = address.split("\\?", 2);
    List<String> options = new ArrayList<>();
    if (parts.length > 1) {
      Arrays.stream(parts[1].split("&"))
          .filter(option -> !FAIL_OVER_OPTION.matcher(option).matches())
          .forEach(options::add);
    }
    options.addAll(shared);
    return options.isEmpty() ? parts[0] : parts[0] + "?" + String.join("&", options);
  }

  /** Returns the order of the provider: ActiveMQ tries the addresses at random by default. */
  private static AddressOrder order(Provider provider, List<String> options) {
    return options.stream()
            .map(option -> option.toLowerCase(Locale.ROOT))
            .filter(option -> option.matches("(failover\\.)?randomize=(true|false)"))
            .map(option -> option.endsWith("true"))
            .reduce((first, last) -> last)
            .orElse(provider == Provider.ACTIVEMQ)
        ? AddressOrder.RANDOM
        : AddressOrder.IN_ORDER;
  }
}
