package io.longspan.tls;

import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/**
 * How the bridge uses TLS as a client.
 *
 * @param trustStore the CAs whose certificates are accepted; empty for the default of the JVM
 * @param keyStore the certificate of the bridge and its private key; empty for none
 * @param verifyHostname whether the server's certificate must be issued for the host in the URL
 */
public record ClientTls(
    Optional<StoreFile> trustStore, Optional<StoreFile> keyStore, boolean verifyHostname) {

  /**
   * Creates a context from what the files contain now. Blocks on the file system; may be called on
   * any thread.
   *
   * @throws TlsFileException if a file cannot be used; names the file and the reason
   */
  public SSLContext context() throws TlsFileException {
    SslContextBuilder builder = SslContextBuilder.forClient().sslProvider(SslProvider.JDK);
    if (trustStore.isPresent()) {
      read(trustStore.get(), file -> file.trust(builder));
    }
    if (keyStore.isPresent()) {
      read(keyStore.get(), file -> file.identify(builder));
    }
    try {
      return ((JdkSslContext) builder.build()).context();
    } catch (IOException unusable) {
      throw new TlsFileException(
          keyStore.or(() -> trustStore).map(StoreFile::path).orElse(null), unusable);
    }
  }

  /**
   * Checks that the trust store can be used now.
   *
   * @throws TlsFileException if it cannot
   */
  public void requireTrustStore() throws TlsFileException {
    new ClientTls(trustStore, Optional.empty(), verifyHostname).context();
  }

  private interface Use {
    void of(StoreFile file) throws IOException, GeneralSecurityException;
  }

  private static void read(StoreFile file, Use use) throws TlsFileException {
    try {
      use.of(file);
    } catch (IOException | GeneralSecurityException unusable) {
      throw new TlsFileException(file.path(), unusable);
    }
  }
}
