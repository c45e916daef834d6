package io.longspan.wire;

import io.longspan.external.ExternalArtemis;
import io.longspan.external.FullQueues;
import io.longspan.external.OverAmqp;
import java.util.List;

final class AmqpToArtemisFullDestinationIT extends FullDestinationTests {
  @Override
  TestBroker startBroker() {
    return new OverAmqp(new ExternalArtemis());
  }

  @Override
  List<String> refusing() {
    return FullQueues.refusingOfArtemis();
  }

  @Override
  List<String> taking() {
    return FullQueues.takingOfArtemis();
  }
}
