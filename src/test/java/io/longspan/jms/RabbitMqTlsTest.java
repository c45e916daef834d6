package io.longspan.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longspan.config.LongspanConfig.AddressOrder;
import io.longspan.config.LongspanConfig.Broker;
import io.longspan.config.LongspanConfig.Dialect;
import io.longspan.config.LongspanConfig.Jndi;
import io.longspan.config.LongspanConfig.Provider;
import io.longspan.config.LongspanConfig.Replies;
import io.longspan.tls.ClientTls;
import io.longspan.tls.StoreFile;
import jakarta.jms.JMSException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** RabbitMQ's client trusts every server by default. The bridge does not. */
final class RabbitMqTlsTest {
  private static final String PASSWORD = "password";

  @TempDir private Path folder;
  private SSLServerSocket server;

  /** Completes with the first byte of the client. */
  private CompletableFuture<Integer> firstByte;

  /** Accepts one connection with a certificate for 127.0.0.1. */
  @BeforeEach
  void start() throws Exception {
    keytool("-genkeypair", "-keyalg", "EC", "-dname", "CN=broker", "-ext", "san=ip:127.0.0.1");
    keytool("-exportcert", "-rfc", "-file", folder.resolve("ca.pem").toString());
    server = server();
    firstByte = CompletableFuture.supplyAsync(this::accept);
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
  }

  private int accept() {
    try (SSLSocket socket = (SSLSocket) server.accept()) {
      socket.startHandshake();
      return socket.getInputStream().read();
    } catch (IOException x) {
      throw new IllegalStateException(x);
    }
  }

  private Broker broker(String host, Optional<ClientTls> tls) {
    return new Broker(
        Provider.RABBITMQ,
        List.of("amqps://" + host + ":" + server.getLocalPort()),
        AddressOrder.IN_ORDER,
        "",
        "",
        Dialect.RABBITMQ,
        Replies.DEFAULT,
        new Jndi("", Map.of()),
        Optional.empty(),
        tls);
  }

  private Optional<ClientTls> trusting(boolean verifyHostname) {
    return Optional.of(
        new ClientTls(
            Optional.of(new StoreFile(folder.resolve("ca.pem"), "")),
            Optional.empty(),
            verifyHostname));
  }

  private static void connect(Broker broker) throws JMSException {
    new RabbitMqProvider(broker).connectionFactory().createConnection("u", "p");
  }

  private void assertRefused(Broker broker, String cause) {
    assertThatThrownBy(() -> connect(broker))
        .isInstanceOf(JMSException.class)
        .hasStackTraceContaining(cause)
        .satisfies(
            failure ->
                assertThat(ConnectFailure.of(broker, broker.url(), (Exception) failure).what())
                    .isEqualTo("broker not reachable"));
    assertThatThrownBy(() -> firstByte.get(30, TimeUnit.SECONDS))
        .as("the handshake fails")
        .hasRootCauseInstanceOf(IOException.class);
  }

  /** The server is not RabbitMQ, so each attempt fails in the end. */
  private void assertTrusted(Broker broker) throws Exception {
    assertThatThrownBy(() -> connect(broker)).isInstanceOf(JMSException.class);
    assertThat(firstByte.get(30, TimeUnit.SECONDS)).isEqualTo((int) 'A');
  }

  @Test
  void aServerWithAnUnknownCertificateIsNotTrusted() {
    assertRefused(
        broker("127.0.0.1", Optional.empty()),
        "unable to find valid certification path to requested target");
  }

  @Test
  void aCertificateForAnotherHostIsNotTrusted() {
    assertRefused(broker("localhost", trusting(true)), "localhost found");
  }

  @Test
  void theHostNameIsNotCheckedIfTheOperatorSaysSo() throws Exception {
    assertTrusted(broker("localhost", trusting(false)));
  }

  @Test
  void theTrustStoreOfTheBrokerCounts() throws Exception {
    assertTrusted(broker("127.0.0.1", trusting(true)));
  }

  private void keytool(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of(arguments));
    command.addAll(
        List.of(
            "-alias",
            "server",
            "-storetype",
            "PKCS12",
            "-storepass",
            PASSWORD,
            "-keystore",
            folder.resolve("server.p12").toString()));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("keytool.log").toFile())
            .start();
    assertThat(process.waitFor()).isZero();
  }

  private SSLServerSocket server() throws IOException, GeneralSecurityException {
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(folder.resolve("server.p12"))) {
      keys.load(in, PASSWORD.toCharArray());
    }
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(keys, PASSWORD.toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    return (SSLServerSocket)
        context.getServerSocketFactory().createServerSocket(0, 1, InetAddress.getLoopbackAddress());
  }
}
