package io.longspan.external;

import java.util.Map;

final class JndiOfActiveMqIT extends ProviderTests {
  @Override
  ExternalBroker startBroker() {
    return new ExternalActiveMq();
  }

  @Override
  Map<String, String> settings(ExternalBroker started) {
    return started.jndiSettings();
  }
}
