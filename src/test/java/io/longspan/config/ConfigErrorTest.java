package io.longspan.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The exact line of every kind of error. */
final class ConfigErrorTest {

  private static final String PORT = "a whole number from 0 to 65535";

  @TempDir Path folder;

  @Test
  void anUnknownKeyStopsTheStart() {
    assertThat(errorOf("http:\n  host: localhost\n  prot: 80\n"))
        .isEqualTo(
            "http.prot: unknown key with the value \"80\";"
                + " allowed: http.host, http.port, http.contextPath, http.trustedProxies, http.tls, http.http2; read from longspan.yaml:3");
    assertThat(errorOf("broker-s: {url: x}"))
        .isEqualTo(
            "broker-s: unknown key with the value \"(a section or a list)\"; allowed: http, bridge,"
                + " broker, users, catalogue, session, limits, security, tokens, identity,"
                + " local, server, tracing, logging, audit, demo, brokers; read from longspan.yaml:1");
    assertThat(errorOf("broker: {jndi: {factory: x}}"))
        .isEqualTo(
            "broker.jndi.factory: unknown key with the value \"x\"; allowed:"
                + " broker.jndi.connectionFactory, broker.jndi.environment;"
                + " read from longspan.yaml:1");
  }

  @Test
  void anUnknownSystemPropertyStopsTheStart() {
    assertThat(errorOf(Map.of("longspan.http.prot", "80"), Map.of()))
        .isEqualTo(
            "http.prot: unknown key with the value \"80\";"
                + " allowed: http.host, http.port, http.contextPath, http.trustedProxies, http.tls, http.http2;"
                + " read from system property longspan.http.prot");
  }

  @Test
  void anUnknownEnvironmentVariableStopsTheStart() {
    assertThat(errorOf(Map.of(), Map.of("LONGSPAN_HTTP_PROT", "80")))
        .isEqualTo(
            "http.prot: unknown key with the value \"80\";"
                + " allowed: http.host, http.port, http.contextPath, http.trustedProxies, http.tls, http.http2;"
                + " read from environment LONGSPAN_HTTP_PROT");
  }

  @Test
  void aValueThatIsNotAllowedIsReportedWhereItWasRead() {
    String refused = "http.port: \"http\" is not allowed; allowed: " + PORT + "; read from ";

    assertThat(errorOf("http:\n  port: http")).isEqualTo(refused + "longspan.yaml:2");
    assertThat(errorOf(Map.of("longspan.http.port", "http"), Map.of("LONGSPAN_HTTP_PORT", "1")))
        .isEqualTo(refused + "system property longspan.http.port");
    assertThat(errorOf(Map.of(), Map.of("LONGSPAN_HTTP_PORT", "http")))
        .isEqualTo(refused + "environment LONGSPAN_HTTP_PORT");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "tokens.algorithms       | HS256",
        "tokens.algorithms       | none",
        "tokens.keys             | http://login.example.org/keys",
        "http.port               | -1",
        "http.port               | 65536",
        "http.port               | 0x50",
        "http.port               | 8_080",
        "http.port               | 99999999999999999999",
        "http.port               | 80.0",
        "http.host               | a b",
        "http.contextPath        | bridge",
        "http.contextPath        | /bridge/",
        "http.contextPath        | /a/../b",
        "http.contextPath        | /*",
        "bridge.id               | a/b",
        "bridge.id               | ''",
        "bridge.id               |"
            + " 12345678901234567890123456789012345678901234567890123456789012345",
        "bridge.channelRoot      | anzo",
        "bridge.channelRoot      | /",
        "bridge.channelRoot      | /anzo/",
        "bridge.channelRoot      | /anzo/**",
        "bridge.channelRoot      | /meta",
        "bridge.channelRoot      | /service/x",
        "broker.provider         | Embedded",
        "local.threads           | 0",
        "broker.dialect          | rabbit",
        "session.timeout         | 30",
        "session.timeout         | 30 s",
        "session.timeout         | 99ms",
        "session.timeout         | 11m",
        "session.timeout         | 1.5s",
        "session.maxInterval     | 0s",
        "session.resumeWindow    | 25h",
        "session.resumeWindow    | -1s",
        "limits.messageBytes     | 0",
        "limits.messageBytes     | 256KB",
        "limits.messageBytes     | 65MiB",
        "limits.messageBytes     | 999999999999GiB",
        "limits.jsonDepth        | 3",
        "limits.topicsPerClient  | 0",
        "limits.sessionsPerUser  | many",
        "limits.requestsInFlight | 1000001",
        "limits.queueMessages    | 0",
        "limits.queueBytes       | 1023",
        "limits.messagesPerSecond| -5",
        "security.allowedOrigins | *",
        "security.allowedOrigins | null",
        "security.allowedOrigins | app.example.org",
        "security.allowedOrigins | https://app.example.org/",
        "security.allowedOrigins | https://App.example.org",
        "security.allowedOrigins | https://app.example.org?a",
        "security.allowedOrigins | ftp://app.example.org",
        "security.metricsFrom    | localhost",
        "security.metricsFrom    | 127.1",
        "security.metricsFrom    | 256.0.0.1",
        "security.metricsFrom    | ::g",
        "security.metricsFrom    | 10.0.0.0/8",
        "demo                    | yes",
        "demo                    | True",
        "users                   | no-such-file",
        "catalogue               | no-such-file",
      })
  void aValueOutOfItsTypeOrRangeIsRefused(String key, String value) {
    String variable = "LONGSPAN_" + key.replace('.', '_').toUpperCase(Locale.ROOT);
    Setting<?> setting = new KeyNames(Settings.all()).setting(key).orElseThrow();

    assertThat(errorOf(Map.of(), Map.of(variable, value)))
        .startsWith(
            key + ": \"" + value + "\" is not allowed; allowed: " + setting.type().allowed())
        .endsWith("; read from environment " + variable);
  }

  @Test
  void aListOrASectionInPlaceOfAValueIsRefused() {
    assertThat(errorOf("http: {port: [80, 81]}"))
        .isEqualTo(
            "http.port: \"[80, 81]\" is not allowed; allowed: "
                + PORT
                + "; read from longspan.yaml:1");
    assertThat(errorOf("http: {port: {number: 80}}"))
        .startsWith("http.port: \"{number}\" is not allowed; allowed: " + PORT);
    assertThat(errorOf("http:\n  port:\n"))
        .startsWith("http.port: \"(nothing)\" is not allowed; allowed: " + PORT);
    assertThat(errorOf("security: {metricsFrom: [[127.0.0.1]]}"))
        .startsWith("security.metricsFrom: \"(a section or a list)\" is not allowed");
  }

  @Test
  void aValueInPlaceOfASectionIsRefused() {
    assertThat(errorOf("demo: true\nhttp: 80"))
        .isEqualTo(
            "http: \"80\" is not allowed; allowed: a section with http.host, http.port,"
                + " http.contextPath, http.trustedProxies, http.tls, http.http2; read from longspan.yaml:2");
    assertThat(errorOf("- http"))
        .startsWith("(the whole file): \"(a section or a list)\" is not allowed; allowed: a YAML");
  }

  @Test
  void aKeyGivenTwiceIsRefused() {
    assertThat(errorOf("http: {port: 1}\nhttp.port: 2"))
        .isEqualTo(
            "http.port: \"(a second value)\" is not allowed; allowed: one value for a key;"
                + " read from longspan.yaml:2");
    assertThat(
            errorOf(
                Map.of(),
                Map.of("LONGSPAN_BRIDGE_CHANNELROOT", "/a", "LONGSPAN_BRIDGE_CHANNEL_ROOT", "/b")))
        .startsWith("bridge.channelRoot: \"(a second value)\" is not allowed; allowed: one of its");
  }

  @Test
  void anAliasIsRefusedRatherThanReadAsItsName() {
    assertThat(errorOf("bridge: {id: &name one}\nbroker: {user: *name}"))
        .isEqualTo(
            "broker.user: \"(an alias)\" is not allowed; allowed: text on one line;"
                + " read from longspan.yaml:2");
  }

  @Test
  void whatIsNotYamlIsReportedWithItsLine() {
    assertThat(errorOf("http:\n  port: 80\n bad"))
        .startsWith("longspan.yaml:")
        .contains("not YAML");
    assertThat(errorOf("a: b\n---\nc: d")).contains("longspan.yaml");
  }

  @Test
  void aFileThatIsMissingIsReported() {
    assertThat(error(Path.of("no-such.yaml"), Map.of(), Map.of()))
        .isEqualTo("no-such.yaml: the configuration file cannot be read: NoSuchFileException");
  }

  @Test
  void withoutABrokerItsKeysAndTheDemoAreRefused() {
    String none = "broker: {provider: none%s}";
    assertThat(errorOf(none.formatted(", url: 'tcp://a:1'")))
        .isEqualTo(
            "broker.url: \"tcp://a:1\" is not allowed; allowed: no value with broker.provider none;"
                + " read from longspan.yaml:1");
    for (String key :
        new String[] {
          "urls: ['tcp://a:1']",
          "dialect: activemq",
          "passwordFile: longspan.yaml",
          "tls: {verifyHostname: true}"
        }) {
      assertThat(errorOf(none.formatted(", " + key)))
          .startsWith("broker." + key.substring(0, key.indexOf(':')))
          .contains("with broker.provider none");
    }
    assertThat(errorOf("demo: true\n" + none.formatted("")))
        .isEqualTo(
            "demo: \"true\" is not allowed; allowed: false with broker.provider none;"
                + " read from longspan.yaml:1");
  }

  @Test
  void aProviderNeedsItsAddress() {
    assertThat(errorOf("broker:\n  provider: activemq"))
        .isEqualTo(
            "broker.url: not set, but needed by broker.provider; allowed: one broker's URL such as"
                + " tcp://broker.example.org:61616, its scheme one of tcp, ssl, nio, nio+ssl;"
                + " read from longspan.yaml:2");
    assertThat(errorOf("broker:\n  provider: jndi"))
        .isEqualTo(
            "broker.jndi.connectionFactory: not set, but needed by broker.provider; allowed: a JNDI"
                + " name without spaces; read from longspan.yaml:2");
  }

  @Test
  void topicsForAnswersNeedADialectWithDots() {
    assertThat(
            errorOf(
                "broker: {provider: jndi, dialect: solace, replies: topic, jndi.connectionFactory: f}"))
        .startsWith(
            "broker.replies: \"topic\" is not allowed; allowed: temporaryTopic, temporaryQueue or"
                + " queue with broker.dialect solace;");
  }

  @Test
  void aQueueForAnswersNeedsANameThatIbmMqAllows() {
    String broker =
        "broker: {provider: jndi, dialect: ibmmq, replies: queue, jndi.connectionFactory: f}";
    assertThat(errorOf(broker))
        .startsWith(
            "broker.replies: \"queue\" is not allowed; allowed: queue with broker.dialect ibmmq only"
                + " if longspan.reply.bridge-1.heartbeat has at most 48 characters");
    assertThat(errorOf("broker: {provider: amqp, url: \"amqp://a\", dialect: ibmmq}"))
        .startsWith(
            "broker.dialect: \"ibmmq\" is not allowed; allowed: one of activemq, artemis with"
                + " broker.provider amqp;");
    assertThat(errorOf("broker: {provider: rabbitmq, url: \"amqp://a:5672/v?heartbeat=1\"}"))
        .contains("one broker's URL without options");
  }

  @Test
  void anAddressNeedsItsProvider() {
    assertThat(errorOf(Map.of(), Map.of("LONGSPAN_BROKER_URL", "tcp://127.0.0.1:61616")))
        .isEqualTo(
            "broker.provider: not set, but needed by broker.url; allowed: activemq, artemis,"
                + " amqp or rabbitmq; read from environment LONGSPAN_BROKER_URL");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "failover:(tcp://a:1,tcp://b:1)",
        "FailOver:tcp://a:1",
        "fanout:(tcp://a:1)",
        "discovery:(multicast://default)",
        "tcp://a:1?reconnectAttempts=-1",
        "tcp://a:1?x=y&ha=true",
      })
  void failOverIsRefusedWithItsReason(String url) {
    assertThat(errorOf("broker:\n  provider: artemis\n  url: \"" + url + "\""))
        .startsWith("broker.url: \"" + url + "\" is not allowed; allowed: one broker's URL without")
        .endsWith("because the bridge reconnects by itself; read from longspan.yaml:3");
  }

  @Test
  void replyDestinationsAreChecked() {
    assertThat(errorOf("broker: {replies: temporary}"))
        .startsWith("broker.replies: \"temporary\" is not allowed; allowed: one of temporaryTopic");
    assertThat(errorOf("broker: {replyPrefix: 'a..b'}"))
        .startsWith("broker.replyPrefix: \"a..b\" is not allowed; allowed: 1 to 100 characters");
    assertThat(errorOf("broker: {replyPrefix: 'a.>'}")).startsWith("broker.replyPrefix: ");
  }

  @Test
  void severalAddressesAreCheckedLikeOne() {
    assertThat(errorOf("broker: {provider: activemq, url: 'tcp://a:1', urls: ['tcp://b:1']}"))
        .startsWith("broker.urls: ")
        .contains("allowed: only one of broker.url and broker.urls");
    assertThat(errorOf("broker: {provider: activemq, urls: ['tcp://a:1', 'amqp://b:1']}"))
        .startsWith("broker.urls: ")
        .contains("allowed: one broker's URL such as");
    assertThat(errorOf("broker: {provider: activemq, urls: []}")).startsWith("broker.urls: ");
    assertThat(errorOf("broker: {provider: artemis, url: '(tcp://a:1,ssl://b:1)?ha=true'}"))
        .startsWith("broker.url: ")
        .contains("allowed: one broker's URL such as");
    assertThat(errorOf("broker: {urls: ['tcp://a:1']}"))
        .startsWith("broker.provider: not set, but needed by broker.urls");
    assertThat(errorOf("broker: {provider: activemq, urls: ['tcp://a:1'], order: any}"))
        .startsWith("broker.order: \"any\" is not allowed; allowed: one of inOrder, random");
  }

  @ParameterizedTest
  @CsvSource({
    "activemq, amqp://a:1",
    "activemq, vm://a",
    "activemq, tcp://",
    "activemq, a:61616",
    "artemis, ssl://a:1",
    "artemis, 'tcp://a:1,tcp://b:1'",
    "amqp, tcp://a:1",
    "amqp, amqp://a b",
  })
  void anAddressThatTheProviderCannotReadIsRefused(String provider, String url) {
    assertThat(errorOf("broker: {provider: " + provider + ", url: '" + url + "'}"))
        .startsWith(
            "broker.url: \"" + url + "\" is not allowed; allowed: one broker's URL such as");
  }

  @Test
  void aDialectThatIsNotTheProvidersIsRefused() {
    assertThat(errorOf("broker: {provider: artemis, url: 'tcp://a:1', dialect: activemq}"))
        .isEqualTo(
            "broker.dialect: \"activemq\" is not allowed; allowed: artemis with broker.provider"
                + " artemis; read from longspan.yaml:1");
  }

  @Test
  void aUrlBesideJndiIsRefused() {
    assertThat(errorOf("broker: {provider: jndi, url: 'tcp://a:1', jndi: {connectionFactory: cf}}"))
        .startsWith("broker.url: \"tcp://a:1\" is not allowed; allowed: no value with");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "broker: {password: \"hunter2\\n\"}",
        "broker: {password: [hunter2]}",
        "broker: {pasword: hunter2}",
        "broker: {Password: hunter2}",
        "password: hunter2",
        "broker: {pwd: hunter2}",
        "broker: {jndi: {environment: [hunter2]}}",
        "broker: {jndi: {environment: {a: {b: hunter2}}}}",
        "broker: {provider: amqp, url: 'tcp://u:hunter2@a:1'}",
        "broker: {provider: amqp, url: 'tcp://a:1?jms.password=hunter2&b=c'}",
        "broker: {url: 'tcp://u:hunter2@a:1'}",
        "broker: {ulr: 'tcp://u:hunter2@a:1'}",
        "http: 'tcp://u:hunter2@a:1'",
        "broker:\n  password: hunter2\n password: hunter2",
        "broker: {password: 'hunter2'x}",
      })
  void aPasswordIsNeverPrinted(String yaml) {
    assertThat(errorOf(yaml)).isNotEmpty().doesNotContain("hunter2");
  }

  @Test
  void aPasswordInAnOverrideIsNeverPrinted() {
    assertThat(errorOf(Map.of("longspan.broker.password", "hunter2\n"), Map.of()))
        .isEqualTo(
            "broker.password: \"(hidden)\" is not allowed; allowed: text on one line;"
                + " read from system property longspan.broker.password");
    assertThat(errorOf(Map.of(), Map.of("LONGSPAN_BROKER_PASSWD", "hunter2")))
        .startsWith("broker.passwd: unknown key with the value \"(hidden)\"");
  }

  @Test
  void anErrorIsOneLineWhateverTheValueHolds() {
    assertThat(errorOf("http: {port: \"80\\n2026 ERROR forged\\e[31m\"}"))
        .startsWith("http.port: \"80 2026 ERROR forged [31m\" is not allowed")
        .hasLineCount(1);
    assertThat(errorOf("http: {port: \"" + "9".repeat(5000) + "\"}")).hasSizeLessThan(500);
  }

  private String errorOf(Map<String, String> properties, Map<String, String> environment) {
    return error(null, properties, environment);
  }

  private String errorOf(String yaml) {
    try {
      Path file = Files.writeString(folder.resolve("longspan.yaml"), yaml);
      return error(file, Map.of(), Map.of()).replace(folder + "/", "");
    } catch (IOException unexpected) {
      throw new AssertionError(unexpected);
    }
  }

  private static String error(
      Path file, Map<String, String> properties, Map<String, String> environment) {
    ConfigException error =
        catchThrowableOfType(
            ConfigException.class,
            () -> ConfigLoader.load(Optional.ofNullable(file), properties, environment));
    assertThat(error).as("an error").isNotNull();
    return error.getMessage();
  }
}
