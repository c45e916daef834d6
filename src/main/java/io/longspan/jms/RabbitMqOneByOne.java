package io.longspan.jms;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.ShutdownSignalException;
import com.rabbitmq.jms.admin.RMQDestination;
import com.rabbitmq.jms.client.RMQSession;
import jakarta.jms.Connection;
import jakarta.jms.Destination;
import jakarta.jms.InvalidSelectorException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Session;
import java.io.IOException;
import java.util.concurrent.Executor;

/**
 * Individual acknowledgement of RabbitMQ's JMS client, with a prefetch of 1. Each consumer has a
 * channel of its own, because the broker closes the channel of a consumer that it rejects.
 */
final class RabbitMqOneByOne implements OneByOne {
  private final RabbitMqConnection rabbit;

  RabbitMqOneByOne(RabbitMqConnection rabbit) {
    this.rabbit = rabbit;
  }

  @Override
  public Session open(Connection connection) throws JMSException {
    return connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
  }

  @Override
  public OneMessageConsumer consume(
      Connection connection,
      Session session,
      Origin origin,
      MessageReceiver receiver,
      Executor readers)
      throws JMSException {
    if (origin.selector() != null) {
      throw new InvalidSelectorException("RabbitMQ has no selectors on queues");
    }
    if (origin.subscription().isPresent()) {
      rabbit.createSubscription((RMQDestination) origin.destination(), origin.subscription().get());
    }
    Session own = connection.createSession(false, RMQSession.CLIENT_INDIVIDUAL_ACKNOWLEDGE);
    try {
      Destination queue =
          origin.subscription().isPresent()
              ? own.createQueue(origin.subscription().get())
              : origin.destination();
      RabbitMqConsumer consumer =
          RabbitMqConsumer.oneByOne(
              own.createConsumer(queue), rabbit, origin.subscription().isPresent());
      MessageReceiver.listen(consumer, receiver, readers, false);
      return new OneOnChannel(own, consumer);
    } catch (JMSException | RuntimeException x) {
      closeQuietly(own);
      if (RabbitMqConnection.isInUse(x)) {
        throw new InUseException(x);
      }
      throw x;
    }
  }

  @Override
  public void delete(Connection connection, Session session, Origin origin) throws JMSException {
    rabbit.deleteSubscription(origin.subscription().orElseThrow());
  }

  private static void closeQuietly(Session session) {
    try {
      session.close();
    } catch (JMSException | RuntimeException closedByBroker) {
      // The broker has closed the channel when it rejected the consumer.
    }
  }

  /** Each settlement is followed by a call on its own channel. */
  @Override
  public void confirm(Connection connection, Session session) {}

  private final class OneOnChannel implements OneMessageConsumer {
    private final Session session;
    private final RabbitMqConsumer consumer;
    private boolean usedUp;

    OneOnChannel(Session session, RabbitMqConsumer consumer) {
      this.session = session;
      this.consumer = consumer;
    }

    @Override
    public void acknowledge(Message message) throws JMSException {
      settle(message, (channel, tag) -> channel.basicAck(tag, false));
    }

    @Override
    public void release(Message message, boolean pausing) throws JMSException {
      if (pausing) {
        // Else the broker would send the next message at once.
        usedUp = true;
        consumer.close();
      }
      settle(message, (channel, tag) -> channel.basicReject(tag, true));
    }

    @Override
    public void reject(Message message, String reason) throws JMSException {
      settle(message, (channel, tag) -> channel.basicReject(tag, false));
    }

    /**
     * The JMS client remembers each message that it has not acknowledged. A message that it could
     * not read is unknown to it.
     */
    private void settle(Message message, RabbitMqConnection.Outcome outcome) throws JMSException {
      Channel channel = consumer.channel();
      long tag = consumer.heldTag();
      try {
        if (consumer.isHeldKnown()) {
          rabbit.settling(outcome, message::acknowledge);
        } else {
          outcome.settle(channel, tag);
        }
        // The broker handles the calls on a channel in their order.
        channel.basicQos(1);
      } catch (IOException | ShutdownSignalException x) {
        throw RabbitMqConnection.closed(x);
      }
    }

    /** The broker sends the next message as soon as the last one is settled. */
    @Override
    public void resume() {}

    @Override
    public boolean isUsedUp() {
      return usedUp;
    }

    @Override
    public boolean hasEnded() {
      return consumer.isEnded();
    }

    @Override
    public void close() throws JMSException {
      session.close();
    }
  }
}
