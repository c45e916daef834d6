package io.longspan.external;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.awaitility.Awaitility;

/** One node of an Artemis pair or cluster, as {@code artemis create} makes it. */
final class ArtemisInstance implements AutoCloseable {
  /** It serves clients. */
  static final String ACTIVE = "AMQ221007: Server is now|AMQ221010: Backup Server is now";

  private static final Duration PATIENCE = Duration.ofSeconds(120);

  private final Path folder;
  private final int port;
  private ChildProcess process;

  /**
   * Creates the instance, which {@link #start} starts.
   *
   * @param port where it listens; a port of 127.0.0.1
   * @param peer the port of the other node
   * @param options further options of {@code artemis create}
   * @param edit changes its {@code broker.xml}
   */
  ArtemisInstance(int port, int peer, List<String> options, UnaryOperator<String> edit) {
    this.port = port;
    try {
      Path parent = Files.createDirectories(Path.of("target", "brokers").toAbsolutePath());
      folder = Files.createTempDirectory(parent, "artemis-");
      ExternalArtemis.run(create(peer, options));
      ExternalArtemis.configure(folder, edit);
    } catch (IOException x) {
      throw new UncheckedIOException(x);
    }
  }

  private List<String> create(int peer, List<String> options) {
    List<String> command =
        new ArrayList<>(
            List.of(ExternalArtemis.HOME.resolve("bin/artemis").toString(), "create", "--silent"));
    for (String without : List.of("web", "autotune", "fsync", "stomp-acceptor", "amqp-acceptor")) {
      command.add("--no-" + without);
    }
    for (String without : List.of("mqtt-acceptor", "hornetq-acceptor")) {
      command.add("--no-" + without);
    }
    command.addAll(List.of("--nio", "--require-login", "--host", "127.0.0.1"));
    command.addAll(List.of("--default-port", Integer.toString(port)));
    command.addAll(List.of("--user", ExternalBroker.BRIDGE_USER));
    command.addAll(List.of("--password", ExternalBroker.BRIDGE_PASSWORD, "--role", "amq"));
    command.addAll(List.of("--clustered", "--cluster-user", "cluster"));
    command.addAll(List.of("--cluster-password", "cluster's own"));
    command.addAll(List.of("--static-cluster", "tcp://127.0.0.1:" + peer));
    command.addAll(options);
    command.add(folder.toString());
    return command;
  }

  /** Starts the process; does not wait. */
  void start() {
    process =
        ChildProcess.start(
            "artemis-node",
            folder,
            Map.of("JAVA_HOME", System.getProperty("java.home"), "JAVA_ARGS", ExternalArtemis.JVM),
            List.of(folder.resolve("bin/artemis").toString(), "run"));
  }

  /** Returns how often the process has logged something since it was started. */
  int count(String regex) {
    return (int) Pattern.compile(regex).matcher(process.log()).results().count();
  }

  /** Waits until the process has logged something so often. */
  void await(String regex, int times) {
    ChildProcess waitedFor = process;
    try {
      Awaitility.await()
          .atMost(PATIENCE)
          .pollInterval(Duration.ofMillis(50))
          .failFast("the process ended", () -> !waitedFor.isAlive())
          .until(() -> count(regex) >= times);
    } catch (RuntimeException x) {
      throw new AssertionError("no " + regex + "; " + waitedFor.tail(), x);
    }
  }

  void kill() {
    process.kill();
  }

  /** Stops the process in good order, and waits until it has ended. */
  void stop() {
    process.stop();
  }

  String url(String scheme) {
    return scheme + "://127.0.0.1:" + port;
  }

  /** Returns a factory of services' connections to this node alone. */
  ActiveMQConnectionFactory connectionFactory() {
    // Without the option the client might move to another node of the cluster by itself.
    return new ActiveMQConnectionFactory(
        url("tcp") + "?useTopologyForLoadBalancing=false",
        ExternalBroker.SERVICE_USER,
        ExternalBroker.SERVICE_PASSWORD);
  }

  @Override
  public void close() {
    if (process != null) {
      process.kill();
    }
  }
}
