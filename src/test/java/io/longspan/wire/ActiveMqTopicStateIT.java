package io.longspan.wire;

import io.longspan.external.ExternalActiveMq;

final class ActiveMqTopicStateIT extends TopicStateTests {
  @Override
  TestBroker startBroker() {
    return new ExternalActiveMq();
  }
}
