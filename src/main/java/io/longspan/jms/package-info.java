/**
 * The JMS edge: the only package that imports {@code jakarta.jms} and the clients of the brokers.
 *
 * <p>Start reading at {@link io.longspan.jms.JmsMessageBroker}, the port that the core uses. {@code
 * ConnectionSupervisor} owns the connection: it connects, checks the heartbeat, backs off and
 * reconnects. One {@code BrokerLink} is one connection generation. It holds the producer sessions
 * ({@code SenderLane}, fed by {@code SendQueue}) and the consumer sessions ({@code ConsumerLane}).
 * {@code MessageCodec} converts messages. Each provider has one class that implements {@code
 * JmsProvider}.
 *
 * <p>{@code docs/concurrency.md} describes the threads.
 */
package io.longspan.jms;
