/**
 * Who is present on topics, over all bridges (protocol section 18): the state of this bridge, what
 * other bridges announce, and the messages between them. Start with {@link
 * io.longspan.presence.PresenceDirectory}.
 */
package io.longspan.presence;
