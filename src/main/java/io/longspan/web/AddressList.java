package io.longspan.web;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** A set of IP addresses, independent of their notation. */
final class AddressList {
  private final Set<InetAddress> addresses;

  /**
   * Creates a list.
   *
   * @param literals IP addresses as text, no host names
   * @throws IllegalArgumentException if a text is not an IP address
   */
  AddressList(List<String> literals) {
    this.addresses =
        literals.stream().map(AddressList::parse).collect(Collectors.toUnmodifiableSet());
  }

  /** Returns whether the list contains an address; false for text that is not an address. */
  boolean contains(String address) {
    try {
      return addresses.contains(parse(address));
    } catch (IllegalArgumentException noAddress) {
      return false;
    }
  }

  private static InetAddress parse(String literal) {
    String bare = literal.replaceAll("^\\[|]$", "").replaceFirst("%.*", "");
    if (!bare.matches("[0-9A-Fa-f:.]+")) {
      throw new IllegalArgumentException("'" + literal + "' is not an IP address");
    }
    try {
      return InetAddress.getByName(bare);
    } catch (UnknownHostException x) {
      throw new IllegalArgumentException("'" + literal + "' is not an IP address", x);
    }
  }
}
