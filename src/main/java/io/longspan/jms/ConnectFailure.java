package io.longspan.jms;

import io.longspan.config.LongspanConfig.Broker;
import io.longspan.config.LongspanConfig.Provider;
import io.longspan.config.Secrets;
import io.longspan.tls.HandshakeFailure;
import java.net.UnknownHostException;
import java.util.Optional;

/**
 * Why an attempt to connect failed.
 *
 * @param what what has happened, for the log
 * @param error the cause, without credentials
 * @param trouble both in one sentence, for an operator
 */
record ConnectFailure(String what, String error, String trouble) {
  private static final int DEFAULT_PORT = 61_616;
  private static final int DEFAULT_AMQPS_PORT = 5671;
  private static final int DEFAULT_HTTPS_PORT = 443;

  /**
   * Describes a failure. Blocks for some seconds at most if it must connect again to find the
   * cause.
   *
   * @param url the address that was tried
   */
  static ConnectFailure of(Broker broker, String url, Exception failure) {
    String at = broker.urls().size() > 1 ? Secrets.masked(url) + ": " : "";
    if (failure instanceof BrokerFileException) {
      String error = JmsErrors.text(failure);
      return new ConnectFailure(
          "broker not connected, because a file cannot be used",
          error,
          "the bridge does not connect to the broker: " + error);
    }
    if (JmsErrors.isRefusal(failure)) {
      String error = JmsErrors.text(failure);
      return new ConnectFailure(
          "broker rejects the bridge",
          error,
          "the broker rejects broker.user or its password, or a right is missing: " + at + error);
    }
    String error = Secrets.masked(reason(broker, url, failure));
    return new ConnectFailure(
        "broker not reachable", error, "the broker is not reachable: " + at + error);
  }

  private static String reason(Broker broker, String url, Exception failure) {
    Throwable cause = failure;
    while (cause.getCause() != null && cause.getCause() != cause) {
      cause = cause.getCause();
    }
    if (cause instanceof UnknownHostException) {
      return "unknown host " + cause.getMessage();
    }
    boolean keyStore = broker.tls().flatMap(tls -> tls.keyStore()).isPresent();
    Optional<String> handshake =
        HandshakeFailure.text(failure, keyStore)
            .or(() -> broker.tls().flatMap(tls -> TlsProbe.problem(url, port(url), tls)));
    if (handshake.isPresent()) {
      return handshake.get();
    }
    String text = JmsErrors.text(failure);
    return broker.provider() == Provider.ARTEMIS ? text + ": " + AddressProbe.problem(url) : text;
  }

  private static int port(String url) {
    return url.startsWith("amqpwss")
        ? DEFAULT_HTTPS_PORT
        : url.startsWith("amqps") ? DEFAULT_AMQPS_PORT : DEFAULT_PORT;
  }
}
