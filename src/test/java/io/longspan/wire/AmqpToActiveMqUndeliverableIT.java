package io.longspan.wire;

import io.longspan.external.ExternalActiveMq;
import io.longspan.external.OverAmqp;
import jakarta.jms.Message;
import java.util.ArrayList;
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

  /** The broker translates messages itself; garbage does not get as far as the bridge. */
  @Override
  List<TestService.Work<Message>> unreadable() {
    return List.of(session -> session.createObjectMessage(new ArrayList<>(List.of("x"))));
  }
}
