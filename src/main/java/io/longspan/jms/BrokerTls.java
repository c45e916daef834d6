package io.longspan.jms;

import io.longspan.config.LongspanConfig.Broker;
import io.longspan.tls.TlsFileException;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/** The TLS settings of a broker, as the clients of the providers take them. Stateless. */
final class BrokerTls {
  private BrokerTls() {}

  /**
   * Creates a context from what the files contain now; empty without {@code broker.tls}. Blocks on
   * the file system.
   *
   * @throws BrokerFileException if a file cannot be used now
   */
  static Optional<SSLContext> context(Broker broker) throws BrokerFileException {
    if (broker.tls().isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(broker.tls().get().context());
    } catch (TlsFileException unusable) {
      throw new BrokerFileException("broker.tls", unusable);
    }
  }

  /**
   * Returns the URL with the provider's option for the check of the host name.
   *
   * @param option the name of the option
   */
  static String url(Broker broker, String option) {
    String url = broker.url();
    return broker
        .tls()
        .map(tls -> url + (url.indexOf('?') < 0 ? "?" : "&") + option + "=" + tls.verifyHostname())
        .orElse(url);
  }
}
