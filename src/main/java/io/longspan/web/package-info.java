/**
 * The servlet edge. Filters check origins and authenticate; servlets serve Bayeux, sign-in, health,
 * metrics and operators. Start with {@link io.longspan.web.BayeuxServlet}, the endpoint of the
 * clients.
 */
package io.longspan.web;
