package io.longspan.web;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** A list of IP addresses, whatever the form in which each is written. */
final class AddressList {
  private final Set<InetAddress> addresses;

  /**
   * Creates a list.
   *
   * @param literals IP addresses as text; no host names
   */
  AddressList(List<String> literals) {
    this.addresses =
        literals.stream().map(AddressList::parse).collect(Collectors.toUnmodifiableSet());
  }

  /** Returns whether an address is in the list; text that is no address is not. */
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
