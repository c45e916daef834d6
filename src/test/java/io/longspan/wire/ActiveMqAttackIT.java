package io.longspan.wire;

final class ActiveMqAttackIT extends AttackTests {
  @Override
  TestBroker startBroker() {
    return new ActiveMqTestBroker();
  }

  @Override
  public String fullQueue() {
    return ActiveMqTestBroker.SMALL_QUEUE;
  }
}
