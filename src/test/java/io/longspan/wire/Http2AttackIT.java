package io.longspan.wire;

import io.longspan.tls.TestAuthority;
import io.longspan.tls.TestIdentity;
import java.nio.file.Path;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.Map;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.io.TempDir;

/**
 * Attacks by clients over TLS, on bridges with HTTP/2. Long polling is then HTTP/2; WebSockets and
 * raw requests are HTTP/1.1 over TLS. {@code server.Http2AttacksTest} attacks the frames.
 */
final class Http2AttackIT extends AttackSuite
    implements CredentialAttacks,
        CrossSiteAttacks,
        DisclosureAttacks,
        FairnessAttacks,
        FloodAttacks,
        ForgeryAttacks,
        HostileInputAttacks,
        IdentityAttacks,
        MemoryAttacks,
        RevocationAttacks {
  @TempDir static Path folder;

  private SSLContext usualContext;

  @Override
  TestBroker startBroker() {
    TestAuthority authority = new TestAuthority("CA of the bridge");
    TestIdentity identity = authority.issue("bridge", "127.0.0.1", "localhost");
    identity.certificatePem(folder.resolve("cert.pem"));
    identity.keyPem(folder.resolve("key.pem"));
    try {
      usualContext = SSLContext.getDefault();
    } catch (NoSuchAlgorithmException x) {
      throw new IllegalStateException(x);
    }
    SSLContext.setDefault(authority.clientContext());
    return new ActiveMqTestBroker();
  }

  @AfterAll
  void restoreContext() {
    SSLContext.setDefault(usualContext);
  }

  @Override
  public Map<String, String> bridgeSettings() {
    Map<String, String> settings = new HashMap<>(broker().settings());
    settings.put("http.http2", "true");
    settings.put("http.tls.certificate", folder.resolve("cert.pem").toString());
    settings.put("http.tls.key", folder.resolve("key.pem").toString());
    return settings;
  }

  @Override
  public String fullQueue() {
    return ActiveMqTestBroker.SMALL_QUEUE;
  }
}
