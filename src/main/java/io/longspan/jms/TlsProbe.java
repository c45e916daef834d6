package io.longspan.jms;

import io.longspan.tls.ClientTls;
import io.longspan.tls.HandshakeFailure;
import io.longspan.tls.TlsFileException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/**
 * Finds out why a connection with TLS failed, if the provider's error does not say it: some errors
 * only tell that the connection was closed. Repeats the TLS handshake with the same settings.
 */
final class TlsProbe {
  /** Maximum time to wait for the connection, and for each answer. */
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private TlsProbe() {}

  /**
   * Connects to an address, does the TLS handshake and disconnects. Blocks for about 6 s at most,
   * and while the name is resolved.
   *
   * @param url a valid URL of a broker
   * @param port the port if the URL has none
   * @return the reason, as text for an operator; empty if TLS is not the reason
   */
  static Optional<String> problem(String url, int port, ClientTls tls) {
    int patience = (int) PATIENCE.toMillis();
    try (Socket plain = new Socket()) {
      URI uri = new URI(url);
      String host = uri.getHost();
      int actual = uri.getPort() < 0 ? port : uri.getPort();
      plain.connect(new InetSocketAddress(host, actual), patience);
      plain.setSoTimeout(patience);
      return handshake(plain, host, actual, tls);
    } catch (TlsFileException unusable) {
      return Optional.of(unusable.getMessage());
    } catch (IOException | URISyntaxException x) {
      return HandshakeFailure.text(x, tls.keyStore().isPresent());
    }
  }

  private static Optional<String> handshake(Socket plain, String host, int port, ClientTls tls)
      throws IOException, TlsFileException {
    try (SSLSocket socket =
        (SSLSocket) tls.context().getSocketFactory().createSocket(plain, host, port, true)) {
      if (tls.verifyHostname()) {
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        socket.setSSLParameters(parameters);
      }
      try {
        socket.startHandshake();
      } catch (SocketTimeoutException silent) {
        return Optional.of(HandshakeFailure.SILENT);
      }
      try {
        // In TLS 1.3 the server checks the client's certificate after the client's handshake.
        int ignored = socket.getInputStream().read();
      } catch (SocketTimeoutException accepted) {
        return Optional.empty();
      }
      return Optional.empty();
    }
  }
}
