package io.longspan.wire;

import io.longspan.external.ExternalArtemis;
import io.longspan.external.OverAmqp;

final class AmqpToArtemisTopicStateIT extends TopicStateTests {
  @Override
  TestBroker startBroker() {
    return new OverAmqp(new ExternalArtemis());
  }
}
