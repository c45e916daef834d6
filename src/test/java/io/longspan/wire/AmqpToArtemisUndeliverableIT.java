package io.longspan.wire;

import io.longspan.external.ExternalArtemis;
import io.longspan.external.OverAmqp;
import jakarta.jms.Message;
import java.util.ArrayList;
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

  /** The broker translates messages itself; garbage does not get as far as the bridge. */
  @Override
  List<TestService.Work<Message>> unreadable() {
    return List.of(session -> session.createObjectMessage(new ArrayList<>(List.of("x"))));
  }
}
