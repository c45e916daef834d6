package io.longspan.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.external.BridgeFiles;
import io.longspan.external.ExternalActiveMq;
import io.longspan.external.ExternalBroker;
import io.longspan.wire.DeployedWireContract;
import jakarta.jms.ConnectionFactory;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;

/** The wire contract of a bridge in a container; a subclass names the container. */
@TestInstance(Lifecycle.PER_CLASS)
@Timeout(120)
abstract class DeployedBridgeTests implements DeployedWireContract {
  private static final String BRIDGE_ID = "deployed";

  private ExternalBroker broker;
  private Container container;

  abstract Container deploy(Path config);

  ExternalBroker startBroker() {
    return new ExternalActiveMq();
  }

  /** Returns the keys of the configuration that name the broker. */
  Map<String, String> settings(ExternalBroker started) {
    return started.settings();
  }

  @BeforeAll
  void start() {
    broker = startBroker();
    container = deploy(BridgeFiles.write(BRIDGE_ID, settings(broker)));
  }

  /** Returns what the container must not say when the application has ended. */
  String leaks() {
    return "SEVERE|failed to stop it|memory leak|not ended in time";
  }

  /** The container's own words on threads and locks that an application leaves behind. */
  @AfterAll
  void stop() {
    try {
      if (container != null) {
        container.stop();
        String log = container.log();
        assertThat(lines(log, "bridge stopped bridge=" + BRIDGE_ID)).hasSize(1);
        assertThat(lines(log, leaks())).as("leaks in the container's log").isEmpty();
      }
    } finally {
      if (broker != null) {
        broker.close();
      }
    }
  }

  /** Returns the lines that match, each with what explains it: the stack trace below it. */
  private static List<String> lines(String log, String regex) {
    Pattern pattern = Pattern.compile("^.*(?:" + regex + ").*(?:\\R\\s+.*)*", Pattern.MULTILINE);
    return pattern.matcher(log).results().map(MatchResult::group).toList();
  }

  @Override
  public URI base() {
    return container.base();
  }

  @Override
  public String bridgeId() {
    return BRIDGE_ID;
  }

  @Override
  public ConnectionFactory broker() {
    return broker.connectionFactory();
  }
}
