package io.longspan.tls;

import io.netty.handler.ssl.SslContextBuilder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Collections;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManagerFactory;

/**
 * A file with certificates, and optionally a private key, in PEM or PKCS#12. The content decides
 * which of the two it is. It is read anew by each call, so a replaced file is used at once.
 *
 * <p>May be used on any thread; blocks on the file system.
 *
 * @param path the file
 * @param password its password; empty for none. In PEM the password of an encrypted private key;
 *     never shown
 */
public record StoreFile(Path path, String password) {
  /** Maximum size of a file, in bytes; the bundle of a Linux distribution has about 250 KiB. */
  static final long MAX_BYTES = 4 << 20;

  private static final String PEM_MARK = "-----BEGIN ";
  private static final int DER_SEQUENCE = 0x30;

  /** Adds all certificates of the file to the trusted ones. */
  void trust(SslContextBuilder builder) throws IOException, GeneralSecurityException {
    byte[] content = content();
    if (isPem(content)) {
      try {
        builder.trustManager(stream(content));
      } catch (IllegalArgumentException unreadable) {
        throw reason(unreadable);
      }
      return;
    }
    KeyStore store = pkcs12(content);
    if (store.size() == 0) {
      throw new IOException(
          "no certificate that is marked as trusted; add it with keytool -importcert, or use PEM");
    }
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    builder.trustManager(factory);
  }

  /** Sets the private key and the certificate chain with which the client identifies itself. */
  void identify(SslContextBuilder builder) throws IOException, GeneralSecurityException {
    byte[] content = content();
    if (isPem(content)) {
      requirePkcs8(content);
      try {
        builder.keyManager(stream(content), stream(content), password.isEmpty() ? null : password);
      } catch (IllegalArgumentException unreadable) {
        throw reason(unreadable);
      }
      return;
    }
    KeyStore store = pkcs12(content);
    if (!hasKey(store)) {
      throw new IOException("no private key");
    }
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(store, password.toCharArray());
    builder.keyManager(factory);
  }

  private byte[] content() throws IOException {
    if (Files.size(path) > MAX_BYTES) {
      throw new IOException("larger than " + MAX_BYTES + " bytes");
    }
    return Files.readAllBytes(path);
  }

  private static InputStream stream(byte[] content) {
    return new ByteArrayInputStream(content);
  }

  private static boolean isPem(byte[] content) {
    return text(content).contains(PEM_MARK);
  }

  private static String text(byte[] content) {
    return new String(content, StandardCharsets.ISO_8859_1);
  }

  private static void requirePkcs8(byte[] content) throws IOException {
    String text = text(content);
    if (!text.contains(PEM_MARK + "PRIVATE KEY") && !text.contains("ENCRYPTED PRIVATE KEY")) {
      throw new IOException(
          text.contains(" PRIVATE KEY-----")
              ? "the private key is not PKCS#8; convert it with openssl pkcs8 -topk8"
              : "no private key");
    }
  }

  private KeyStore pkcs12(byte[] content) throws IOException, GeneralSecurityException {
    if (content.length == 0 || content[0] != DER_SEQUENCE) {
      throw new IOException("neither PEM nor PKCS#12");
    }
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(stream(content), password.toCharArray());
    return store;
  }

  private static boolean hasKey(KeyStore store) throws GeneralSecurityException {
    for (String alias : Collections.list(store.aliases())) {
      if (store.isKeyEntry(alias)) {
        return true;
      }
    }
    return false;
  }

  /** Netty hides the reason in the cause. */
  private static GeneralSecurityException reason(IllegalArgumentException failure) {
    Throwable cause = failure.getCause() == null ? failure : failure.getCause();
    return new GeneralSecurityException(cause.getMessage(), failure);
  }

  /** Returns a text without the password. */
  @Override
  public String toString() {
    return path.toString();
  }
}
