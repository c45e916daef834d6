package io.longspan.tls;

import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.PKCS8Generator;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.openssl.jcajce.JceOpenSSLPKCS8EncryptorBuilder;
import org.bouncycastle.operator.OperatorCreationException;

/**
 * A private key with its certificate chain, which can be written in each form that people use. A
 * file is replaced at once, as a careful operator does it.
 */
public record TestIdentity(PrivateKey key, List<X509Certificate> chain) {

  /** Writes the chain and the key, unencrypted, into one PEM file. */
  public Path pem(Path file) {
    return replace(file, pemOf(chain) + pemOf(List.of(pkcs8(null))));
  }

  /** Writes the chain and the encrypted key into one PEM file. */
  public Path pem(Path file, String password) {
    return replace(file, pemOf(List.of(pkcs8(password))) + pemOf(chain));
  }

  /** Writes the key in the older form that only its algorithm uses. */
  public Path oldPem(Path file) {
    return replace(file, pemOf(List.of(key)) + pemOf(chain));
  }

  /** Writes the chain alone. */
  public Path certificatePem(Path file) {
    return replace(file, pemOf(chain));
  }

  /** Writes the key alone. */
  public Path keyPem(Path file) {
    return replace(file, pemOf(List.of(pkcs8(null))));
  }

  /** Writes the encrypted key alone. */
  public Path keyPem(Path file, String password) {
    return replace(file, pemOf(List.of(pkcs8(password))));
  }

  /** Writes the key alone, in the older form that only its algorithm uses. */
  public Path oldKeyPem(Path file) {
    return replace(file, pemOf(List.of(key)));
  }

  /** Writes a PKCS#12 file. */
  public Path pkcs12(Path file, String password) {
    return store(
        file,
        password,
        store ->
            store.setKeyEntry(
                "own", key, password.toCharArray(), chain.toArray(Certificate[]::new)));
  }

  /** Writes certificates into one PEM file. */
  public static Path trustPem(Path file, X509Certificate... certificates) {
    return replace(file, "A comment, as in bundles.\n" + pemOf(List.of(certificates)));
  }

  /** Writes certificates, marked as trusted, into a PKCS#12 file. */
  public static Path trustPkcs12(Path file, String password, X509Certificate... certificates) {
    return store(
        file,
        password,
        store -> {
          for (int i = 0; i < certificates.length; i++) {
            store.setCertificateEntry("ca-" + i, certificates[i]);
          }
        });
  }

  private interface Filling {
    void fill(KeyStore store) throws GeneralSecurityException;
  }

  private static Path store(Path file, String password, Filling filling) {
    Path temporary = file.resolveSibling(file.getFileName() + ".new");
    try (OutputStream out = Files.newOutputStream(temporary)) {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      filling.fill(store);
      store.store(out, password.toCharArray());
    } catch (IOException | GeneralSecurityException x) {
      throw new IllegalStateException(x);
    }
    return move(temporary, file);
  }

  private static Path replace(Path file, String text) {
    Path temporary = file.resolveSibling(file.getFileName() + ".new");
    try {
      Files.writeString(temporary, text);
    } catch (IOException x) {
      throw new UncheckedIOException(x);
    }
    return move(temporary, file);
  }

  private static Path move(Path from, Path to) {
    try {
      return Files.move(
          from, to, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException x) {
      throw new UncheckedIOException(x);
    }
  }

  private Object pkcs8(String password) {
    try {
      return password == null
          ? new JcaPKCS8Generator(key, null)
          : new JcaPKCS8Generator(
              key,
              new JceOpenSSLPKCS8EncryptorBuilder(PKCS8Generator.AES_256_CBC)
                  .setProvider(new BouncyCastleProvider())
                  .setPassword(password.toCharArray())
                  .build());
    } catch (IOException | OperatorCreationException x) {
      throw new IllegalStateException(x);
    }
  }

  private static String pemOf(List<?> objects) {
    StringWriter text = new StringWriter();
    try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
      for (Object object : objects) {
        writer.writeObject(object);
      }
    } catch (IOException x) {
      throw new UncheckedIOException(x);
    }
    return text.toString();
  }
}
