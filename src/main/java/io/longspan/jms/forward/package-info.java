/**
 * Passes messages from one broker to another ({@code forward} in the catalogue file). Each entry
 * has a thread and connections of its own, so it never delays clients.
 */
package io.longspan.jms.forward;
