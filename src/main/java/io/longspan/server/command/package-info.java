/**
 * The command line of {@code java -jar longspan.war}: one class for each command. Start with {@link
 * io.longspan.server.command.Main}.
 */
package io.longspan.server.command;
