package io.longspan.jms;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;

final class AddressProbeTest {

  @Test
  void theReasonIsNamed() throws IOException {
    int port;
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = server.getLocalPort();
      assertThat(AddressProbe.problem("tcp://127.0.0.1:" + port + "?x=y"))
          .startsWith("the address accepts connections");
    }
    assertThat(AddressProbe.problem("tcp://127.0.0.1:" + port)).isEqualTo("Connection refused");
    assertThat(AddressProbe.problem("tcp://no-such-host.invalid:1"))
        .isEqualTo("unknown host no-such-host.invalid");
    assertThat(AddressProbe.problem("tcp://a:b%zz@c")).isEqualTo("not a URL");
    assertThat(AddressProbe.problem("tcp://a_b")).isEqualTo("no host in the URL");
  }
}
