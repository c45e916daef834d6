package io.longspan.external;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.activemq.ActiveMQConnectionFactory;

/** The process of {@link ActiveMqNodeMain}. */
final class ActiveMqNode implements AutoCloseable {
  private final String name;
  private final int port;
  private final int amqpPort = FreePort.find();
  private final List<String> options;
  private final Path refusals;
  private ChildProcess process;

  /**
   * Prepares a node, which {@link #start} starts.
   *
   * @param port where it listens; a port of 127.0.0.1
   * @param options of the program, such as {@code store=<folder>}
   * @param refusals the file of {@link RefusedConsumers}
   */
  ActiveMqNode(String name, int port, List<String> options, Path refusals) {
    this.name = name;
    this.port = port;
    this.options = options;
    this.refusals = refusals;
  }

  /** Makes a folder or a file under {@code target}. */
  static Path newFolder(String prefix) {
    try {
      Path parent = Files.createDirectories(Path.of("target", "brokers").toAbsolutePath());
      return Files.createTempDirectory(parent, prefix);
    } catch (IOException x) {
      throw new UncheckedIOException(x);
    }
  }

  /** Starts the process; does not wait. */
  void start() {
    List<String> command = new ArrayList<>();
    command.addAll(List.of(ChildProcess.java(), "-Xmx256m", "-XX:+UseSerialGC"));
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-cp", ChildProcess.classPath()));
    command.add("-D%s=%s".formatted(RefusedConsumers.FILE, refusals));
    command.addAll(List.of(ActiveMqNodeMain.class.getName(), name));
    command.addAll(List.of(Integer.toString(port), Integer.toString(amqpPort)));
    command.addAll(options);
    process = ChildProcess.start("activemq-" + name, Path.of(""), Map.of(), command);
  }

  /** Waits until the process has printed something. */
  void await(String regex) {
    process.await(regex);
  }

  void kill() {
    process.kill();
  }

  /** Stops the process in good order, and waits until it has ended. */
  void stop() {
    process.stop();
  }

  String url() {
    return "tcp://127.0.0.1:" + port;
  }

  String amqpUrl() {
    return "amqp://127.0.0.1:" + amqpPort;
  }

  /** Returns a factory of services' connections to this node alone. */
  ActiveMQConnectionFactory connectionFactory() {
    return new ActiveMQConnectionFactory(
        ExternalBroker.SERVICE_USER, ExternalBroker.SERVICE_PASSWORD, url());
  }

  @Override
  public void close() {
    if (process != null) {
      process.kill();
    }
  }
}
