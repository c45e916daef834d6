package io.longspan.bridge;

import io.longspan.bridge.MessageBroker.Outbound;
import io.longspan.protocol.SendCommand;
import java.util.Map;

/**
 * Traces the way of messages from clients (protocol section 18). Called on any thread; must neither
 * block nor throw.
 */
public interface Tracing {
  /** Traces nothing, and allocates nothing. */
  Tracing NONE = command -> MessageTrace.NONE;

  /** Begins the trace of a message that a client has sent. */
  MessageTrace received(SendCommand command);

  /** The trace of one message. The methods are called one after the other, in this order. */
  interface MessageTrace {
    /** The trace of a message that is not traced. */
    MessageTrace NONE = new MessageTrace() {};

    /** The right to send is being decided. */
    default void authorising() {}

    /**
     * The right is decided.
     *
     * @param failure null if the message may be sent
     */
    default void authorised(Throwable failure) {}

    /**
     * The message is about to be sent.
     *
     * @param properties its JMS properties; may be changed
     */
    default void sending(Outbound.Target target, Map<String, Object> properties) {}

    /**
     * The broker has accepted the message.
     *
     * @param messageId null if the provider gives none
     */
    default void sent(String messageId) {}

    /**
     * Records a latency of the message, so that the record can name the trace. May also be called
     * after {@link #ended}.
     *
     * @param recording runs at once, on the calling thread
     */
    default void measured(Runnable recording) {
      recording.run();
    }

    /**
     * The receipt was completed.
     *
     * @param failure null if the message was sent
     */
    default void ended(Throwable failure) {}
  }
}
