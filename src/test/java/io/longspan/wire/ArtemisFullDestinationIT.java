package io.longspan.wire;

import io.longspan.external.ExternalArtemis;
import io.longspan.external.FullQueues;
import java.util.List;

final class ArtemisFullDestinationIT extends FullDestinationTests {
  @Override
  TestBroker startBroker() {
    return new ExternalArtemis();
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
