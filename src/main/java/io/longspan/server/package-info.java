/**
 * The one-command server: an embedded Jetty with the web application, and an embedded broker with
 * the demo unless the configuration names another.
 *
 * <p>A container that the WAR is deployed in never loads this package.
 */
package io.longspan.server;
