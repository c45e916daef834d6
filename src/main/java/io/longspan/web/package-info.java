/**
 * Servlet edge and composition root. Filters check origins and authenticate; servlets serve Bayeux,
 * sign-in, health, metrics and operators.
 *
 * <p>Start with {@link io.longspan.web.BridgeRuntime}, which creates all parts of a bridge. Then
 * read {@link io.longspan.web.BayeuxServlet}, the endpoint of the clients, and {@code
 * RequestIdentity}, which authenticates requests.
 */
package io.longspan.web;
