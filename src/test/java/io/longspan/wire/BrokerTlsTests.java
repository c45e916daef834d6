package io.longspan.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.bridge.MessageBroker.ConnectionListener;
import io.longspan.config.ConfigLoader;
import io.longspan.config.LongspanConfig.Broker;
import io.longspan.external.ExternalBroker;
import io.longspan.external.TlsBroker;
import io.longspan.external.TlsBroker.Door;
import io.longspan.external.TlsFiles;
import io.longspan.jms.JmsMessageBroker;
import io.longspan.tls.TestAuthority;
import jakarta.jms.Connection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The bridge's connection to a broker over TLS: certificates, passwords, and what goes wrong. */
@TestInstance(Lifecycle.PER_CLASS)
@Timeout(300)
abstract class BrokerTlsTests {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final TlsFiles files = new TlsFiles();
  private TlsBroker broker;
  private String password = ExternalBroker.BRIDGE_PASSWORD;

  abstract TlsBroker startBroker(TlsFiles certificates);

  /** Returns the keys of the provider and of the URL. */
  abstract Map<String, String> settings(TlsBroker started, Door door);

  @BeforeAll
  void start() {
    broker = startBroker(files);
  }

  @AfterAll
  void stop() {
    if (broker != null) {
      broker.close();
    }
  }

  private Map<String, String> settings(Door door) {
    Map<String, String> settings = new HashMap<>(settings(broker, door));
    settings.put("broker.user", TlsBroker.USER);
    settings.put("broker.password", password);
    settings.put("broker.tls.trustStore", files.trustPem().toString());
    return settings;
  }

  private Map<String, String> settings(Door door, String... more) {
    Map<String, String> settings = settings(door);
    for (int i = 0; i < more.length; i += 2) {
      settings.put(more[i], more[i + 1]);
    }
    return settings;
  }

  private static Broker read(Map<String, String> settings) {
    Map<String, String> properties = new HashMap<>();
    settings.forEach((key, value) -> properties.put("longspan." + key, value));
    return ConfigLoader.load(Optional.empty(), properties, Map.of()).broker();
  }

  /** The link of a bridge without clients. */
  private static final class Link implements AutoCloseable {
    private final JmsMessageBroker bridge;

    Link(Map<String, String> settings) {
      bridge = JmsMessageBroker.of(read(settings), "bridge-1", 1 << 20);
      bridge.start(
          new ConnectionListener() {
            @Override
            public void brokerConnected() {}

            @Override
            public void brokerLost() {}
          });
    }

    void awaitConnected() {
      Awaitility.await().atMost(PATIENCE).until(bridge::isConnected);
    }

    void awaitLost() {
      Awaitility.await().atMost(PATIENCE).until(() -> !bridge.isConnected());
    }

    @Override
    public void close() {
      bridge.close();
    }
  }

  private static void assertConnects(Map<String, String> settings) {
    try (Link link = new Link(settings)) {
      link.awaitConnected();
    }
  }

  private static void assertRefused(Map<String, String> settings, String cause) {
    try (HeardLines heard = new HeardLines();
        Link link = new Link(settings)) {
      heard.await("broker not reachable", cause);
      assertThat(link.bridge.isConnected()).isFalse();
      assertThat(link.bridge.trouble()).get().asString().contains(cause);
      assertThat(heard.all()).noneMatch(line -> line.startsWith("broker connected"));
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aClientSendsAndReceivesOverTls(Transport transport) {
    try (TestBridge bridge = TestBridge.start(settings(Door.RIGHT));
        RawBayeuxClient alice = bridge.connected(transport, "alice")) {
      String queue = WireTarget.unique("services/s");
      String topic = WireTarget.unique("chat/c");
      alice.subscribe(topic);
      try (TestService service =
          new TestService(broker.connectionFactory()).serve(queue, TestService::echo)) {
        alice.send(queue, Map.of("JMSCorrelationID", "r-1"), "hello");
        assertThat(alice.awaitAnswer("r-1")).containsEntry("body", "hello");
        service.publish(topic, session -> session.createTextMessage("news"));
        alice.awaitData(data -> "news".equals(data.get("body")));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "EXPIRED, the broker's certificate has expired: NotAfter",
    "OTHER_HOST, the broker's certificate is for another host name",
    "UNKNOWN_CA, the broker's certificate is from an unknown CA",
    "CLIENT, the broker requires a client certificate"
  })
  void aWrongCertificateIsRefusedWithItsCause(Door door, String cause) {
    assertRefused(settings(door), cause);
  }

  @Test
  void theHostNameIsNotCheckedIfTheOperatorSaysSo() {
    assertConnects(settings(Door.OTHER_HOST, "broker.tls.verifyHostname", "false"));
    assertRefused(
        settings(Door.UNKNOWN_CA, "broker.tls.verifyHostname", "false"), "from an unknown CA");
  }

  @Test
  void withoutATrustStoreTheCasOfTheJvmCount() {
    Map<String, String> settings = settings(Door.RIGHT, "broker.tls.verifyHostname", "true");
    settings.remove("broker.tls.trustStore");
    assertRefused(settings, "from an unknown CA");
  }

  @Test
  void aPortWithoutTlsIsRefusedWithItsCause() {
    Map<String, String> settings = settings(Door.RIGHT);
    settings.compute(
        "broker.url", (key, url) -> url.replaceFirst("\\d+$", "" + broker.plainPort()));
    assertRefused(settings, "not use TLS");
  }

  @Test
  void aClientCertificateIsEnough() {
    Map<String, String> pem =
        settings(Door.CLIENT, "broker.tls.keyStore", files.clientPem().toString());
    pem.remove("broker.user");
    pem.remove("broker.password");
    assertConnects(pem);
    Map<String, String> pkcs12 = new HashMap<>(pem);
    pkcs12.put("broker.tls.keyStore", files.clientPkcs12().toString());
    pkcs12.put("broker.tls.keyStorePassword", TlsFiles.PASSWORD);
    pkcs12.put("broker.tls.trustStore", files.trustPkcs12().toString());
    pkcs12.put("broker.tls.trustStorePassword", TlsFiles.PASSWORD);
    assertConnects(pkcs12);
  }

  @Test
  void aWrongClientCertificateIsRefusedWithItsCause() {
    Path stranger =
        new TestAuthority("CA of a stranger")
            .issue("bridge")
            .pem(files.folder().resolve("stranger.pem"));
    for (Path keyStore : List.of(stranger, files.expiredClientPem())) {
      assertRefused(
          settings(Door.CLIENT, "broker.tls.keyStore", keyStore.toString()),
          "the broker rejects the client certificate of broker.tls.keyStore");
    }
  }

  @Test
  void theNextAddressIsTriedIfACertificateIsWrong() {
    Map<String, String> settings = settings(Door.RIGHT);
    String right = settings.remove("broker.url");
    settings.put("broker.urls", settings(Door.EXPIRED).get("broker.url") + "," + right);
    try (HeardLines heard = new HeardLines();
        Link link = new Link(settings)) {
      link.awaitConnected();
      assertThat(link.bridge.addressPosition()).isEqualTo(2);
      heard.await("broker not reachable", "the broker's certificate has expired");
    }
  }

  @Test
  void replacedCertificatesAreUsedByTheNextConnection() throws Exception {
    try (HeardLines heard = new HeardLines();
        Link link = new Link(settings(Door.RIGHT))) {
      link.awaitConnected();
      broker.kill();
      link.awaitLost();
      TestAuthority next = files.replaceServer();
      broker.restart();
      heard.await("broker not reachable", "from an unknown CA");
      files.trustAlso(next);
      link.awaitConnected();
      String trusted = Files.readString(files.trustPem());
      broker.kill();
      link.awaitLost();
      Files.writeString(files.trustPem(), "half of");
      heard.await("a file cannot be used", "broker.tls: ", "neither PEM nor PKCS#12");
      Files.writeString(files.trustPem(), trusted);
      broker.restart();
      link.awaitConnected();
    }
  }

  @Test
  void theNextConnectionUsesAReplacedPassword() throws IOException {
    Path file = files.folder().resolve("password");
    Files.writeString(file, password + "\n");
    Map<String, String> settings = settings(Door.RIGHT, "broker.passwordFile", file.toString());
    settings.remove("broker.password");
    try (HeardLines heard = new HeardLines();
        Link link = new Link(settings)) {
      link.awaitConnected();
      broker.kill();
      link.awaitLost();
      Files.delete(file);
      heard.await("a file cannot be used", "broker.passwordFile: " + file + " does not exist");
      Files.writeString(file, password);
      password = "another one";
      broker.setPassword(password);
      broker.restart();
      heard.await("broker rejects the bridge");
      Files.writeString(file, password + "\r\n");
      link.awaitConnected();
      assertThat(heard.all()).noneMatch(line -> line.contains(password));
    }
  }

  @Test
  void otherClientsOfTheConfigurationConnectLikeTheBridge() throws Exception {
    Path file = Files.writeString(files.folder().resolve("services-password"), password);
    Map<String, String> settings = settings(Door.RIGHT, "broker.passwordFile", file.toString());
    settings.remove("broker.password");
    String right = settings.remove("broker.url");
    settings.put("broker.urls", settings(Door.EXPIRED).get("broker.url") + "," + right);
    try (Connection connection =
        JmsMessageBroker.connectionFactory(read(settings)).createConnection()) {
      connection.start();
    }
  }
}
