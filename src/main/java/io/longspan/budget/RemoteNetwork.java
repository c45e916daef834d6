package io.longspan.budget;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * Maps a remote address to the network that limits are counted for. An IPv4 address counts alone.
 * An IPv6 address counts with its /64, because who has one IPv6 address usually has the whole /64.
 */
public final class RemoteNetwork {
  private static final String OCTET = "(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)";

  /** No host name matches: {@link InetAddress#getByName} would look it up, and block. */
  private static final Pattern ADDRESS =
      Pattern.compile(
          "((?:%s\\.){3}%s)|\\[?(?=[^%%]*:)([0-9A-Fa-f:][0-9A-Fa-f:.]*)(?:%%[^\\]]*)?]?"
              .formatted(OCTET, OCTET));

  private static final int NETWORK_BYTES = 8;

  private RemoteNetwork() {}

  /**
   * Returns the network of an address, in the form {@code 192.0.2.1} or {@code
   * 20010db800000000::/64}.
   */
  public static String of(InetAddress address) {
    return address instanceof Inet6Address
        ? HexFormat.of().formatHex(address.getAddress(), 0, NETWORK_BYTES) + "::/64"
        : address.getHostAddress();
  }

  /**
   * Returns the network of an address that is given as text.
   *
   * @param address an IP address, with or without brackets and zone
   * @return the network; the text itself if it is no IP address
   */
  public static String of(String address) {
    var matcher = ADDRESS.matcher(address);
    if (!matcher.matches()) {
      return address;
    }
    try {
      String literal = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
      return of(InetAddress.getByName(literal));
    } catch (UnknownHostException malformed) {
      return address;
    }
  }
}
