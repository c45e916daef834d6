package io.longspan.wire;

import io.longspan.external.ExternalActiveMq;
import io.longspan.external.ExternalRabbitMq;

final class ActiveMqToRabbitMqForwardIT extends ForwardTests {
  @Override
  TwoBrokers startBrokers() {
    return new TwoBrokers(ExternalActiveMq::new, ExternalRabbitMq::new);
  }
}
