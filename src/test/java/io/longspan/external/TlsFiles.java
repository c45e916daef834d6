package io.longspan.external;

import io.longspan.external.TlsBroker.Door;
import io.longspan.tls.ClientTls;
import io.longspan.tls.StoreFile;
import io.longspan.tls.TestAuthority;
import io.longspan.tls.TestIdentity;
import io.longspan.tls.TlsFileException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/** The certificates of a {@link TlsBroker} and of its clients, in a folder of their own. */
public final class TlsFiles {
  public static final String PASSWORD = "changeit";

  private static final String HOST = "localhost";

  private final TestAuthority authority = new TestAuthority("CA of the brokers");
  private final Path folder;

  public TlsFiles() {
    try {
      Path parent = Files.createDirectories(Path.of("target", "brokers").toAbsolutePath());
      folder = Files.createTempDirectory(parent, "tls-");
    } catch (IOException x) {
      throw new UncheckedIOException(x);
    }
    TestIdentity server = authority.issue("broker", HOST);
    server.pkcs12(keyStore(Door.RIGHT), PASSWORD);
    server.pkcs12(keyStore(Door.CLIENT), PASSWORD);
    authority.issueExpired("broker", HOST).pkcs12(keyStore(Door.EXPIRED), PASSWORD);
    authority.issue("broker", "other.example.org").pkcs12(keyStore(Door.OTHER_HOST), PASSWORD);
    new TestAuthority("CA of a stranger")
        .issue("broker", HOST)
        .pkcs12(keyStore(Door.UNKNOWN_CA), PASSWORD);
    TestIdentity.trustPkcs12(trustPkcs12(), PASSWORD, authority.certificate());
    TestIdentity.trustPem(trustPem(), authority.certificate());
    authority.issue("bridge").pkcs12(clientPkcs12(), PASSWORD);
    authority.issue("bridge").pem(clientPem());
    authority.issueExpired("bridge").pem(expiredClientPem());
  }

  /** Returns the PKCS#12 file with the certificate of a connector. */
  public Path keyStore(Door door) {
    return folder.resolve(door + ".p12");
  }

  public Path trustPkcs12() {
    return folder.resolve("ca.p12");
  }

  public Path trustPem() {
    return folder.resolve("ca.pem");
  }

  public Path clientPkcs12() {
    return folder.resolve("client.p12");
  }

  public Path clientPem() {
    return folder.resolve("client.pem");
  }

  public Path expiredClientPem() {
    return folder.resolve("expired-client.pem");
  }

  public Path folder() {
    return folder;
  }

  /** Issues the certificate of {@link Door#RIGHT} anew, by another CA, which it returns. */
  public TestAuthority replaceServer() {
    TestAuthority next = new TestAuthority("next CA of the brokers");
    next.issue("broker", HOST).pkcs12(keyStore(Door.RIGHT), PASSWORD);
    return next;
  }

  /** Trusts another CA beside the first one. */
  public void trustAlso(TestAuthority next) {
    TestIdentity.trustPem(trustPem(), authority.certificate(), next.certificate());
  }

  /** Returns what a server in this process needs for a connector. */
  SSLContext serverContext(Door door) {
    try {
      return new ClientTls(
              Optional.of(new StoreFile(trustPkcs12(), PASSWORD)),
              Optional.of(new StoreFile(keyStore(door), PASSWORD)),
              false)
          .context();
    } catch (TlsFileException x) {
      throw new IllegalStateException(x);
    }
  }
}
