package io.longspan.wire;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** Runs attacks on one bridge and its broker. */
@TestInstance(Lifecycle.PER_CLASS)
abstract class AttackSuite implements AttackTarget {
  private LogLines logLines;
  private TestBroker broker;
  private TestBridge bridge;

  abstract TestBroker startBroker();

  @BeforeAll
  void start() {
    logLines = new LogLines();
    broker = startBroker();
    bridge = TestBridge.start(bridgeSettings());
  }

  @AfterAll
  void stop() {
    bridge.close();
    broker.close();
    logLines.close();
    // Whatever the attacks wrote, it forged no line and steers no terminal.
    assertThat(logLines.misshapen()).isEmpty();
    assertThat(logLines.count()).isPositive();
  }

  @Override
  public TestBridge bridge() {
    return bridge;
  }

  @Override
  public TestBroker broker() {
    return broker;
  }
}
