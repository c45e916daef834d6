package io.longspan.jms;

import io.longspan.bridge.MessageBroker.ReplyEndpoint;
import jakarta.jms.JMSException;
import jakarta.jms.TemporaryTopic;
import java.util.concurrent.CompletionStage;

/** A client's temporary topic and its consumer, on one lane of one connection. */
record JmsReplyEndpoint(ConsumerLane lane, TemporaryTopic topic, WatchedConsumer consumer)
    implements ReplyEndpoint {

  @Override
  public String name() {
    try {
      return topic.getTopicName();
    } catch (JMSException x) {
      throw JmsErrors.translate(x);
    }
  }

  @Override
  public CompletionStage<Void> close() {
    return lane.close(
        consumer,
        () -> {
          topic.delete();
          return null;
        });
  }

  @Override
  public CompletionStage<Void> lost() {
    return consumer.lost();
  }
}
