/**
 * Services and topics inside the bridge's process, behind the port of a message broker. So rights,
 * limits, receipts, requests in flight and subscriptions are those of JMS.
 */
package io.longspan.local.broker;
