package io.longspan.client;

import java.util.List;

/**
 * Messages of a topic that the bridge keeps (protocol section 17).
 *
 * @param messages the oldest first
 * @param complete whether the bridge keeps nothing else in that direction
 */
public record History(List<Message> messages, boolean complete) {}
