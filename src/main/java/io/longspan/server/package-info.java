/**
 * The one-command server of {@code java -jar}: an embedded Jetty with the web application. Without
 * another broker in the configuration it also runs an embedded broker and the demo.
 *
 * <p>A container that runs the WAR never loads this package. Start with {@link
 * io.longspan.server.LongspanServer} for the start and stop of all parts, and {@code WebServer} for
 * HTTP.
 */
package io.longspan.server;
