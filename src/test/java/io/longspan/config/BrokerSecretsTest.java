package io.longspan.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.longspan.config.LongspanConfig.Broker;
import io.longspan.tls.StoreFile;
import io.longspan.tls.TestAuthority;
import io.longspan.tls.TestIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The keys {@code broker.tls} and {@code broker.passwordFile}, and the line of each mistake. */
final class BrokerSecretsTest {
  private static final String ACTIVEMQ = "broker.provider: activemq\nbroker.url: ssl://h:1\n";
  private static final String TRUST = "broker.tls.trustStore: ca.pem\n";
  private static final String TRUST_ALLOWED =
      "a readable file with certificates of CAs, in PEM or PKCS#12";

  @TempDir Path folder;

  @BeforeEach
  void certificates() throws IOException {
    TestAuthority authority = new TestAuthority("CA");
    TestIdentity.trustPem(folder.resolve("ca.pem"), authority.certificate());
    authority.issue("bridge").pkcs12(folder.resolve("client.p12"), "secret");
    Files.writeString(folder.resolve("password"), "geheim ß\n");
  }

  private Broker read(String text, Map<String, String> environment) {
    try {
      Path file = Files.writeString(folder.resolve("longspan.yaml"), text);
      return ConfigLoader.load(Optional.of(file), Map.of(), environment).broker();
    } catch (IOException x) {
      throw new IllegalStateException(x);
    }
  }

  private Broker read(String text) {
    return read(text, Map.of());
  }

  private String errorOf(String text) {
    ConfigException refused = catchThrowableOfType(ConfigException.class, () -> read(text));
    assertThat(refused).as(text).isNotNull();
    return refused.getMessage().replace(folder + "/", "");
  }

  @Test
  void allKeysAreReadFromTheFile() throws Exception {
    Broker broker =
        read(
            """
            broker:
              provider: activemq
              url: ssl://h:1
              user: bridge
              passwordFile: password
              tls: {trustStore: ca.pem, keyStore: client.p12, keyStorePassword: secret, verifyHostname: false}
            """);
    assertThat(SecretFile.read(broker.passwordFile().orElseThrow())).isEqualTo("geheim ß");
    assertThat(broker.tls()).get().satisfies(tls -> assertThat(tls.verifyHostname()).isFalse());
    assertThat(broker.tls().orElseThrow().trustStore())
        .contains(new StoreFile(folder.resolve("ca.pem"), ""));
    assertThat(broker.tls().orElseThrow().keyStore())
        .contains(new StoreFile(folder.resolve("client.p12"), "secret"));
    assertThat(broker.withUrl("ssl://b:2"))
        .isEqualTo(read(Files.readString(folder.resolve("longspan.yaml")).replace("h:1", "b:2")));
  }

  @Test
  void environmentVariablesOverrideThem() {
    Broker broker =
        read(
            ACTIVEMQ,
            Map.of(
                "LONGSPAN_BROKER_TLS_TRUSTSTORE", "ca.pem",
                "LONGSPAN_BROKER_TLS_KEY_STORE", "client.p12",
                "LONGSPAN_BROKER_TLS_KEY_STORE_PASSWORD", "secret",
                "LONGSPAN_BROKER_USER", "bridge",
                "LONGSPAN_BROKER_PASSWORD_FILE", "password"));
    assertThat(broker.tls()).get().satisfies(tls -> assertThat(tls.verifyHostname()).isTrue());
    assertThat(broker.tls().orElseThrow().keyStore()).isPresent();
    assertThat(broker.passwordFile()).contains(folder.resolve("password"));
  }

  @Test
  void withoutAKeyTheUrlAloneDecides() {
    assertThat(read(ACTIVEMQ).tls()).isEmpty();
    assertThat(read(ACTIVEMQ).passwordFile()).isEmpty();
    assertThat(read(ACTIVEMQ + "broker.tls: {}\n").tls()).isEmpty();
    assertThat(read("broker: {provider: artemis, url: 'tcp://h:1?trustAll=true'}").urls())
        .containsExactly("tcp://h:1?trustAll=true");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "activemq | tcp://h:1                              | ssl://h:1",
        "activemq | TCP://h:1?wireFormat.maxFrameSize=9    | ssl://h:1?wireFormat.maxFrameSize=9",
        "activemq | nio://h:1                              | nio+ssl://h:1",
        "activemq | nio+ssl://h:1                          | nio+ssl://h:1",
        "activemq | ssl://h:1?socket.enabledProtocols=TLSv1.3 | ssl://h:1?socket.enabledProtocols=TLSv1.3",
        "artemis  | tcp://h:1                              | tcp://h:1?sslEnabled=true",
        "artemis  | tcp://h:1?callTimeout=9                | tcp://h:1?callTimeout=9&sslEnabled=true",
        "artemis  | tcp://h:1?sslEnabled=true              | tcp://h:1?sslEnabled=true",
        "amqp     | amqp://h                               | amqps://h",
        "amqp     | amqpws://h:1/x                         | amqpwss://h:1/x",
        "amqp     | amqpwss://h:1                          | amqpwss://h:1",
      })
  void tlsIsTurnedOnForEachUrl(String provider, String url, String expected) {
    String text = "broker: {provider: %s, %s, tls: {trustStore: ca.pem}}";
    assertThat(read(text.formatted(provider, "url: '" + url + "'")).urls())
        .containsExactly(expected);
    assertThat(read(text.formatted(provider, "urls: ['" + url + "', '" + expected + "']")).urls())
        .containsExactly(expected, expected);
  }

  @Test
  void tlsIsTurnedOnForEachAddressOfAList() {
    assertThat(
            read("broker: {provider: activemq, url: 'failover:(tcp://a:1,ssl://b:2)'}\n" + TRUST)
                .urls())
        .containsExactly("ssl://a:1", "ssl://b:2");
  }

  @ParameterizedTest
  @CsvSource({
    "activemq, ssl://h:1?verifyHostName=false",
    "activemq, ssl://h:1?socket.verifyHostName=false",
    "activemq, ssl://h:1?a=b&transport.verifyHostName=true",
    "artemis, tcp://h:1?sslEnabled=false",
    "artemis, tcp://h:1?trustStorePath=a.p12",
    "artemis, tcp://h:1?sslEnabled=true;keyStorePassword=hunter2",
    "artemis, tcp://h:1?trustAll=true",
    "artemis, tcp://h:1?useDefaultSslContext=true",
    "artemis, tcp://h:1?sslProvider=OPENSSL",
    "artemis, (tcp://h:1)?verifyHost=false",
    "amqp, amqps://h:1?transport.trustAll=true",
    "amqp, amqps://h:1?transport.verifyHost=false",
    "amqp, amqps://h:1?transport.keyStoreLocation=a.p12",
  })
  void aUrlWithTlsSettingsOfItsOwnIsRefused(String provider, String url) {
    String text = "broker: {provider: %s, url: '%s'}\n".formatted(provider, url);
    assertThat(errorOf(text + TRUST))
        .startsWith("broker.url: \"")
        .doesNotContain("hunter2")
        .endsWith(
            " is not allowed; allowed: a URL without TLS settings of its own (such as"
                + " trustStorePath, keyStorePassword, verifyHost or trustAll), because broker.tls"
                + " sets them; read from longspan.yaml:1");
    assertThat(read(text).tls()).isEmpty();
  }

  @Test
  void embeddedAndJndiRefuseTheKeys() {
    assertThat(errorOf(TRUST))
        .isEqualTo(
            "broker.tls.trustStore: \"ca.pem\" is not allowed; allowed: no value with"
                + " broker.provider embedded, which has no network connection; read from"
                + " longspan.yaml:1");
    assertThat(errorOf("broker.passwordFile: password"))
        .isEqualTo(
            "broker.passwordFile: \"password\" is not allowed; allowed: no value with"
                + " broker.provider embedded, which has no accounts; read from longspan.yaml:1");
    String jndi = "broker: {provider: jndi, jndi: {connectionFactory: x}, user: u}\n";
    assertThat(errorOf(jndi + "broker.tls.verifyHostname: false"))
        .isEqualTo(
            "broker.tls.verifyHostname: \"false\" is not allowed; allowed: no value with"
                + " broker.provider jndi; the connection factory in JNDI has its own TLS settings;"
                + " read from longspan.yaml:2");
    assertThat(read(jndi + "broker.passwordFile: password").passwordFile()).isPresent();
  }

  @Test
  void aStoreThatCannotBeUsedIsRefused() throws IOException {
    assertThat(errorOf(ACTIVEMQ + "broker.tls.trustStore: none.pem"))
        .isEqualTo(
            "broker.tls.trustStore: \"none.pem\" is not allowed; allowed: "
                + TRUST_ALLOWED
                + "; none.pem is not a readable file; read from longspan.yaml:3");
    assertThat(errorOf(ACTIVEMQ + "broker.tls.trustStore: password"))
        .isEqualTo(
            "broker.tls.trustStore: \"password\" is not allowed; allowed: "
                + TRUST_ALLOWED
                + "; password: neither PEM nor PKCS#12; read from longspan.yaml:3");
    assertThat(
            errorOf(
                ACTIVEMQ + TRUST + "broker.tls: {keyStore: client.p12, keyStorePassword: hunter2}"))
        .isEqualTo(
            "broker.tls.keyStore: \"client.p12\" is not allowed; allowed: a readable file with a"
                + " private key and its certificate chain, in PEM or PKCS#12; client.p12: keystore"
                + " password was incorrect; read from longspan.yaml:4");
    assertThat(errorOf(ACTIVEMQ + "broker.tls.keyStorePassword: hunter2"))
        .startsWith("broker.tls.keyStore: not set, but needed by broker.tls.keyStorePassword;")
        .doesNotContain("hunter2");
    assertThat(errorOf(ACTIVEMQ + "broker.tls.trustStorePassword: hunter2"))
        .startsWith("broker.tls.trustStore: not set, but needed by broker.tls.trustStorePassword;");
    assertThat(errorOf(ACTIVEMQ + "broker.tls.verifyHostname: no"))
        .isEqualTo(
            "broker.tls.verifyHostname: \"no\" is not allowed; allowed: true or false; read from"
                + " longspan.yaml:3");
    assertThat(errorOf(ACTIVEMQ + "broker.tls.trustAll: true"))
        .startsWith("broker.tls.trustAll: unknown key with the value \"true\"; allowed: ")
        .contains("broker.tls.trustStore, broker.tls.trustStorePassword, broker.tls.keyStore,");
  }

  @Test
  void aPasswordFileThatCannotBeUsedIsRefused() throws IOException {
    String text = ACTIVEMQ + "broker.user: bridge\nbroker.passwordFile: ";
    String refused =
        "broker.passwordFile: \"%1$s\" is not allowed; allowed: a readable file with the password"
            + " on one line; %1$s %2$s; read from longspan.yaml:4";
    Files.writeString(folder.resolve("empty"), "\n");
    Files.writeString(folder.resolve("two"), "hunter2\nhunter3\n");
    Files.write(folder.resolve("latin"), new byte[] {(byte) 0xe4});
    Files.writeString(folder.resolve("large"), "x".repeat(70_000));

    assertThat(errorOf(text + "none"))
        .isEqualTo(refused.formatted("none", "is not a readable file"));
    assertThat(errorOf(text + "empty")).isEqualTo(refused.formatted("empty", "is empty"));
    assertThat(errorOf(text + "two"))
        .isEqualTo(refused.formatted("two", "has more than one line, or a control character"));
    assertThat(errorOf(text + "latin")).isEqualTo(refused.formatted("latin", "is not UTF-8"));
    assertThat(errorOf(text + "large"))
        .isEqualTo(refused.formatted("large", "is larger than 65536 bytes"));
    assertThat(errorOf(text + "password\nbroker.password: hunter2"))
        .isEqualTo(
            "broker.passwordFile: \"password\" is not allowed; allowed: only one of"
                + " broker.password and broker.passwordFile; read from longspan.yaml:4");
    assertThat(errorOf(ACTIVEMQ + "broker.passwordFile: password"))
        .startsWith("broker.user: not set, but needed by broker.passwordFile;");
  }
}
