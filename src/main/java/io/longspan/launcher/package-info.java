/**
 * Main class of {@code java -jar longspan.war}; it uses only JDK classes and lies in the WAR's
 * root. Start with {@link io.longspan.launcher.Launcher}.
 */
package io.longspan.launcher;
