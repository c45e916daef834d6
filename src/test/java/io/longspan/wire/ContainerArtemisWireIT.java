package io.longspan.wire;

import io.longspan.external.ContainerBroker;
import org.testcontainers.junit.jupiter.Testcontainers;

/** Skipped where there is no Docker. */
@Testcontainers(disabledWithoutDocker = true)
final class ContainerArtemisWireIT extends WireTests {
  @Override
  TestBroker startBroker() {
    return ContainerBroker.artemis();
  }
}
