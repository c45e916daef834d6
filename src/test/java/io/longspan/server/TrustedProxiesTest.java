package io.longspan.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TrustedProxiesTest {
  private static boolean contains(String network, String address) throws UnknownHostException {
    return new TrustedProxies(List.of("192.0.2.1", network))
        .contains(new InetSocketAddress(InetAddress.getByName(address), 1));
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8, 10.255.0.1, true",
    "10.0.0.0/8, 11.0.0.1, false",
    "10.1.2.3/8, 10.9.9.9, true",
    "10.128.0.0/9, 10.127.255.255, false",
    "10.128.0.0/9, 10.128.0.0, true",
    "10.1.2.3/32, 10.1.2.3, true",
    "10.1.2.3/31, 10.1.2.2, true",
    "10.1.2.3, 10.1.2.2, false",
    "0.0.0.0/0, 198.51.100.1, true",
    "0.0.0.0/0, ::1, false",
    "::1, ::1, true",
    "::1, 0.0.0.1, false",
    "2001:db8::/33, 2001:db8:7fff::1, true",
    "2001:db8::/33, 2001:db8:8000::1, false",
    "10.0.0.0/8, ::ffff:10.1.2.3, true",
  })
  void aNetworkHoldsWhatHasItsPrefix(String network, String address, boolean expected)
      throws UnknownHostException {
    assertThat(contains(network, address)).isEqualTo(expected);
    assertThat(contains(network, "192.0.2.1")).isTrue();
  }

  @Test
  void anEmptySetAndAnAddressThatIsNotKnownAreNotTrusted() {
    assertThat(new TrustedProxies(List.of()).contains(new InetSocketAddress("127.0.0.1", 1)))
        .isFalse();
    assertThat(
            new TrustedProxies(List.of("0.0.0.0/0"))
                .contains(InetSocketAddress.createUnresolved("proxy", 1)))
        .isFalse();
  }
}
