package io.longspan.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longspan.config.LongspanConfig.Dialect;
import io.longspan.config.LongspanConfig.Provider;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ConfigLoaderTest {

  @TempDir Path folder;

  @Test
  void withoutAFileEverythingHasItsDefault() {
    long heap = Runtime.getRuntime().maxMemory();
    LongspanConfig config = ConfigLoader.load(Optional.empty(), Map.of(), Map.of());

    assertThat(config.http())
        .isEqualTo(
            new LongspanConfig.Http("127.0.0.1", 8080, "/", List.of(), Optional.empty(), false));
    assertThat(config.bridge())
        .isEqualTo(
            new LongspanConfig.Bridge("bridge-1", "/anzo", LongspanConfig.ReadyBrokers.DEFAULT));
    assertThat(config.broker().provider()).isEqualTo(Provider.EMBEDDED);
    assertThat(config.broker().dialect()).isEqualTo(Dialect.ACTIVEMQ);
    assertThat(config.broker().url()).isEmpty();
    assertThat(config.users()).isEmpty();
    assertThat(config.catalogue()).isEmpty();
    assertThat(config.session())
        .isEqualTo(
            new LongspanConfig.Session(
                Duration.ofSeconds(30),
                Duration.ofSeconds(30),
                Duration.ofSeconds(60),
                Duration.ZERO,
                Duration.ofSeconds(10),
                Duration.ofHours(24),
                Duration.ofMinutes(5),
                Duration.ofMillis(50)));
    assertThat(config.limits())
        .isEqualTo(
            new LongspanConfig.Limits(
                256 * 1024,
                1024,
                32,
                1000,
                100,
                1000,
                10_000,
                8 * 1024 * 1024,
                1000,
                20_000,
                1000,
                10_000,
                1000,
                1000,
                2000,
                2000,
                100,
                Math.min(heap / 3, Math.max(heap / 3 / 8, 32 * 1024 * 1024)),
                heap / 3));
    assertThat(config.security())
        .isEqualTo(new LongspanConfig.Security(List.of(), List.of("127.0.0.1", "::1")));
    assertThat(config.tokens())
        .isEqualTo(
            new LongspanConfig.Tokens(
                Optional.empty(), "", "", List.of("RS256", "ES256"), "sub", "roles"));
    assertThat(config.identity()).isEqualTo(new LongspanConfig.MessageIdentity(Optional.empty()));
    assertThat(config.demo()).isFalse();
  }

  @Test
  void aWholeFileIsRead() throws IOException {
    Files.createFile(folder.resolve("users.properties"));
    Files.createFile(folder.resolve("catalogue.yaml"));
    Files.createFile(folder.resolve("key.json"));

    LongspanConfig config =
        load(
            """
            # every section
            http:      {host: 127.0.0.1, port: 9090, contextPath: /bridge, trustedProxies: [10.0.0.0/8, "::1"], http2: true}
            bridge:    {id: 007, channelRoot: /anzo/two}
            broker:
              provider: artemis
              url: tcp://127.0.0.1:61616
              user: bridge
              password: "no: comment # here"
            users: users.properties
            catalogue: catalogue.yaml
            session:   {timeout: 500ms, maxInterval: 5m, resumeWindow: 1h, idleTimeout: 2h, drainTimeout: 1m,
                        signInLifetime: 3h, recheckCredentials: 0s, receiptDelay: 20ms}
            limits:    {messageBytes: 1024, propertyBytes: 64, jsonDepth: 16, topicsPerClient: 2, sessionsPerUser: 3,
                        requestsInFlight: 4, queueMessages: 5, queueBytes: 2MiB,
                        messagesPerSecond: 6, connectionsPerAddress: 7,
                        connectionsPerUser: 8, topicsPerUser: 9, queueConsumers: 11, durableSubscriptions: 12,
                        handshakesAtOnce: 13, handshakesWaiting: 14,
                        signInsPerUser: 10, userBytes: 64KiB,
                        totalBytes: 1MiB}
            security:  {allowedOrigins: ["https://app.example.org:8443"], metricsFrom: [10.1.2.3]}
            tokens:    {keys: "https://login.example.org/keys", issuer: "https://login.example.org",
                        audience: longspan, algorithms: [EdDSA], userClaim: email, rolesClaim: groups}
            identity:  {signingKey: key.json}
            demo: true
            """);

    assertThat(config.http())
        .isEqualTo(
            new LongspanConfig.Http(
                "127.0.0.1",
                9090,
                "/bridge",
                List.of("10.0.0.0/8", "::1"),
                Optional.empty(),
                true));
    assertThat(config.bridge())
        .isEqualTo(
            new LongspanConfig.Bridge("007", "/anzo/two", LongspanConfig.ReadyBrokers.DEFAULT));
    assertThat(config.broker())
        .isEqualTo(
            new LongspanConfig.Broker(
                Provider.ARTEMIS,
                "tcp://127.0.0.1:61616",
                "bridge",
                "no: comment # here",
                Dialect.ARTEMIS,
                new LongspanConfig.Jndi("", Map.of())));
    assertThat(config.users()).contains(folder.resolve("users.properties"));
    assertThat(config.catalogue()).contains(folder.resolve("catalogue.yaml"));
    assertThat(config.session())
        .isEqualTo(
            new LongspanConfig.Session(
                Duration.ofMillis(500),
                Duration.ofMinutes(5),
                Duration.ofHours(1),
                Duration.ofHours(2),
                Duration.ofMinutes(1),
                Duration.ofHours(3),
                Duration.ZERO,
                Duration.ofMillis(20)));
    assertThat(config.limits())
        .isEqualTo(
            new LongspanConfig.Limits(
                1024,
                64,
                16,
                2,
                3,
                4,
                5,
                2 * 1024 * 1024,
                6,
                7,
                8,
                9,
                11,
                12,
                13,
                14,
                10,
                65_536,
                1024 * 1024));
    assertThat(config.security())
        .isEqualTo(
            new LongspanConfig.Security(
                List.of("https://app.example.org:8443"), List.of("10.1.2.3")));
    assertThat(config.tokens())
        .isEqualTo(
            new LongspanConfig.Tokens(
                Optional.of(URI.create("https://login.example.org/keys")),
                "https://login.example.org",
                "longspan",
                List.of("EdDSA"),
                "email",
                "groups"));
    assertThat(config.identity().signingKey()).contains(folder.resolve("key.json"));
    assertThat(config.demo()).isTrue();
  }

  @Test
  void aKeySetOfTokensCanBeAFileBesideTheConfiguration() throws IOException {
    Path keys = Files.createFile(folder.resolve("jwks.json"));

    LongspanConfig config = load("tokens: {keys: jwks.json, issuer: me, audience: you}");

    assertThat(config.tokens().keys()).contains(keys.toUri());
  }

  @Test
  void anEmptyFileAndAnEmptySectionAreTheDefaults() throws IOException {
    LongspanConfig defaults = ConfigLoader.load(Optional.empty(), Map.of(), Map.of());

    assertThat(load("")).isEqualTo(defaults);
    assertThat(load("# nothing yet\n")).isEqualTo(defaults);
    assertThat(load("http:\nbroker:\n")).isEqualTo(defaults);
  }

  @Test
  void aSystemPropertyWinsOverTheEnvironmentAndThisOverTheFile() throws IOException {
    Map<String, String> property = Map.of("longspan.http.port", "3");
    Map<String, String> variable = Map.of("LONGSPAN_HTTP_PORT", "2");

    assertThat(load("http.port: 1", Map.of(), Map.of()).http().port()).isEqualTo(1);
    assertThat(load("http.port: 1", Map.of(), variable).http().port()).isEqualTo(2);
    assertThat(load("http.port: 1", property, variable).http().port()).isEqualTo(3);
  }

  @Test
  void aValueThatAnOverrideReplacesIsNotChecked() throws IOException {
    assertThat(load("http.port: none", Map.of("longspan.http.port", "3"), Map.of()).http().port())
        .isEqualTo(3);
  }

  @Test
  void anEnvironmentVariableMayKeepTheWordsOfAKeyTogetherOrApart() throws IOException {
    assertThat(interval("LONGSPAN_SESSION_MAXINTERVAL")).isEqualTo(Duration.ofSeconds(7));
    assertThat(interval("LONGSPAN_SESSION_MAX_INTERVAL")).isEqualTo(Duration.ofSeconds(7));
  }

  @Test
  void everyKeyHasAnEnvironmentVariableOfItsOwn() {
    assertThat(Settings.all().stream().flatMap(setting -> setting.environmentNames().stream()))
        .doesNotHaveDuplicates()
        .contains("LONGSPAN_BROKER_URL", "LONGSPAN_BROKER_JNDI_CONNECTIONFACTORY", "LONGSPAN_DEMO");
  }

  @Test
  void anOverrideOfAListHasCommas() throws IOException {
    Map<String, String> variables =
        Map.of(
            "LONGSPAN_SECURITY_ALLOWED_ORIGINS", "https://a.example.org, http://b.example.org:81",
            "LONGSPAN_SECURITY_METRICSFROM", "");

    LongspanConfig.Security security = load("", Map.of(), variables).security();

    assertThat(security.allowedOrigins())
        .containsExactly("https://a.example.org", "http://b.example.org:81");
    assertThat(security.metricsFrom()).isEmpty();
  }

  @Test
  void whatNamesTheFileIsNoKey() throws IOException {
    Map<String, String> property = Map.of("longspan.config", "x.yaml", "java.version", "17");
    Map<String, String> variable = Map.of("LONGSPAN_CONFIG", "y.yaml", "PATH", "/bin");

    assertThat(load("", property, variable).http().port()).isEqualTo(8080);
    assertThat(ConfigFile.named(property, variable)).contains(Path.of("x.yaml"));
    assertThat(ConfigFile.named(Map.of(), variable)).contains(Path.of("y.yaml"));
    assertThat(ConfigFile.named(Map.of(), Map.of())).isEmpty();
  }

  @Test
  void aFactoryOfJndiHasItsEnvironmentFromTheFileOrFromOneText() throws IOException {
    Map<String, String> environment =
        Map.of("java.naming.factory.initial", "a.B", "java.naming.provider.url", "tcp://x?a=b");

    LongspanConfig written =
        load(
            """
            broker:
              provider: jndi
              dialect: activemq
              jndi:
                connectionFactory: jms/bus
                environment:
                  java.naming.factory.initial: a.B
                  java.naming.provider.url: tcp://x?a=b
            """);
    LongspanConfig overridden =
        load(
            "broker: {provider: jndi, jndi: {connectionFactory: jms/bus}}",
            Map.of(),
            Map.of(
                "LONGSPAN_BROKER_JNDI_ENVIRONMENT",
                "java.naming.factory.initial=a.B,java.naming.provider.url=tcp://x?a=b"));

    assertThat(written.broker().jndi())
        .isEqualTo(new LongspanConfig.Jndi("jms/bus", environment))
        .isEqualTo(overridden.broker().jndi());
    assertThat(written.broker().dialect()).isEqualTo(Dialect.ACTIVEMQ);
    assertThat(overridden.broker().dialect()).isEqualTo(Dialect.ARTEMIS);
  }

  @Test
  void theEmbeddedBrokerLeavesTheAddressOfAnotherUnread() throws IOException {
    LongspanConfig config = load("broker: {provider: embedded, url: 'tcp://127.0.0.1:61616'}");

    assertThat(config.broker().provider()).isEqualTo(Provider.EMBEDDED);
    assertThat(config.broker().url()).isEmpty();
  }

  @Test
  void theTreeCannotBeChanged() {
    LongspanConfig config = ConfigLoader.load(Optional.empty(), Map.of(), Map.of());

    assertThatThrownBy(() -> config.security().allowedOrigins().add("https://evil.example.org"))
        .isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> config.broker().jndi().environment().put("a", "b"))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void theTreePrintedShowsNoSecret() throws IOException {
    LongspanConfig config =
        load(
            """
            broker:
              provider: jndi
              password: hunter2
              jndi:
                connectionFactory: cf
                environment: {java.naming.security.credentials: hunter2}
            """);
    LongspanConfig other =
        load(
            """
            broker:
              provider: amqp
              url: "amqp://u:hunter2@h:1?jms.username=u&jms.password=hunter2"
            """);

    assertThat(config.toString()).doesNotContain("hunter2");
    assertThat(config.broker().jndi().toString())
        .doesNotContain("hunter2")
        .contains("security.credentials");
    assertThat(other.toString()).doesNotContain("hunter2").contains("jms.username=u");
  }

  private Duration interval(String variable) throws IOException {
    return load("", Map.of(), Map.of(variable, "7s")).session().maxInterval();
  }

  private LongspanConfig load(String yaml) throws IOException {
    return load(yaml, Map.of(), Map.of());
  }

  private LongspanConfig load(
      String yaml, Map<String, String> properties, Map<String, String> environment)
      throws IOException {
    Path file = Files.writeString(folder.resolve("longspan.yaml"), yaml);
    return ConfigLoader.load(Optional.of(file), properties, environment);
  }
}
