package io.longspan.wire;

import io.longspan.external.ExternalActiveMq;
import io.longspan.external.OverAmqp;

final class AmqpToActiveMqTopicStateIT extends TopicStateTests {
  @Override
  TestBroker startBroker() {
    return new OverAmqp(new ExternalActiveMq());
  }
}
