/**
 * The JMS edge of the bridge. Apart from the demo services, only this package imports {@code
 * jakarta.jms}.
 *
 * <p>Start reading at {@link io.longspan.jms.JmsMessageBroker}, which implements the core's port to
 * the broker. {@code ConnectionSupervisor} owns the connection: it connects, checks the heartbeat,
 * backs off and reconnects. One {@code BrokerLink} is one connection generation. It holds the
 * producer sessions ({@code ProducerSession}, fed by {@code SendQueue}) and the consumer sessions
 * ({@code ConsumerSession}). {@code MessageCodec} converts messages. Each provider has one class
 * that implements {@code JmsProvider}.
 *
 * <p>{@code docs/concurrency.md} describes the threads.
 */
package io.longspan.jms;
