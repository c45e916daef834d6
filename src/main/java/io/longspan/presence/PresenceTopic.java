package io.longspan.presence;

/**
 * A topic whose presence is known. Both names are needed: users can reach different JMS topics by
 * one logical name ({@code {user}}), and one JMS topic by entries with different rights.
 *
 * @param name the logical name
 * @param jmsName the JMS name
 */
public record PresenceTopic(String name, String jmsName) {}
