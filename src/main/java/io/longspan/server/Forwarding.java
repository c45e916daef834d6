package io.longspan.server;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.QuotedCSV;
import org.eclipse.jetty.util.HostPort;

/**
 * Forwarding information of trusted proxies, from {@code Forwarded} or from {@code
 * X-Forwarded-For}, {@code -Proto} and {@code -Host}.
 *
 * <p>Each proxy appends the address of its own client. So the lists are read from the end, as long
 * as the named client is itself a trusted proxy. Earlier entries are not trusted.
 *
 * @param client IP address of the client; {@link #UNKNOWN} if a proxy hid it; null if no header
 *     names a client
 * @param scheme {@code http} or {@code https}; null if not stated
 * @param host host and port as in {@code Host}; null if not stated
 */
record Forwarding(String client, String scheme, HostPort host) {

  /** Replaces an address that a proxy hides, or that cannot be parsed. */
  static final String UNKNOWN = "unknown";

  static final Forwarding NOTHING = new Forwarding(null, null, null);

  private static final String FORWARDED = "Forwarded";
  private static final String FOR = "X-Forwarded-For";
  private static final String PROTO = "X-Forwarded-Proto";
  private static final String HOST = "X-Forwarded-Host";

  private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");
  private static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");

  /**
   * Parses the headers of a request from a trusted proxy.
   *
   * @throws IllegalArgumentException if the headers are malformed, or if {@code Forwarded}
   *     contradicts the others. A proxy that writes one kind may pass on the client's headers of
   *     the other kind
   */
  static Forwarding read(HttpFields headers, TrustedProxies proxies) {
    Forwarding standard = readForwarded(headers, proxies);
    Forwarding common = readCommon(headers, proxies);
    return new Forwarding(
        agreed(standard.client, common.client),
        agreed(standard.scheme, common.scheme),
        agreed(standard.host, common.host));
  }

  private static <T> T agreed(T one, T other) {
    if (one != null && other != null && !Objects.equals(one.toString(), other.toString())) {
      throw new IllegalArgumentException("Forwarded and X-Forwarded-... contradict each other");
    }
    return one == null ? other : one;
  }

  private static Forwarding readForwarded(HttpFields headers, TrustedProxies proxies) {
    List<Forwarding> hops =
        headers.getCSV(FORWARDED, true).stream().map(Forwarding::element).toList();
    if (hops.isEmpty()) {
      return NOTHING;
    }
    int hop = hops.size() - 1;
    while (hop > 0 && isTrusted(hops.get(hop).client, proxies)) {
      hop--;
    }
    return hops.get(hop);
  }

  /** Parses an element of {@code Forwarded} (RFC 7239, section 4). */
  private static Forwarding element(String element) {
    String client = null;
    String scheme = null;
    HostPort host = null;
    for (String pair : pairs(element)) {
      int equals = pair.indexOf('=');
      if (equals < 1) {
        throw new IllegalArgumentException("an element of Forwarded is malformed");
      }
      String value = QuotedCSV.unquote(pair.substring(equals + 1).strip());
      switch (pair.substring(0, equals).strip().toLowerCase(Locale.ROOT)) {
        case "for" -> client = address(value);
        case "proto" -> scheme = scheme(value);
        case "host" -> host = new HostPort(value);
        default -> {
          // "by", and extensions
        }
      }
    }
    return new Forwarding(client, scheme, host);
  }

  /** Splits at semicolons outside quotes. */
  private static List<String> pairs(String element) {
    List<String> pairs = new ArrayList<>();
    StringBuilder pair = new StringBuilder();
    boolean quoted = false;
    for (char c : element.toCharArray()) {
      quoted ^= c == '"';
      if (c == ';' && !quoted) {
        pairs.add(pair.toString());
        pair.setLength(0);
      } else {
        pair.append(c);
      }
    }
    pairs.add(pair.toString());
    return pairs.stream().filter(text -> !text.isBlank()).toList();
  }

  private static Forwarding readCommon(HttpFields headers, TrustedProxies proxies) {
    List<String> clients = headers.getCSV(FOR, false).stream().map(Forwarding::address).toList();
    int hop = Math.max(0, clients.size() - 1);
    while (hop > 0 && isTrusted(clients.get(hop), proxies)) {
      hop--;
    }
    int fromEnd = Math.max(1, clients.size() - hop);
    String proto = fromEnd(headers.getCSV(PROTO, false), fromEnd);
    String host = fromEnd(headers.getCSV(HOST, false), fromEnd);
    return new Forwarding(
        clients.isEmpty() ? null : clients.get(hop),
        proto == null ? null : scheme(proto),
        host == null ? null : new HostPort(host));
  }

  /**
   * Returns a value by its position from the end. Some proxies replace these headers, so the list
   * may be shorter; then its first value counts.
   */
  private static String fromEnd(List<String> values, int position) {
    return values.isEmpty() ? null : values.get(Math.max(0, values.size() - position));
  }

  private static boolean isTrusted(String client, TrustedProxies proxies) {
    if (client == null || client.equals(UNKNOWN)) {
      return false;
    }
    try {
      return proxies.contains(InetAddress.getByName(client)); // a literal needs no lookup
    } catch (UnknownHostException x) {
      return false;
    }
  }

  private static String scheme(String proto) {
    return switch (proto.toLowerCase(Locale.ROOT)) {
      case "https", "wss" -> "https";
      case "http", "ws" -> "http";
      default -> null;
    };
  }

  /** Returns an IP address without port and brackets, or {@link #UNKNOWN}. */
  private static String address(String node) {
    String bare = node;
    if (node.startsWith("[")) {
      int end = node.indexOf(']');
      bare = end < 0 ? "" : node.substring(1, end);
    } else if (node.indexOf(':') == node.lastIndexOf(':') && node.contains(":")) {
      bare = node.substring(0, node.indexOf(':'));
    }
    if (!IPV4.matcher(bare).matches() && !IPV6.matcher(bare).matches()) {
      return UNKNOWN;
    }
    try {
      return InetAddress.getByName(bare).getHostAddress(); // a literal needs no lookup
    } catch (UnknownHostException x) {
      return UNKNOWN;
    }
  }
}
