package io.longspan.jms;

import io.longspan.bridge.MessageBroker;
import jakarta.jms.JMSException;
import jakarta.jms.TemporaryTopic;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client's temporary topic with its consumer. It belongs to one session, and so to one connection
 * generation.
 */
record JmsTemporaryTopic(ConsumerSession session, TemporaryTopic topic, WatchedConsumer consumer)
    implements MessageBroker.TemporaryTopic {
  private static final Logger LOG = LoggerFactory.getLogger(JmsTemporaryTopic.class);

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
    return session.close(
        consumer,
        () -> {
          try {
            topic.delete();
          } catch (JMSException x) {
            if (!consumer.isLost()) {
              throw x;
            }
            LOG.debug("temporary topic not deleted, the broker has closed its consumer", x);
          }
          return null;
        });
  }

  @Override
  public CompletionStage<Void> lost() {
    return consumer.lost();
  }
}
