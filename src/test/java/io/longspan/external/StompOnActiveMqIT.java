package io.longspan.external;

import java.util.Map;

final class StompOnActiveMqIT extends StompServiceTests {
  @Override
  ExternalBroker startBroker() {
    return new ExternalActiveMq();
  }

  @Override
  String replyPrefix() {
    return "/remote-temp-topic/";
  }

  @Override
  String queue(String name) {
    return "/queue/" + name;
  }

  @Override
  Map<String, String> queueHeaders() {
    return Map.of();
  }

  @Override
  Map<String, String> topicHeaders() {
    return Map.of("amq-msg-type", "text");
  }

  @Override
  String topic(String name) {
    return "/topic/" + name;
  }
}
