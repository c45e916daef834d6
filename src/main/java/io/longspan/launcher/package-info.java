/** What {@code java -jar longspan.war} runs first; it lies in the WAR's root, JDK classes only. */
package io.longspan.launcher;
