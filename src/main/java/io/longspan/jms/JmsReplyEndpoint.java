package io.longspan.jms;

import io.longspan.bridge.MessageBroker.ReplyEndpoint;
import jakarta.jms.MessageConsumer;
import jakarta.jms.TemporaryTopic;
import java.util.concurrent.CompletionStage;

/** A client's temporary topic and its consumer, on one lane of one connection. */
record JmsReplyEndpoint(ConsumerLane lane, TemporaryTopic topic, MessageConsumer consumer)
    implements ReplyEndpoint {

  @Override
  public CompletionStage<Void> close() {
    return lane.close(
        consumer,
        () -> {
          topic.delete();
          return null;
        });
  }
}
