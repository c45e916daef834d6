package io.longspan.wire;

final class ActiveMqWireIT extends WireTests {
  @Override
  TestBroker startBroker() {
    return new ActiveMqTestBroker();
  }
}
