package io.longspan.wire;

import io.longspan.external.ExternalActiveMq;
import io.longspan.external.OverAmqp;
import jakarta.jms.Message;
import java.util.List;

final class AmqpToActiveMqUndeliverableIT extends UndeliverableTests {
  @Override
  TestBroker startBroker() {
    return new OverAmqp(new ExternalActiveMq());
  }

  @Override
  boolean carriesEverything() {
    return false;
  }

  @Override
  List<TestService.Work<Message>> unreadable() {
    return UnreadableMessages.ofAmqp();
  }
}
