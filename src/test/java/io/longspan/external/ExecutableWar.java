package io.longspan.external;

import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A bridge that is run as its users run it: {@code java -jar longspan.war --config FILE}. */
public final class ExecutableWar implements AutoCloseable {
  private final ChildProcess process;
  private final URI base;

  /**
   * Starts a bridge and waits until it is reached.
   *
   * @param settings the keys of its configuration beside its id
   */
  public ExecutableWar(String bridgeId, Map<String, String> settings) {
    this(bridgeId, settings, List.of());
  }

  /**
   * Starts a bridge and waits until it is reached.
   *
   * @param settings the keys of its configuration beside its id
   * @param options the options of its Java, such as {@code -Xmx256m}
   */
  public ExecutableWar(String bridgeId, Map<String, String> settings, List<String> options) {
    this(bridgeId, settings, options, Map.of());
  }

  /**
   * Starts a bridge and waits until it is reached.
   *
   * @param settings the keys of its configuration beside its id
   * @param options the options of its Java, such as {@code -Xmx256m}
   * @param environment variables of its process
   */
  public ExecutableWar(
      String bridgeId,
      Map<String, String> settings,
      List<String> options,
      Map<String, String> environment) {
    this(Distributions.war(), bridgeId, settings, options, environment);
  }

  /**
   * Starts a bridge from a copy of the WAR, and waits until it is reached.
   *
   * @param war the WAR; jars may be in the folder {@code lib} beside it
   * @param settings the keys of its configuration beside its id
   * @param options the options of its Java, such as {@code -Xmx256m}
   * @param environment variables of its process
   */
  public ExecutableWar(
      Path war,
      String bridgeId,
      Map<String, String> settings,
      List<String> options,
      Map<String, String> environment) {
    this(war, BridgeFiles.write(bridgeId, settings), bridgeId, options, environment);
  }

  /**
   * Starts a bridge and waits until it is reached.
   *
   * @param config its configuration, in a folder of its own
   * @param options the options of its Java, such as {@code -Xmx256m}
   * @param environment variables of its process
   */
  public ExecutableWar(
      Path config, String bridgeId, List<String> options, Map<String, String> environment) {
    this(Distributions.war(), config, bridgeId, options, environment);
  }

  private ExecutableWar(
      Path war,
      Path config,
      String bridgeId,
      List<String> options,
      Map<String, String> environment) {
    List<String> command = new ArrayList<>();
    command.add(ChildProcess.java());
    command.addAll(ChildProcess.coverage());
    command.addAll(options);
    // A bridge that is killed cannot remove what it has unpacked.
    command.add("-Djava.io.tmpdir=" + config.getParent());
    command.addAll(List.of("-jar", war.toString(), "--config", config.toString()));
    process = ChildProcess.start(bridgeId, config.getParent(), environment, command);
    base = URI.create(process.await("^Longspan is ready: (http\\S+)$").group(1));
    Readiness.await(base, process);
  }

  /** Returns where it is, with a slash at the end. */
  public URI base() {
    return base;
  }

  /** Ends it without a warning. */
  public void kill() {
    process.kill();
  }

  /** Stops its process, as a machine does that is paused. */
  public void pause() {
    process.signal("STOP");
  }

  /** Lets its process go on. */
  public void resume() {
    process.signal("CONT");
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** Returns all that it has logged. */
  public String log() {
    return process.log();
  }

  @Override
  public void close() {
    process.close();
  }
}
