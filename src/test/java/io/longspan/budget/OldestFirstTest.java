package io.longspan.budget;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.junit.jupiter.api.Test;

final class OldestFirstTest {
  private final OldestFirst<String> entries = new OldestFirst<>(4, 2);

  @Test
  void theOldestOfAnAddressGivesWayToTheNewestOfThatAddress() {
    assertThat(entries.add("a", "a1", 1)).isEmpty();
    assertThat(entries.add("b", "b1", 1)).isEmpty();
    assertThat(entries.add("a", "a2", 1)).isEmpty();
    assertThat(entries.add("a", "a3", 1)).containsExactly("a1");
    assertThat(entries.add("a", "a4", 1)).containsExactly("a2");
    assertThat(entries.size()).isEqualTo(3);
  }

  @Test
  void theOldestOfAllGivesWayWhereAddressesAreMany() {
    for (String address : new String[] {"a", "b", "c", "d"}) {
      assertThat(entries.add(address, address + 1, 1)).isEmpty();
    }
    assertThat(entries.add("e", "e1", 1)).containsExactly("a1");
    assertThat(entries.add("f", "f1", 1)).containsExactly("b1");
    assertThat(entries.size()).isEqualTo(4);
  }

  @Test
  void whatGrowsDisplacesTheOldestAndAtLastItself() {
    entries.add("a", "a1", 1);
    entries.add("a", "a2", 1);
    entries.add("b", "b1", 1);
    assertThat(entries.weigh("a2", 2)).containsExactly("a1");
    assertThat(entries.weigh("a2", 3)).containsExactly("a2");
    assertThat(entries.weigh("a2", 1)).isEmpty();
    assertThat(entries.size()).isEqualTo(1);
  }

  @Test
  void whatIsRenewedIsTheYoungest() {
    entries.add("a", "a1", 1);
    entries.add("a", "a2", 1);
    assertThat(entries.renew("a1", 1)).isEmpty();
    assertThat(entries.add("a", "a3", 1)).containsExactly("a2");
    assertThat(entries.renew("a2", 1)).isEmpty();
    assertThat(entries.size()).isEqualTo(2);
  }

  @Test
  void whatIsRemovedMakesRoom() {
    entries.add("a", "a1", 1);
    entries.add("a", "a2", 1);
    assertThat(entries.remove("a1")).isTrue();
    assertThat(entries.remove("a1")).isFalse();
    assertThat(entries.add("a", "a3", 1)).isEmpty();
  }

  @Test
  void aNetworkOfVersion6IsOneAddressHoweverItIsWritten() throws UnknownHostException {
    assertThat(RemoteNetwork.of("[2001:db8:1:2::1]"))
        .isEqualTo(RemoteNetwork.of("2001:db8:1:2:ffff::9%eth0"))
        .isEqualTo(RemoteNetwork.of(InetAddress.getByName("2001:db8:1:2::3")))
        .isNotEqualTo(RemoteNetwork.of("2001:db8:1:3::1"));
    assertThat(RemoteNetwork.of("192.0.2.1")).isEqualTo("192.0.2.1");
    assertThat(RemoteNetwork.of("::ffff:192.0.2.1")).isEqualTo("192.0.2.1");
    assertThat(List.of("unknown", "abc.de", "999.1.1.1", "1.2.3.4.5", ".:"))
        .allSatisfy(name -> assertThat(RemoteNetwork.of(name)).isEqualTo(name));
  }
}
