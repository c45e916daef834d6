package io.longspan.tls;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;

/**
 * A certificate chain and its private key, as read from files. Immutable.
 *
 * @param chain the chain; the first certificate is the server's
 * @param key the private key of the first certificate
 */
public record ServerIdentity(List<X509Certificate> chain, PrivateKey key) {
  private static final char[] NO_PASSWORD = {};
  private static final byte[] PROBE = {1, 2, 3, 4};

  public ServerIdentity {
    chain = List.copyOf(chain);
  }

  /** Returns the subject of the server's certificate. */
  public String subject() {
    return chain.get(0).getSubjectX500Principal().getName();
  }

  /** Returns when the server's certificate expires. */
  public Instant expires() {
    return chain.get(0).getNotAfter().toInstant();
  }

  /** Creates a context for a server that asks its clients for no certificate. */
  public SSLContext context() throws GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    try {
      store.load(null, NO_PASSWORD);
    } catch (IOException impossible) {
      throw new GeneralSecurityException(impossible);
    }
    store.setKeyEntry("server", key, NO_PASSWORD, chain.toArray(Certificate[]::new));
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, NO_PASSWORD);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), new TrustManager[0], null);
    return context;
  }

  /** Returns whether the certificate's public key verifies what the private key signs. */
  boolean isPair() throws GeneralSecurityException {
    if (!key.getAlgorithm().equals(chain.get(0).getPublicKey().getAlgorithm())) {
      return false;
    }
    Signature signature =
        Signature.getInstance(
            key.getAlgorithm().equals("EC") ? "SHA256withECDSA" : "SHA256withRSA");
    signature.initSign(key);
    signature.update(PROBE);
    byte[] signed = signature.sign();
    signature.initVerify(chain.get(0).getPublicKey());
    signature.update(PROBE);
    try {
      return signature.verify(signed);
    } catch (SignatureException anotherKey) {
      return false;
    }
  }

  /** Returns a text without the key. */
  @Override
  public String toString() {
    return subject();
  }
}
