package io.longspan.wire;

import io.longspan.external.ExternalArtemis;
import jakarta.jms.Message;
import java.util.List;

final class ArtemisUndeliverableIT extends UndeliverableTests {
  @Override
  TestBroker startBroker() {
    return new ExternalArtemis();
  }

  @Override
  boolean carriesEverything() {
    return true;
  }

  @Override
  List<TestService.Work<Message>> unreadable() {
    return UnreadableMessages.ofArtemis();
  }
}
