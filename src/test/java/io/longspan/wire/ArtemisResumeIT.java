package io.longspan.wire;

import io.longspan.external.ExternalArtemis;

final class ArtemisResumeIT extends ResumeTests {
  @Override
  TestBroker startBroker() {
    return new ExternalArtemis();
  }
}
