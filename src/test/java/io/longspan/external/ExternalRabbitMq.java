package io.longspan.external;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.jms.admin.RMQConnectionFactory;
import io.longspan.wire.AdministeredBroker;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A node of RabbitMQ with the plugin for JMS topics; needs an installed RabbitMQ. */
public final class ExternalRabbitMq implements ExternalBroker, AdministeredBroker {
  private static final String TOPICS = "jms.durable.topic";

  /** The rights that {@code docs/security.md} recommends, on the names of topics. */
  private static final String BRIDGE_WRITES = "^(?!bridge/(push|commands|authorization-events)$).*";

  private static final String BRIDGE_READS = "^(?!bridge/clients$).*";
  private static final String NOTHING = "^$";

  private static final Path PROGRAMS = Path.of("/usr/lib/rabbitmq/bin");

  private final Path folder;
  private final int port;
  private final int epmdPort;
  private final int distributionPort;
  private final ChildProcess epmd;
  private volatile ChildProcess node;

  /** Starts a node and waits until it can be used. */
  public ExternalRabbitMq() {
    this("rabbitmq_jms_topic_exchange");
  }

  /**
   * Starts a node and waits until it can be used.
   *
   * @param plugins the plugins that are on, separated by commas
   */
  public ExternalRabbitMq(String plugins) {
    assertThat(PROGRAMS.resolve("rabbitmq-server"))
        .as("RabbitMQ, of the package rabbitmq-server")
        .isExecutable();
    try {
      Path parent = Files.createDirectories(Path.of("target", "brokers").toAbsolutePath());
      folder = Files.createTempDirectory(parent, "rabbitmq-");
      port = FreePort.find();
      epmdPort = FreePort.find();
      distributionPort = FreePort.find();
      Files.writeString(folder.resolve("plugins"), "[" + plugins + "].");
      Files.writeString(folder.resolve("definitions.json"), definitions());
      Files.writeString(
          folder.resolve("rabbitmq.conf"),
          """
          listeners.tcp.1 = 127.0.0.1:%d
          loopback_users = none
          load_definitions = %s
          """
              .formatted(port, folder.resolve("definitions.json")));
    } catch (IOException x) {
      throw new UncheckedIOException(x);
    }
    // Erlang's name service. A node that finds none would start one that outlives it.
    epmd =
        ChildProcess.start(
            "epmd",
            folder,
            Map.of(),
            List.of("epmd", "-address", "127.0.0.1", "-port", Integer.toString(epmdPort)));
    restart();
  }

  private static String definitions() {
    return """
        {"vhosts": [{"name": "/"}],
         "users": [%s, %s],
         "permissions": [%s, %s],
         "topic_permissions": [%s, %s],
         "policies": [%s, %s]}
        """
        .formatted(
            user(BRIDGE_USER, BRIDGE_PASSWORD),
            user(SERVICE_USER, SERVICE_PASSWORD),
            rights(BRIDGE_USER),
            rights(SERVICE_USER),
            topicRights(BRIDGE_USER, TOPICS, BRIDGE_WRITES, BRIDGE_READS),
            topicRights(SERVICE_USER, "jms.temp.topic", ".*", NOTHING),
            policy(FullQueues.RABBITMQ_REJECTING, "reject-publish"),
            policy(FullQueues.RABBITMQ_DROPPING, "drop-head"));
  }

  private static String user(String name, String password) {
    byte[] salt = {1, 2, 3, 4};
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(salt);
      byte[] hash = digest.digest(password.getBytes(StandardCharsets.UTF_8));
      byte[] salted = new byte[salt.length + hash.length];
      System.arraycopy(salt, 0, salted, 0, salt.length);
      System.arraycopy(hash, 0, salted, salt.length, hash.length);
      return "{\"name\": \"%s\", \"password_hash\": \"%s\", \"hashing_algorithm\":"
          .concat(" \"rabbit_password_hashing_sha256\", \"tags\": \"\"}")
          .formatted(name, Base64.getEncoder().encodeToString(salted));
    } catch (NoSuchAlgorithmException x) {
      throw new IllegalStateException(x);
    }
  }

  private static String rights(String user) {
    return ("{\"user\": \"%s\", \"vhost\": \"/\", \"configure\": \".*\", \"write\": \".*\","
            + " \"read\": \".*\"}")
        .formatted(user);
  }

  private static String topicRights(String user, String exchange, String write, String read) {
    return ("{\"user\": \"%s\", \"vhost\": \"/\", \"exchange\": \"%s\", \"write\": \"%s\","
            + " \"read\": \"%s\"}")
        .formatted(user, exchange, write, read);
  }

  private static String policy(String queue, String overflow) {
    return ("{\"name\": \"%1$s\", \"vhost\": \"/\", \"pattern\": \"^%1$s$\", \"apply-to\":"
            + " \"queues\", \"definition\": {\"max-length-bytes\": %2$d, \"overflow\": \"%3$s\"}}")
        .formatted(queue, FullQueues.BYTES, overflow);
  }

  private Map<String, String> environment() {
    Map<String, String> environment = new HashMap<>();
    environment.put("HOME", folder.toString());
    environment.put("RABBITMQ_NODENAME", "node" + port + "@localhost");
    environment.put("RABBITMQ_DIST_PORT", Integer.toString(distributionPort));
    environment.put("RABBITMQ_CONFIG_FILE", folder.resolve("rabbitmq.conf").toString());
    environment.put("RABBITMQ_MNESIA_BASE", folder.resolve("data").toString());
    environment.put("RABBITMQ_LOG_BASE", folder.resolve("log").toString());
    environment.put("RABBITMQ_ENABLED_PLUGINS_FILE", folder.resolve("plugins").toString());
    environment.put(
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", "-kernel inet_dist_use_interface {127,0,0,1}");
    environment.put("ERL_EPMD_PORT", Integer.toString(epmdPort));
    environment.put("ERL_EPMD_ADDRESS", "127.0.0.1");
    return environment;
  }

  @Override
  public void restart() {
    delete(folder.resolve("data"));
    node =
        ChildProcess.start(
            "rabbitmq",
            folder,
            environment(),
            List.of(PROGRAMS.resolve("rabbitmq-server").toString()));
    node.await("Starting broker\\.\\.\\. completed");
  }

  private static void delete(Path data) {
    if (!Files.exists(data)) {
      return;
    }
    try (Stream<Path> paths = Files.walk(data)) {
      paths.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
    } catch (IOException x) {
      throw new UncheckedIOException(x);
    }
  }

  /** Runs a command of the administrator and returns what it says. */
  public String administer(String... command) {
    List<String> line = new ArrayList<>();
    line.add(PROGRAMS.resolve("rabbitmqctl").toString());
    line.add("--quiet");
    line.addAll(List.of(command));
    try (ChildProcess control = ChildProcess.start("rabbitmqctl", folder, environment(), line)) {
      control.awaitSuccess();
      return control.log();
    }
  }

  @Override
  public int port() {
    return port;
  }

  @Override
  public void pause() {
    node.signal("STOP");
  }

  @Override
  public void resume() {
    node.signal("CONT");
  }

  @Override
  public void kill() {
    node.kill();
  }

  /** Returns the queues of all consumers of topics, also of permanent ones. */
  @Override
  public Set<String> temporaryTopics() {
    return administer("list_queues", "--no-table-headers", "name")
        .lines()
        .map(String::strip)
        .filter(name -> name.startsWith("jms-cons-"))
        .collect(Collectors.toSet());
  }

  @Override
  public void refuseConsumers(String topic) {
    letBridgeRead("^(?!(" + topic.replace(".", "[.]") + "|bridge/clients)$).*");
  }

  @Override
  public void allowConsumers(String topic) {
    letBridgeRead(BRIDGE_READS);
  }

  private void letBridgeRead(String topics) {
    administer("set_topic_permissions", BRIDGE_USER, TOPICS, BRIDGE_WRITES, topics);
  }

  /** Returns the queues of the consumers of a topic. */
  public List<String> queuesOf(String topic) {
    return administer(
            "list_bindings", "--no-table-headers", "routing_key", "source_name", "destination_name")
        .lines()
        .map(line -> line.split("\t"))
        .filter(binding -> binding.length == 3 && binding[0].equals(topic))
        .filter(binding -> binding[1].startsWith("jms.") && binding[2].startsWith("jms-cons-"))
        .map(binding -> binding[2])
        .toList();
  }

  @Override
  public void endConsumers(String topic) {
    for (String queue : queuesOf(topic)) {
      administer(
          "eval",
          ("{ok, Q} = rabbit_amqqueue:lookup(rabbit_misc:r(<<\"/\">>, queue, <<\"%s\">>)),"
                  + " rabbit_amqqueue:delete(Q, false, false, <<\"test\">>).")
              .formatted(queue));
    }
  }

  @Override
  public Map<String, String> settings() {
    return Map.of(
        "broker.provider",
        "rabbitmq",
        "broker.url",
        "amqp://127.0.0.1:" + port,
        "broker.user",
        BRIDGE_USER,
        "broker.password",
        BRIDGE_PASSWORD);
  }

  /** {@inheritDoc} Not supported: the node has no AMQP 1.0 plugin. */
  @Override
  public Map<String, String> amqpSettings() {
    throw new UnsupportedOperationException();
  }

  /** {@inheritDoc} Not supported: the JMS client has no initial context. */
  @Override
  public Map<String, String> jndiSettings() {
    throw new UnsupportedOperationException();
  }

  @Override
  public int stompPort() {
    throw new UnsupportedOperationException("the node has no STOMP plugin");
  }

  @Override
  public int amqpPort() {
    throw new UnsupportedOperationException("the node has no AMQP 1.0 plugin");
  }

  @Override
  public int mqttPort() {
    throw new UnsupportedOperationException("the node has no MQTT plugin");
  }

  @Override
  public ConnectionFactory connectionFactory() {
    RMQConnectionFactory factory = new RMQConnectionFactory();
    try {
      factory.setUri("amqp://127.0.0.1:" + port);
    } catch (JMSException x) {
      throw new IllegalStateException(x);
    }
    factory.setUsername(SERVICE_USER);
    factory.setPassword(SERVICE_PASSWORD);
    // Else a service could not answer to a temporary queue of the bridge.
    factory.setDeclareReplyToDestination(false);
    factory.setCleanUpServerNamedQueuesForNonDurableTopicsOnSessionClose(true);
    return factory;
  }

  @Override
  public void close() {
    node.kill();
    epmd.kill();
  }
}
