package io.longspan.wire;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/**
 * The attack suite: each interface attacks one protection of the threat model in {@code
 * docs/security.md}, on both transports; a subclass names the broker.
 */
@TestInstance(Lifecycle.PER_CLASS)
abstract class AttackTests implements AttackTarget, SignInAttacks, TokenAttacks {
  private TestBroker broker;
  private TestBridge bridge;

  abstract TestBroker startBroker();

  @BeforeAll
  void start() {
    broker = startBroker();
    bridge = TestBridge.start(broker.settings());
  }

  @AfterAll
  void stop() {
    bridge.close();
    broker.close();
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
