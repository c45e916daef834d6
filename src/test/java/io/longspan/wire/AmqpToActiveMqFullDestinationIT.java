package io.longspan.wire;

import io.longspan.external.ExternalActiveMq;
import io.longspan.external.FullQueues;
import io.longspan.external.OverAmqp;
import java.util.List;

final class AmqpToActiveMqFullDestinationIT extends FullDestinationTests {
  @Override
  TestBroker startBroker() {
    return new OverAmqp(new ExternalActiveMq());
  }

  @Override
  List<String> refusing() {
    return FullQueues.refusingOfActiveMq();
  }
}
