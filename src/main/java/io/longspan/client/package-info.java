/**
 * The client for Java: {@link io.longspan.client.LongspanClient} is its entry. It depends on the
 * JDK and on Jackson's streaming parser alone, and is published as a jar of its own; of this
 * project only the command {@code demo-load} uses it.
 *
 * <p>All state of a client belongs to the thread of its {@code Loop}. Callbacks of the application
 * run one at a time on its executor, never on that thread.
 */
package io.longspan.client;
