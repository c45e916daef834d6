package io.longspan.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.longspan.tls.TestAuthority;
import io.longspan.tls.TestIdentity;
import java.nio.file.Path;
import java.util.Map;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Bayeux over TLS, while the certificate is renewed. */
@Timeout(120)
final class HttpsIT {
  private static final String EXPIRY = "longspan_tls_certificate_expiry_timestamp_seconds";

  private final TestAuthority authority = new TestAuthority("CA of the bridge");
  private SSLContext before;

  @TempDir Path folder;

  /** The clients of the tests use the context of the JVM. */
  @BeforeEach
  void trustTheAuthority() throws Exception {
    before = SSLContext.getDefault();
    SSLContext.setDefault(authority.clientContext());
  }

  @AfterEach
  void trustAsBefore() {
    SSLContext.setDefault(before);
  }

  private void write(TestIdentity identity) {
    identity.certificatePem(folder.resolve("cert.pem"));
    identity.keyPem(folder.resolve("key.pem"));
  }

  private static double expiry(TestIdentity identity) {
    return identity.chain().get(0).getNotAfter().getTime() / 1000;
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void sessionsStayWhileTheCertificateIsRenewed(Transport transport) {
    TestIdentity first = authority.issue("first", "127.0.0.1");
    write(first);
    try (TestBridge bridge =
            TestBridge.start(
                Map.of(
                    "http.tls.certificate", folder.resolve("cert.pem").toString(),
                    "http.tls.key", folder.resolve("key.pem").toString()));
        RawBayeuxClient alice = bridge.connected(transport, "alice")) {
      assertThat(bridge.cometd().getScheme()).isEqualTo("https");
      assertThat(bridge.metric(EXPIRY)).isEqualTo(expiry(first));
      alice.subscribe("chat/tls");
      alice.send("chat/tls", Map.of(), "before");
      alice.awaitData(data -> "before".equals(data.get("body")));

      TestIdentity second = authority.issueRsa("second", "127.0.0.1");
      write(second);
      await().until(() -> bridge.metric(EXPIRY) == expiry(second));

      alice.send("chat/tls", Map.of(), "after");
      alice.awaitData(data -> "after".equals(data.get("body")));
      try (RawBayeuxClient bob = bridge.connected(transport, "bob")) {
        bob.subscribe("chat/tls");
        alice.send("chat/tls", Map.of(), "to both");
        bob.awaitData(data -> "to both".equals(data.get("body")));
      }

      authority.issue("without its key", "127.0.0.1").certificatePem(folder.resolve("cert.pem"));
      await().until(() -> bridge.metric("longspan_tls_certificate_failures_total") == 1);
      assertThat(bridge.metric(EXPIRY)).isEqualTo(expiry(second));
      bridge.connected(transport, "bob").close();
    }
  }
}
