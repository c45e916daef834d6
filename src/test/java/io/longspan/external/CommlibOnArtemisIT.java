package io.longspan.external;

final class CommlibOnArtemisIT extends CommlibTests {
  @Override
  ExternalBroker startBroker() {
    return new ExternalArtemis();
  }
}
