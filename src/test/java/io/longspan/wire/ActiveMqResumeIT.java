package io.longspan.wire;

import io.longspan.external.ExternalActiveMq;

final class ActiveMqResumeIT extends ResumeTests {
  @Override
  TestBroker startBroker() {
    return new ExternalActiveMq();
  }
}
