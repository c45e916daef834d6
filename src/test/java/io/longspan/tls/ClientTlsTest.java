package io.longspan.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Security;
import java.util.Arrays;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each form of file, in a real handshake; and the texts of files that cannot be used. */
final class ClientTlsTest {
  private final TestAuthority authority = new TestAuthority("test CA");

  @TempDir Path folder;

  private static Optional<StoreFile> file(Path path, String password) {
    return Optional.of(new StoreFile(path, password));
  }

  private Optional<StoreFile> trust() {
    return file(TestIdentity.trustPem(folder.resolve("ca.pem"), authority.certificate()), "");
  }

  @Test
  void eachFormOfAKeyStoreIdentifiesTheClient() throws Exception {
    TestIdentity client = authority.issue("client");
    for (Optional<StoreFile> keyStore :
        Arrays.asList(
            file(client.pem(folder.resolve("client.pem")), ""),
            file(client.pem(folder.resolve("encrypted.pem"), "secret"), "secret"),
            file(client.pkcs12(folder.resolve("client.p12"), "secret"), "secret"),
            file(client.pkcs12(folder.resolve("open.p12"), ""), ""),
            file(authority.issueRsa("client").pem(folder.resolve("rsa.pem")), ""))) {
      assertThat(handshake(trust(), keyStore)).as(keyStore.toString()).isEqualTo("CN=client");
    }
  }

  @Test
  void eachFormOfATrustStoreIsTrusted() throws Exception {
    TestAuthority other = new TestAuthority("other CA");
    Optional<StoreFile> keyStore =
        file(authority.issue("client").pem(folder.resolve("client.pem")), "");
    for (Optional<StoreFile> trustStore :
        Arrays.asList(
            file(
                TestIdentity.trustPem(
                    folder.resolve("two.pem"), other.certificate(), authority.certificate()),
                ""),
            file(
                TestIdentity.trustPkcs12(
                    folder.resolve("two.p12"),
                    "secret",
                    other.certificate(),
                    authority.certificate()),
                "secret"))) {
      assertThat(handshake(trustStore, keyStore)).as(trustStore.toString()).isEqualTo("CN=client");
    }
    Optional<StoreFile> wrong =
        file(TestIdentity.trustPem(folder.resolve("other.pem"), other.certificate()), "");
    Exception failure = catchThrowableOfType(Exception.class, () -> handshake(wrong, keyStore));
    assertThat(HandshakeFailure.text(failure, true)).get().asString().contains("unknown CA");
  }

  @Test
  void eachContextUsesThePresentContent() throws Exception {
    Path file = folder.resolve("client.pem");
    ClientTls tls = new ClientTls(trust(), file(authority.issue("first").pem(file), ""), true);
    assertThat(handshake(tls)).isEqualTo("CN=first");
    authority.issue("second").pem(file);
    assertThat(handshake(tls)).isEqualTo("CN=second");
  }

  @Test
  void noSecurityProviderIsAddedToTheJvm() throws Exception {
    int before = Security.getProviders().length;
    handshake(trust(), file(authority.issue("client").pem(folder.resolve("client.pem")), ""));
    assertThat(Security.getProviders()).hasSize(before);
  }

  @Test
  void whatCannotBeUsedIsNamed() throws IOException {
    TestIdentity client = authority.issue("client");
    Path pem = client.pem(folder.resolve("client.pem"));
    Path trust = folder.resolve("ca.pem");
    TestIdentity.trustPem(trust, authority.certificate());
    Path text = Files.writeString(folder.resolve("text"), "no certificate");
    Path broken =
        Files.writeString(
            folder.resolve("broken.pem"),
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");

    assertThat(keyError(folder.resolve("none"), "")).endsWith("none: there is no such file");
    assertThat(keyError(text, "")).endsWith("text: neither PEM nor PKCS#12");
    assertThat(keyError(trust, "")).endsWith("ca.pem: no private key");
    assertThat(keyError(client.oldPem(folder.resolve("old.pem")), ""))
        .contains("old.pem: the private key is not PKCS#8; convert it with openssl pkcs8 -topk8");
    assertThat(keyError(client.pem(folder.resolve("e.pem"), "secret"), "wrong"))
        .contains("e.pem: ");
    assertThat(keyError(client.pem(folder.resolve("e.pem"), "secret"), "")).contains("e.pem: ");
    assertThat(keyError(client.pkcs12(folder.resolve("c.p12"), "secret"), "wrong"))
        .endsWith("c.p12: keystore password was incorrect");
    assertThat(
            keyError(
                TestIdentity.trustPkcs12(
                    folder.resolve("t.p12"), "secret", authority.certificate()),
                "secret"))
        .endsWith("t.p12: no private key");

    assertThat(trustError(text, "")).endsWith("text: neither PEM nor PKCS#12");
    assertThat(trustError(broken, "")).contains("broken.pem: ").doesNotContain("\n");
    assertThat(
            trustError(TestIdentity.trustPkcs12(folder.resolve("empty.p12"), "secret"), "secret"))
        .contains("empty.p12: no certificate that is marked as trusted");
    assertThat(trustError(folder, "")).contains(folder.toString());
    assertThat(pem).exists();
  }

  private static String keyError(Path path, String password) {
    return error(new ClientTls(Optional.empty(), file(path, password), true));
  }

  private static String trustError(Path path, String password) {
    return error(new ClientTls(file(path, password), Optional.empty(), true));
  }

  private static String error(ClientTls tls) {
    TlsFileException failure = catchThrowableOfType(TlsFileException.class, tls::context);
    assertThat(failure).as(tls.toString()).isNotNull();
    assertThat(failure.getMessage()).doesNotContain("secret").doesNotContain("wrong");
    return failure.getMessage();
  }

  @Test
  void passwordsAreNotShown() {
    assertThat(
            new ClientTls(file(Path.of("a"), "hunter2"), file(Path.of("b"), "hunter2"), true)
                .toString())
        .doesNotContain("hunter2");
  }

  private String handshake(Optional<StoreFile> trust, Optional<StoreFile> key) throws Exception {
    return handshake(new ClientTls(trust, key, true));
  }

  /** Connects to a server that requires a client certificate; returns what the server sees. */
  private String handshake(ClientTls tls) throws Exception {
    SSLContext server =
        new ClientTls(
                file(TestIdentity.trustPem(folder.resolve("s.pem"), authority.certificate()), ""),
                file(authority.issue("server", "localhost").pem(folder.resolve("server.pem")), ""),
                false)
            .context();
    try (SSLServerSocket listening =
        (SSLServerSocket) server.getServerSocketFactory().createServerSocket(0)) {
      listening.setNeedClientAuth(true);
      String[] seen = new String[1];
      Thread accepting =
          new Thread(
              () -> {
                try (SSLSocket accepted = (SSLSocket) listening.accept()) {
                  accepted.startHandshake();
                  seen[0] = accepted.getSession().getPeerPrincipal().getName();
                  accepted.getOutputStream().write(1);
                } catch (IOException failed) {
                  seen[0] = failed.toString();
                }
              });
      accepting.start();
      try (SSLSocket socket =
          (SSLSocket)
              tls.context()
                  .getSocketFactory()
                  .createSocket("localhost", listening.getLocalPort())) {
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        int ignored = socket.getInputStream().read();
      } finally {
        accepting.join();
      }
      return seen[0];
    }
  }
}
