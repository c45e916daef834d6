/**
 * Messages that a client settles one by one (protocol section 15): the port to a broker that waits
 * for the outcome of each message ({@link io.longspan.deliveries.DeliveryConsumer}), and the
 * deliveries that one client has ({@link io.longspan.deliveries.ClientDeliveries}).
 */
package io.longspan.deliveries;
