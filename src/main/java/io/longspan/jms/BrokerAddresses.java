package io.longspan.jms;

import io.longspan.config.LongspanConfig.AddressOrder;
import io.longspan.config.LongspanConfig.Broker;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;

/**
 * The addresses at which a broker is tried. A name that stands for several IP addresses counts as
 * several addresses, because a provider's client tries only the first of them.
 *
 * <p>Used by the supervisor's thread. Blocks while it resolves names.
 */
final class BrokerAddresses {
  /** Schemes without TLS. A certificate is issued for a name, so names stay with TLS. */
  private static final Set<String> PLAIN = Set.of("tcp", "nio", "amqp");

  /** Resolves names. */
  interface Resolver {
    /** Returns the IP addresses of a host. */
    List<InetAddress> resolve(String host) throws UnknownHostException;
  }

  private final Broker broker;
  private final Resolver resolver;

  BrokerAddresses(Broker broker) {
    this(broker, host -> Arrays.asList(InetAddress.getAllByName(host)));
  }

  BrokerAddresses(Broker broker, Resolver resolver) {
    this.broker = broker;
    this.resolver = resolver;
  }

  /**
   * An address.
   *
   * @param position its place in the configured list, from 1
   * @param url its URL; the host may be an IP address of the configured name
   */
  record Address(int position, String url) {}

  /** Returns the addresses to try, each once, in the configured order. Resolves the names anew. */
  List<Address> round() {
    List<Address> addresses = new ArrayList<>();
    for (int i = 0; i < broker.urls().size(); i++) {
      addresses.add(new Address(i + 1, broker.urls().get(i)));
    }
    if (broker.order() == AddressOrder.RANDOM) {
      Collections.shuffle(addresses);
    }
    return addresses.stream()
        .flatMap(a -> resolved(a.url()).stream().map(url -> new Address(a.position(), url)))
        .toList();
  }

  /** Returns the URL with each IP address of its host; the URL itself if that is not possible. */
  private List<String> resolved(String url) {
    try {
      URI uri = new URI(url);
      if (!PLAIN.contains(String.valueOf(uri.getScheme()))
          || uri.getHost() == null
          || url.contains("sslEnabled=true")) {
        return List.of(url);
      }
      List<InetAddress> addresses = resolver.resolve(uri.getHost());
      return addresses.size() < 2
          ? List.of(url)
          : addresses.stream().map(address -> withHost(url, uri, address)).toList();
    } catch (URISyntaxException | UnknownHostException notResolved) {
      // The provider's client fails for the same reason, and says so.
      return List.of(url);
    }
  }

  private static String withHost(String url, URI uri, InetAddress address) {
    String literal = address.getHostAddress();
    String authority = uri.getRawAuthority();
    int start = url.indexOf(authority) + authority.lastIndexOf('@') + 1;
    return url.substring(0, start)
        + (literal.indexOf(':') < 0 ? literal : "[" + literal + "]")
        + url.substring(start + uri.getHost().length());
  }
}
