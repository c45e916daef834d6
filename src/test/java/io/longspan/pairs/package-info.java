/**
 * Longspan on brokers of two processes: pairs of which one process takes over when the other ends,
 * networks and clusters. Clients on both transports account for every message and request.
 */
package io.longspan.pairs;
