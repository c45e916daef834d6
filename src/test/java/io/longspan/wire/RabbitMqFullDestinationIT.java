package io.longspan.wire;

import io.longspan.external.FullQueues;
import io.longspan.external.SharedRabbitMq;
import java.util.List;

final class RabbitMqFullDestinationIT extends FullDestinationTests {
  @Override
  TestBroker startBroker() {
    return new SharedRabbitMq();
  }

  @Override
  List<String> refusing() {
    return List.of(FullQueues.RABBITMQ_REJECTING);
  }

  @Override
  List<String> taking() {
    return List.of(FullQueues.RABBITMQ_DROPPING);
  }
}
