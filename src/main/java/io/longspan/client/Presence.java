package io.longspan.client;

import java.util.List;

/**
 * Who is present on a topic, over all bridges (protocol section 18).
 *
 * @param clients the number of clients; a user may have several
 * @param users their names, each once
 * @param more the number of further users, whom the bridge has not named
 */
public record Presence(String topic, int clients, List<String> users, int more) {}
