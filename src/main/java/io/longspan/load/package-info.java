/**
 * A load generator: clients that send requests and follow a topic, and a report of what they saw.
 * It speaks Bayeux as any web client does.
 */
package io.longspan.load;
