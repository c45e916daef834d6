package io.longspan.jms;

import io.longspan.bridge.MessageBroker.NamedReplyDestination;
import io.longspan.bridge.MessageBroker.Outbound;
import io.longspan.bridge.MessageBroker.ReplyDestination;
import io.longspan.concurrent.InternalErrors;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.ErrorCode;
import jakarta.jms.CompletionListener;
import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Session;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One JMS session with its producers and its thread. The thread takes messages from the {@link
 * SendQueue} and hands them to the provider. A full destination may block the provider's call;
 * {@link #interrupt} ends the call.
 */
final class ProducerSession {
  private static final Logger LOG = LoggerFactory.getLogger(ProducerSession.class);

  private final Connection connection;
  private final JmsProvider provider;
  private final MessageCodec codec;
  private final SendQueue queue;
  private final Consumer<Exception> onFault;
  private final Thread thread;

  /** Owned by the thread once it runs; so are the next two fields. */
  private Session session;

  /** Whether the session can no longer be used. */
  private boolean broken;

  private SenderAddresses addresses;

  private final Object turn = new Object();

  /** The message of the provider's current call; null between calls. Guarded by {@code turn}. */
  private SendQueue.Item current;

  /** Whether {@link #interrupt} has ended the current call. Guarded by {@code turn}. */
  private boolean interrupted;

  /**
   * Opens the session; {@link #start} begins to send. Blocks as long as the provider does.
   *
   * @param number the number in the thread's name
   * @param onFault is called if the connection is lost, or if this object cannot continue; on any
   *     thread
   * @throws JMSException if the provider opens no session
   */
  ProducerSession(
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
    addresses = new SenderAddresses(session, provider);
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
      // Nothing can be sent without a JMS session, so the whole link is given up.
      onFault.accept(x);
    } catch (Error x) {
      InternalErrors.report("a producer session", x);
      onFault.accept(new IllegalStateException("a producer session failed", x));
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }

  private void begin(SendQueue.Item item) {
    synchronized (turn) {
      current = item;
    }
  }

  /**
   * Records the end of the provider's call.
   *
   * @return whether {@link #interrupt} has interrupted the call
   */
  private boolean end() {
    synchronized (turn) {
      boolean was = interrupted;
      current = null;
      interrupted = false;
      if (was) {
        // Clears the interrupt flag. If the queue was closed meanwhile, take() returns null.
        Thread.interrupted();
      }
      return was;
    }
  }

  /** Interrupts the provider's call for a message, if it is still in progress. Never blocks. */
  void interrupt(SendQueue.Item item) {
    synchronized (turn) {
      if (current == item) {
        interrupted = true;
        thread.interrupt();
      }
    }
  }

  /**
   * Replaces the session. After an interrupted call the state of a session is unknown, and a
   * session that the broker has closed is unusable.
   *
   * @throws JMSException if the provider opens no other session
   */
  private void renewSession() throws JMSException {
    LOG.debug("producer session replaced");
    try {
      session.close();
    } catch (JMSException | RuntimeException x) {
      LOG.debug("a failed producer session could not be closed", x);
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
        message.setJMSReplyTo(replyTo(outbound.replyTo().get()));
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
              queue.accepted(item, messageId(message));
            }

            @Override
            public void onException(Message refused, Exception reason) {
              if (failed(item, reason) && JmsErrors.endsConnection(reason)) {
                onFault.accept(reason);
              }
            }
          });
    } catch (JMSException | RuntimeException x) {
      // If the connection is lost too, renewSession() throws and the link is given up.
      broken |= JmsErrors.endsConnection(x);
      failed(item, x);
    } catch (Error x) {
      // The error ends the thread; run() reports it.
      queue.refused(item, BridgeException.internalError(x));
      throw x;
    }
  }

  private Destination replyTo(ReplyDestination replyTo) throws JMSException {
    return replyTo instanceof JmsTemporaryDestination temporary
        ? temporary.destination()
        : provider.replyTo(session, ((NamedReplyDestination) replyTo).destination());
  }

  private static String messageId(Message sent) {
    try {
      return sent.getJMSMessageID();
    } catch (JMSException x) {
      LOG.debug("the provider gives no message id", x);
      return null;
    }
  }

  /**
   * Fails a message, and reports a failure of the bridge itself.
   *
   * @return true if the message was unsettled until now
   */
  private boolean failed(SendQueue.Item item, Exception reason) {
    BridgeException failure = JmsErrors.notSent(reason);
    boolean settled = queue.refused(item, failure);
    if (settled && failure.code() == ErrorCode.INTERNAL_ERROR) {
      InternalErrors.report("the sending of a message", reason);
    }
    return settled;
  }

  /** Interrupts the thread; never blocks. The queue must be closed. */
  void close() {
    thread.interrupt();
  }

  /**
   * Waits for the end of the thread, at most {@link BrokerLink#END_PATIENCE}. The connection must
   * be closed.
   */
  void awaitEnd() {
    try {
      thread.join(BrokerLink.END_PATIENCE.toMillis());
    } catch (InterruptedException x) {
      Thread.currentThread().interrupt();
    }
  }
}
