/**
 * The Bayeux edge of the bridge. Only this package works with {@code org.cometd}; the servlet in
 * {@code web} just starts it.
 *
 * <p>Start reading at {@link io.longspan.bayeux.BridgeBayeuxServer}, which connects the parts. Two
 * transports receive requests: {@code LongPollingTransport} and {@link
 * io.longspan.bayeux.WebSocketTransport}. {@code RequestAdmission} checks each request before a
 * session is looked up. {@code BridgeSecurityPolicy} decides about handshakes and channels. {@code
 * ControlChannelHandler} and {@code BridgeChannelHandler} pass messages to the core. {@code
 * SessionLifecycle} creates and removes the core's sessions. {@code BayeuxClientChannel} writes the
 * client's outbox to its session.
 *
 * <p>{@code docs/decisions/0011} lists what these classes override in CometD.
 */
package io.longspan.bayeux;
