package io.longspan.pairs;

import io.longspan.external.ArtemisCluster;
import io.longspan.external.BrokerNodes;

final class ClusterOfArtemisPairIT extends NodesTests {
  @Override
  BrokerNodes startNodes() {
    return new ArtemisCluster();
  }
}
