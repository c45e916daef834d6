package io.longspan.wire;

import io.longspan.external.SharedRabbitMq;
import jakarta.jms.Message;
import java.util.List;

final class RabbitMqUndeliverableIT extends UndeliverableTests {
  @Override
  TestBroker startBroker() {
    return new SharedRabbitMq();
  }

  @Override
  boolean carriesEverything() {
    return true;
  }

  @Override
  List<TestService.Work<Message>> unreadable() {
    return UnreadableMessages.ofRabbitMq();
  }
}
