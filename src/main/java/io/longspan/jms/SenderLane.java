package io.longspan.jms;

import io.longspan.bridge.MessageBroker.Outbound;
import io.longspan.concurrent.InternalErrors;
import io.longspan.protocol.BridgeException;
import jakarta.jms.CompletionListener;
import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Session;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One JMS session with one producer, used by one thread: takes messages from the {@link SendQueue}
 * and hands them to the provider. The provider may hold the thread for as long as a destination
 * takes nothing; {@link #interrupt} ends that.
 */
final class SenderLane {
  private static final Logger LOG = LoggerFactory.getLogger(SenderLane.class);

  private final Connection connection;
  private final JmsProvider provider;
  private final MessageCodec codec;
  private final SendQueue queue;
  private final Consumer<Exception> onFault;
  private final Thread thread;

  /** Owned by the lane's thread once it runs, as are those below. */
  private Session session;

  /** Whether the session can no longer be used. */
  private boolean broken;

  private SenderAddresses addresses;

  private final Object turn = new Object();

  /** Guarded by {@code turn}: the message that the provider is called with, or null. */
  private SendQueue.Item current;

  /** Guarded by {@code turn}. */
  private boolean interrupted;

  /**
   * Opens a lane; {@link #start} begins to send.
   *
   * @param provider whose connection it is
   * @param onFault hears of a send that showed the connection to be dead, on any thread
   */
  SenderLane(
      Connection connection,
      JmsProvider provider,
      MessageCodec codec,
      SendQueue queue,
      int number,
      Consumer<Exception> onFault)
      throws JMSException {
    this.connection = connection;
    this.provider = provider;
    this.codec = codec;
    this.queue = queue;
    this.onFault = onFault;
    openSession();
    this.thread = new Thread(this::run, "longspan-sender-" + number);
    thread.setDaemon(true);
  }

  private void openSession() throws JMSException {
    session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
    addresses = new SenderAddresses(session, provider.producerPerDestination());
  }

  void start() {
    thread.start();
  }

  private void run() {
    try {
      SendQueue.Taken taken;
      while ((taken = queue.take()) != null) {
        SendQueue.Item item = taken.item();
        begin(item);
        try {
          send(item, taken.message());
        } finally {
          broken |= end();
          queue.handedOver(item);
        }
        if (broken) {
          renewSession();
        }
      }
    } catch (JMSException | RuntimeException x) {
      // The link is given up with all its lanes.
      onFault.accept(x);
    } catch (Error x) {
      InternalErrors.report("a sender lane", x);
      onFault.accept(new IllegalStateException("a sender lane has ended", x));
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }

  private void begin(SendQueue.Item item) {
    synchronized (turn) {
      current = item;
    }
  }

  /** Ends a call of the provider; returns whether it was interrupted. */
  private boolean end() {
    synchronized (turn) {
      boolean was = interrupted;
      current = null;
      interrupted = false;
      if (was) {
        // The queue tells when the lane is to end.
        Thread.interrupted();
      }
      return was;
    }
  }

  /** Ends the provider's call for a message, if it still lasts. Does not wait. */
  void interrupt(SendQueue.Item item) {
    synchronized (turn) {
      if (current == item) {
        interrupted = true;
        thread.interrupt();
      }
    }
  }

  /**
   * Nobody knows in which state a provider leaves a session whose call was interrupted, and one
   * that the broker has closed is of no use: another session takes its place.
   */
  private void renewSession() throws JMSException {
    LOG.debug("a sender lane opens another session");
    try {
      session.close();
    } catch (JMSException | RuntimeException x) {
      LOG.debug("closing a session that has failed", x);
    }
    openSession();
    broken = false;
  }

  private void send(SendQueue.Item item, Outbound outbound) {
    try {
      Message message = codec.encode(session, outbound.body(), outbound.properties());
      var headers = outbound.headers();
      if (headers.correlationId().isPresent()) {
        message.setJMSCorrelationID(headers.correlationId().get());
      }
      if (headers.type().isPresent()) {
        message.setJMSType(headers.type().get());
      }
      if (outbound.replyTo().isPresent()) {
        message.setJMSReplyTo(((JmsReplyEndpoint) outbound.replyTo().get()).topic());
      }
      SenderAddresses.Address address = addresses.of(outbound.target());
      provider.send(
          address.producer(),
          address.destination(),
          message,
          headers.persistent() ? DeliveryMode.PERSISTENT : DeliveryMode.NON_PERSISTENT,
          headers.priority(),
          headers.timeToLive(),
          new CompletionListener() {
            @Override
            public void onCompletion(Message accepted) {
              queue.answered(item, null);
            }

            @Override
            public void onException(Message refused, Exception reason) {
              if (queue.answered(item, JmsErrors.translateSend(reason))
                  && JmsErrors.endsConnection(reason)) {
                onFault.accept(reason);
              }
            }
          });
    } catch (JMSException | RuntimeException x) {
      // If the connection has ended as well, it gives no other session.
      broken |= JmsErrors.endsConnection(x);
      queue.answered(item, JmsErrors.translateSend(x));
    } catch (Error x) {
      queue.answered(item, BridgeException.from(x));
      throw x;
    }
  }

  /** Interrupts the lane, whose queue has been closed. Does not wait. */
  void close() {
    thread.interrupt();
  }

  /** Waits a moment for the end of the lane's thread, once its connection is closed. */
  void awaitEnd() {
    try {
      thread.join(BrokerLink.END_PATIENCE.toMillis());
    } catch (InterruptedException x) {
      Thread.currentThread().interrupt();
    }
  }
}
