package io.longspan.budget;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * What a remote address counts for: itself, or the first half of an IPv6 address, since whoever has
 * one address of IPv6 usually has a whole /64.
 */
public final class RemoteNetwork {
  private static final Pattern ADDRESS = Pattern.compile("\\[?([0-9A-Fa-f:.]+)(%[^\\]]*)?]?");
  private static final int NETWORK_BYTES = 8;

  private RemoteNetwork() {}

  /** Returns the network of an address. */
  public static String of(InetAddress address) {
    return address instanceof Inet6Address
        ? HexFormat.of().formatHex(address.getAddress(), 0, NETWORK_BYTES) + "::/64"
        : address.getHostAddress();
  }

  /**
   * Returns the network of an address that is given as text, with or without brackets; any other
   * text stands for itself.
   */
  public static String of(String address) {
    var matcher = ADDRESS.matcher(address);
    if (!matcher.matches()) {
      return address;
    }
    try {
      return of(InetAddress.getByName(matcher.group(1)));
    } catch (UnknownHostException malformed) {
      return address;
    }
  }
}
