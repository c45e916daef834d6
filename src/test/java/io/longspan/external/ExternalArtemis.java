package io.longspan.external;

import io.longspan.wire.AdministeredBroker;
import jakarta.jms.ConnectionFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;

/** The Artemis distribution, with one acceptor for every protocol. */
public final class ExternalArtemis implements ExternalBroker, AdministeredBroker {
  static final Path HOME = Distributions.find("apache-artemis-");

  private final Path instance;
  private final int port;
  private final int stompPort;
  private volatile ChildProcess process;

  /** Memory that one address may use before its messages go to disk, of a broker with a journal. */
  private static final String ADDRESS_BYTES = "1M";

  /**
   * Creates an instance that keeps messages in memory, starts it and waits until it can be used.
   */
  public ExternalArtemis() {
    this(false, "", "");
  }

  /**
   * Creates an instance with more acceptors.
   *
   * @param acceptors elements of {@code broker.xml}
   * @param loginModules modules of {@code login.config} that are asked before the passwords
   */
  public ExternalArtemis(String acceptors, String loginModules) {
    this(false, acceptors, loginModules);
  }

  /**
   * Creates an instance that keeps messages on disk, as an operator does, with a limit for the
   * memory of each address. Starts it and waits until it can be used.
   */
  public static ExternalArtemis withJournal() {
    return new ExternalArtemis(true, "", "");
  }

  private ExternalArtemis(boolean journal, String acceptors, String loginModules) {
    try {
      Path parent = Files.createDirectories(Path.of("target", "brokers").toAbsolutePath());
      instance = Files.createTempDirectory(parent, "artemis-");
      port = FreePort.find();
      stompPort = FreePort.find();
      String create =
          "%s create --silent --no-web --no-autotune %s --no-stomp-acceptor"
              + " --no-amqp-acceptor --no-mqtt-acceptor --no-hornetq-acceptor --require-login"
              + " --host 127.0.0.1 --default-port %d --user %s --password %s --role amq %s";
      run(
          List.of(
              "/bin/sh",
              "-c",
              create.formatted(
                  HOME.resolve("bin/artemis"),
                  journal ? "--nio" : "--disable-persistence",
                  port,
                  BRIDGE_USER,
                  quoted(BRIDGE_PASSWORD),
                  instance)));
      configure(
          instance,
          brokerXml ->
              brokerXml
                  .replace(
                      "<max-size-bytes>-1<",
                      "<max-size-bytes>%s<".formatted(journal ? ADDRESS_BYTES : "-1"))
                  .replace(
                      "</acceptors>", STOMP.formatted(stompPort) + acceptors + "</acceptors>"));
      Path login = instance.resolve("etc/login.config");
      Files.writeString(
          login, Files.readString(login).replaceFirst("activemq \\{", "$0\n" + loginModules));
    } catch (IOException x) {
      throw new UncheckedIOException(x);
    }
    restart();
  }

  /** Sets the password of the bridge's account; in effect after a restart. */
  public void setBridgePassword(String password) {
    Path users = instance.resolve("etc/artemis-users.properties");
    try {
      Files.writeString(
          users,
          Files.readString(users)
              .replaceFirst("(?m)^" + BRIDGE_USER + " *=.*$", BRIDGE_USER + " = " + password));
    } catch (IOException x) {
      throw new UncheckedIOException(x);
    }
  }

  @Override
  public void restart() {
    process =
        ChildProcess.start(
            "artemis",
            instance,
            Map.of("JAVA_HOME", System.getProperty("java.home"), "JAVA_ARGS", JVM),
            List.of(instance.resolve("bin/artemis").toString(), "run"));
    process.await("AMQ221007: Server is now (active|live)");
  }

  @Override
  public int port() {
    return port;
  }

  @Override
  public void pause() {
    process.signal("STOP");
  }

  @Override
  public void resume() {
    process.signal("CONT");
  }

  @Override
  public void kill() {
    process.kill();
  }

  @Override
  public Set<String> temporaryTopics() {
    return TemporaryTopics.ofArtemis(this);
  }

  @Override
  public void refuseConsumers(String topic) {
    administrator().permitConsumers(topic, "amq");
  }

  @Override
  public void allowConsumers(String topic) {
    administrator().permitConsumers(topic, "amq,bridges");
  }

  @Override
  public void endConsumers(String topic) {
    administrator().destroyQueues(topic);
  }

  /** Returns how many queues an address has, of which each subscription has one. */
  public int queuesOf(String address) {
    return administrator().queues(address).size();
  }

  private ArtemisAdministrator administrator() {
    return new ArtemisAdministrator(connectionFactory());
  }

  /** The prefixes make the reply addresses that a STOMP client gets addresses it can send to. */
  private static final String STOMP =
      """
        <acceptor name="stomp">tcp://127.0.0.1:%d?protocols=STOMP;\
      anycastPrefix=queue://,temp-queue://;multicastPrefix=topic://,temp-topic://</acceptor>
      """;

  /**
   * The rights that {@code docs/security.md} recommends for bridges; services may also send and
   * receive what only bridges should, because tests do. The most exact match alone counts.
   */
  private static final String RIGHTS =
      """
      <security-setting match="#">
        <permission type="createAddress" roles="amq,bridges"/>
        <permission type="deleteAddress" roles="amq,bridges"/>
        <permission type="createNonDurableQueue" roles="amq,bridges"/>
        <permission type="deleteNonDurableQueue" roles="amq,bridges"/>
        <permission type="createDurableQueue" roles="amq,bridges"/>
        <permission type="deleteDurableQueue" roles="amq,bridges"/>
        <permission type="consume" roles="amq,bridges"/>
        <permission type="browse" roles="amq"/>
        <permission type="send" roles="amq,bridges"/>
        <permission type="manage" roles="amq"/>
      </security-setting>
      """
          + Stream.of("bridge/push", "bridge/commands", "bridge/authorization-events")
              .map(topic -> oneWay(topic, "amq", "bridges,amq"))
              .collect(Collectors.joining())
          + oneWay("bridge/clients", "bridges,amq", "amq")
          + oneWay("longspan.reply.#", "bridges,amq", "bridges");

  private static String oneWay(String topic, String sender, String receiver) {
    return """
        <security-setting match="%1$s">
          <permission type="createAddress" roles="%2$s,%3$s"/>
          <permission type="deleteAddress" roles="%2$s,%3$s"/>
          <permission type="createNonDurableQueue" roles="%3$s"/>
          <permission type="deleteNonDurableQueue" roles="%3$s"/>
          <permission type="createDurableQueue" roles="%3$s"/>
          <permission type="deleteDurableQueue" roles="%3$s"/>
          <permission type="consume" roles="%3$s"/>
          <permission type="send" roles="%2$s"/>
        </security-setting>
        """
        .formatted(topic, sender, receiver);
  }

  /** It is to start quickly, again and again. */
  static final String JVM =
      "-Xmx512M -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Dhawtio.disableProxy=true --add-opens java.base/jdk.internal.misc=ALL-UNNAMED";

  static String quoted(String text) {
    return "'" + text.replace("'", "'\\''") + "'";
  }

  static void run(List<String> command) {
    try (ChildProcess creation =
        ChildProcess.start(
            "artemis-create",
            Path.of(""),
            Map.of("JAVA_HOME", System.getProperty("java.home")),
            command)) {
      creation.awaitSuccess();
    }
  }

  /**
   * Gives an instance the destinations, rights and accounts that tests expect.
   *
   * @param edit makes further changes in its {@code broker.xml}
   */
  static void configure(Path instance, UnaryOperator<String> edit) throws IOException {
    Path brokerXml = instance.resolve("etc/broker.xml");
    Files.writeString(
        brokerXml,
        edit.apply(
            Files.readString(brokerXml)
                .replace("<address-settings>", "<address-settings>" + FullQueues.artemisSettings())
                // A link's credit is what it may send to an address that is full.
                .replace("amqpCredits=1000;amqpLowCredits=300", "amqpCredits=10;amqpLowCredits=3")
                .replaceFirst(
                    "(?s)<security-setting match=\"#\">.*?</security-setting>",
                    Matcher.quoteReplacement(RIGHTS))));
    append(
        instance.resolve("etc/artemis-users.properties"),
        SERVICE_USER + " = " + SERVICE_PASSWORD + "\n");
    append(
        instance.resolve("etc/artemis-roles.properties"),
        "amq = " + SERVICE_USER + "\nbridges = " + BRIDGE_USER + "\n");
  }

  private static void append(Path file, String line) throws IOException {
    Files.writeString(file, Files.readString(file) + "\n" + line);
  }

  private String url() {
    return "tcp://127.0.0.1:" + port;
  }

  @Override
  public Map<String, String> settings() {
    return Map.of(
        "broker.provider",
        "artemis",
        "broker.url",
        url(),
        "broker.user",
        BRIDGE_USER,
        "broker.password",
        BRIDGE_PASSWORD);
  }

  @Override
  public Map<String, String> amqpSettings() {
    return Map.of(
        "broker.provider",
        "amqp",
        "broker.url",
        "amqp://127.0.0.1:" + port,
        "broker.user",
        BRIDGE_USER,
        "broker.password",
        BRIDGE_PASSWORD);
  }

  @Override
  public Map<String, String> jndiSettings() {
    return Map.of(
        "broker.provider",
        "jndi",
        "broker.jndi.connectionFactory",
        "ConnectionFactory",
        "broker.jndi.environment",
        "java.naming.factory.initial="
            + "org.apache.activemq.artemis.jndi.ActiveMQInitialContextFactory,"
            + "connectionFactory.ConnectionFactory="
            + url(),
        "broker.user",
        BRIDGE_USER,
        "broker.password",
        BRIDGE_PASSWORD);
  }

  @Override
  public ConnectionFactory connectionFactory() {
    return new ActiveMQConnectionFactory(url(), SERVICE_USER, SERVICE_PASSWORD);
  }

  @Override
  public int stompPort() {
    return stompPort;
  }

  @Override
  public int amqpPort() {
    return port;
  }

  @Override
  public int mqttPort() {
    return port;
  }

  @Override
  public void close() {
    process.kill();
  }
}
