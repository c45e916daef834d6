package io.longspan.wire;

final class ActiveMqResumeIT extends ResumeTests {
  @Override
  TestBroker startBroker() {
    return new ActiveMqTestBroker();
  }
}
