package io.longspan.pairs;

import io.longspan.external.ActiveMqNetwork;
import io.longspan.external.BrokerNodes;

final class NetworkOfActiveMqPairIT extends NodesTests {
  @Override
  BrokerNodes startNodes() {
    return new ActiveMqNetwork();
  }
}
