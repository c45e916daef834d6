package io.longspan.wire;

import io.longspan.external.ExternalArtemis;

final class ArtemisTopicStateIT extends TopicStateTests {
  @Override
  TestBroker startBroker() {
    return new ExternalArtemis();
  }
}
