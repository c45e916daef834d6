package io.longspan.presence;

import java.util.List;

/**
 * Who is present on a topic now.
 *
 * @param clients the number of clients
 * @param users names of the users, in order
 * @param more the number of users beyond those that are named
 */
public record PresenceView(long clients, List<String> users, int more) {}
