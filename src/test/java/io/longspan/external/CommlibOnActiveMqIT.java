package io.longspan.external;

final class CommlibOnActiveMqIT extends CommlibTests {
  @Override
  ExternalBroker startBroker() {
    return new ExternalActiveMq();
  }
}
