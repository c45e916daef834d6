package io.longspan.wire;

import io.longspan.external.ExternalArtemis;
import io.longspan.external.OverAmqp;
import jakarta.jms.Message;
import java.util.List;

final class AmqpToArtemisUndeliverableIT extends UndeliverableTests {
  @Override
  TestBroker startBroker() {
    return new OverAmqp(new ExternalArtemis());
  }

  @Override
  boolean carriesEverything() {
    return true;
  }

  @Override
  List<TestService.Work<Message>> unreadable() {
    return UnreadableMessages.ofAmqp();
  }
}
