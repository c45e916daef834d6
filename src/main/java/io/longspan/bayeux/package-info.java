/**
 * The Bayeux edge: transports, security policy, channel handlers, session lifecycle and the outbox
 * over CometD's sessions. {@code org.cometd} is imported here only.
 */
package io.longspan.bayeux;
