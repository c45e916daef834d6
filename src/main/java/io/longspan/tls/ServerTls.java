package io.longspan.tls;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyException;
import java.security.PrivateKey;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * The PEM files with which the bridge identifies itself as a server. They are read anew by each
 * call, so replaced files are used at once. May be used on any thread; blocks on the file system.
 *
 * @param certificate the file of the certificate chain, which starts with the server's certificate
 * @param key the file of the private key: RSA or EC, not encrypted; it may be the same file
 */
public record ServerTls(Path certificate, Path key) {

  /**
   * Reads the certificate chain.
   *
   * @return the chain; its first certificate is valid now
   * @throws TlsFileException if the file cannot be used; names the file and the reason
   */
  public List<X509Certificate> chain() throws TlsFileException {
    try {
      List<X509Certificate> chain = Pem.certificates(text(certificate));
      requireValid(chain.get(0));
      return chain;
    } catch (IOException | GeneralSecurityException unusable) {
      throw new TlsFileException(certificate, unusable);
    }
  }

  /**
   * Reads both files.
   *
   * @return the certificate chain with its key
   * @throws TlsFileException if a file cannot be used, or if they do not belong together
   */
  public ServerIdentity identity() throws TlsFileException {
    List<X509Certificate> chain = chain();
    try {
      PrivateKey read = Pem.privateKey(text(key), chain.get(0).getPublicKey());
      ServerIdentity identity = new ServerIdentity(chain, read);
      if (!identity.isPair()) {
        throw new KeyException(
            "the private key does not belong to the first certificate of " + certificate);
      }
      return identity;
    } catch (IOException | GeneralSecurityException unusable) {
      throw new TlsFileException(key, unusable);
    }
  }

  private static String text(Path file) throws IOException {
    if (Files.size(file) > StoreFile.MAX_BYTES) {
      throw new IOException("larger than " + StoreFile.MAX_BYTES + " bytes");
    }
    // PEM is ASCII; other bytes can only be in comments.
    return Files.readString(file, StandardCharsets.ISO_8859_1);
  }

  private static void requireValid(X509Certificate own) throws GeneralSecurityException {
    try {
      own.checkValidity();
    } catch (CertificateExpiredException expired) {
      throw new GeneralSecurityException(
          "the certificate has expired: it was valid until " + own.getNotAfter().toInstant(),
          expired);
    } catch (CertificateNotYetValidException early) {
      throw new GeneralSecurityException(
          "the certificate is not valid yet: it is valid from " + own.getNotBefore().toInstant(),
          early);
    }
  }
}
