package io.longspan.wire;

import io.longspan.external.ExternalActiveMq;
import io.longspan.external.FullQueues;
import java.util.List;

final class ActiveMqFullDestinationIT extends FullDestinationTests {
  @Override
  TestBroker startBroker() {
    return new ExternalActiveMq();
  }

  @Override
  List<String> refusing() {
    return FullQueues.refusingOfActiveMq();
  }
}
