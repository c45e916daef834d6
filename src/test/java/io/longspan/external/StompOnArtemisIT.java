package io.longspan.external;

import java.util.Map;

final class StompOnArtemisIT extends StompServiceTests {
  @Override
  ExternalBroker startBroker() {
    return new ExternalArtemis();
  }

  @Override
  String replyPrefix() {
    return "temp-topic://";
  }

  @Override
  String queue(String name) {
    return "queue://" + name;
  }

  @Override
  Map<String, String> queueHeaders() {
    return Map.of();
  }

  @Override
  Map<String, String> topicHeaders() {
    return Map.of();
  }

  @Override
  String topic(String name) {
    return "topic://" + name;
  }
}
