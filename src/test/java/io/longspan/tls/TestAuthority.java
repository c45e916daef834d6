package io.longspan.tls;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A certificate authority that exists for one test. */
public final class TestAuthority {
  private static final Duration DAY = Duration.ofDays(1);

  private final KeyPair keys = keys("EC", 256);
  private final X500Principal name;
  private final X509Certificate certificate;

  /** Creates an authority with a certificate of its own. */
  public TestAuthority(String name) {
    this.name = new X500Principal("CN=" + name);
    this.certificate = sign(this.name, keys, List.of(), true, DAY.negated(), DAY.multipliedBy(30));
  }

  public X509Certificate certificate() {
    return certificate;
  }

  /** Returns a context of clients that trust this authority alone. */
  public SSLContext clientContext() {
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setCertificateEntry("ca", certificate);
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(store);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException | IOException x) {
      throw new IllegalStateException(x);
    }
  }

  /** Issues a certificate that is valid now, for the host names. */
  public TestIdentity issue(String commonName, String... hosts) {
    return issue(keys("EC", 256), commonName, DAY, hosts);
  }

  /** Issues a certificate with an RSA key. */
  public TestIdentity issueRsa(String commonName, String... hosts) {
    return issue(keys("RSA", 2048), commonName, DAY, hosts);
  }

  /** Issues a certificate that expired an hour ago. */
  public TestIdentity issueExpired(String commonName, String... hosts) {
    return issue(keys("EC", 256), commonName, Duration.ofHours(-1), hosts);
  }

  private TestIdentity issue(KeyPair pair, String commonName, Duration remaining, String... hosts) {
    X500Principal subject = new X500Principal("CN=" + commonName);
    X509Certificate issued =
        sign(subject, pair, Arrays.asList(hosts), false, DAY.negated(), remaining);
    return new TestIdentity(pair.getPrivate(), List.of(issued, certificate));
  }

  private X509Certificate sign(
      X500Principal subject,
      KeyPair pair,
      List<String> hosts,
      boolean authority,
      Duration from,
      Duration until) {
    Instant now = Instant.now();
    try {
      JcaX509v3CertificateBuilder builder =
          new JcaX509v3CertificateBuilder(
              name,
              BigInteger.valueOf(System.nanoTime()),
              Date.from(now.plus(from)),
              Date.from(now.plus(until)),
              subject,
              pair.getPublic());
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
      if (!hosts.isEmpty()) {
        builder.addExtension(
            Extension.subjectAlternativeName,
            false,
            new GeneralNames(
                hosts.stream().map(TestAuthority::generalName).toArray(GeneralName[]::new)));
      }
      return new JcaX509CertificateConverter()
          .getCertificate(
              builder.build(
                  new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())));
    } catch (GeneralSecurityException | OperatorCreationException | IOException x) {
      throw new IllegalStateException(x);
    }
  }

  private static GeneralName generalName(String host) {
    boolean address = Character.isDigit(host.charAt(0));
    return new GeneralName(address ? GeneralName.iPAddress : GeneralName.dNSName, host);
  }

  private static KeyPair keys(String algorithm, int bits) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
      generator.initialize(bits);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException x) {
      throw new IllegalStateException(x);
    }
  }
}
