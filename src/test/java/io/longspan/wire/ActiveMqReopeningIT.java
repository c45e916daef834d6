package io.longspan.wire;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class ActiveMqReopeningIT extends ReopeningTests {
  private ActiveMqTestBroker activeMq;

  @Override
  AdministeredBroker startBroker() {
    activeMq = new ActiveMqTestBroker();
    return activeMq;
  }

  /** ActiveMQ subscribes its consumers to the topic again when somebody publishes to it. */
  @Test
  void aTopicThatAnAdministratorRemovesIsHeardAfterwards() {
    try (TestService service = service();
        RawBayeuxClient alice = subscribed(Transport.WEBSOCKET, "alice", "chat/removed")) {
      publish(service, "chat/removed", "before");
      alice.awaitData(data -> "before".equals(data.get("body")));
      activeMq.remove("chat/removed");
      publish(service, "chat/removed", "after");
      alice.awaitData(data -> "after".equals(data.get("body")));
      assertThat(alice.data()).noneMatch(data -> "gap".equals(data.get("type")));
    }
  }
}
