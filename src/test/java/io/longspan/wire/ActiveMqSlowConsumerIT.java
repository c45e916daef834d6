package io.longspan.wire;

final class ActiveMqSlowConsumerIT extends SlowConsumerTests {
  @Override
  TestBroker startBroker() {
    return new ActiveMqTestBroker();
  }
}
