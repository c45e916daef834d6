package io.longspan.wire;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/**
 * The attack suite: each interface attacks one protection of the threat model in {@code
 * docs/security.md}, on both transports; a subclass names the broker.
 */
@TestInstance(Lifecycle.PER_CLASS)
abstract class AttackTests
    implements AdminAttacks,
        ConnectionAttacks,
        CredentialAttacks,
        CrossSiteAttacks,
        DisclosureAttacks,
        FairnessAttacks,
        FloodAttacks,
        ForgeryAttacks,
        HostileInputAttacks,
        IdentityAttacks,
        MemoryAttacks,
        NameAttacks,
        ObjectMessageAttacks,
        ProxyAttacks,
        QueueAttacks,
        RetentionAttacks,
        RevocationAttacks,
        SelectorAttacks,
        SignInAttacks,
        SignatureAttacks,
        SnapshotAttacks,
        TokenAttacks {
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
