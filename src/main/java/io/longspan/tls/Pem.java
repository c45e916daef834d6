package io.longspan.tls;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads certificates and private keys in PEM. Text around them is ignored. */
final class Pem {
  private static final Pattern CERTIFICATE =
      Pattern.compile("-----BEGIN CERTIFICATE-----([^-]*)-----END CERTIFICATE-----");
  private static final Pattern KEY =
      Pattern.compile(
          "-----BEGIN (RSA |EC |ENCRYPTED )?PRIVATE KEY-----(.*?)-----END ", Pattern.DOTALL);

  private static final List<String> ALGORITHMS = List.of("RSA", "EC");

  /** DER: the number 0, which is the version of PKCS#8. */
  private static final byte[] VERSION = {2, 1, 0};

  private static final int SEQUENCE = 0x30;
  private static final int OCTETS = 0x04;

  private Pem() {}

  /** Returns all certificates in their order; at least one. */
  static List<X509Certificate> certificates(String text) throws GeneralSecurityException {
    List<X509Certificate> found = new ArrayList<>();
    CertificateFactory factory = CertificateFactory.getInstance("X.509");
    Matcher blocks = CERTIFICATE.matcher(text);
    while (blocks.find()) {
      byte[] der = der(blocks.group(1));
      found.add((X509Certificate) factory.generateCertificate(new ByteArrayInputStream(der)));
    }
    if (found.isEmpty()) {
      throw new CertificateException("no certificate in PEM");
    }
    return found;
  }

  /**
   * Returns the first private key: in PKCS#8, or in the older form of RSA or EC alone.
   *
   * @param owner the public key that it should belong to
   */
  static PrivateKey privateKey(String text, PublicKey owner) throws GeneralSecurityException {
    Matcher block = KEY.matcher(text);
    if (!block.find()) {
      throw new InvalidKeySpecException("no private key in PEM");
    }
    String form = block.group(1) == null ? "" : block.group(1).strip();
    if (form.equals("ENCRYPTED") || block.group(2).contains("ENCRYPTED")) {
      throw new InvalidKeySpecException(
          "the private key is encrypted; decrypt it with openssl pkey");
    }
    byte[] der = der(block.group(2));
    if (form.isEmpty()) {
      return pkcs8(der, ALGORITHMS);
    }
    if (!form.equals(owner.getAlgorithm())) {
      throw new InvalidKeySpecException(
          "a private key of %s does not belong to a certificate of %s"
              .formatted(form, owner.getAlgorithm()));
    }
    byte[] wrapped =
        element(SEQUENCE, joined(VERSION, algorithm(owner.getEncoded()), element(OCTETS, der)));
    return pkcs8(wrapped, List.of(form));
  }

  private static PrivateKey pkcs8(byte[] der, List<String> algorithms)
      throws GeneralSecurityException {
    for (String algorithm : algorithms) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
      } catch (InvalidKeySpecException another) {
        // The next algorithm may fit.
      }
    }
    throw new InvalidKeySpecException("the private key is malformed, or neither RSA nor EC");
  }

  private static byte[] der(String base64) throws GeneralSecurityException {
    try {
      return Base64.getMimeDecoder().decode(base64);
    } catch (IllegalArgumentException malformed) {
      throw new GeneralSecurityException("malformed PEM: " + malformed.getMessage(), malformed);
    }
  }

  /** Returns the algorithm, with its parameters, of an encoded public key: its first element. */
  private static byte[] algorithm(byte[] publicKey) {
    int start = contentStart(publicKey, 0);
    int end = contentStart(publicKey, start) + length(publicKey, start);
    return Arrays.copyOfRange(publicKey, start, end);
  }

  private static int contentStart(byte[] der, int element) {
    int first = der[element + 1] & 0xff;
    return element + 2 + (first < 0x80 ? 0 : first & 0x7f);
  }

  private static int length(byte[] der, int element) {
    int first = der[element + 1] & 0xff;
    if (first < 0x80) {
      return first;
    }
    int length = 0;
    for (int i = 0; i < (first & 0x7f); i++) {
      length = length << 8 | der[element + 2 + i] & 0xff;
    }
    return length;
  }

  private static byte[] element(int tag, byte[] content) {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    head.write(tag);
    if (content.length < 0x80) {
      head.write(content.length);
    } else {
      byte[] length = BigInteger.valueOf(content.length).toByteArray();
      int start = length[0] == 0 ? 1 : 0;
      head.write(0x80 | length.length - start);
      head.write(length, start, length.length - start);
    }
    return joined(head.toByteArray(), content);
  }

  private static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }
}
