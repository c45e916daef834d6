package io.longspan.chaos;

import java.net.http.HttpClient;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/**
 * What a client is.
 *
 * @param record where it notes everything
 * @param user who it is; the password is the name
 * @param webSocket whether it uses WebSocket, and not long polling
 * @param doorways the bridges that it may use; it begins with the first
 * @param topics what it subscribes to
 * @param http shared by all clients
 * @param random its own
 * @param pauseMillis the shortest pause between two of its requests; the longest is four times that
 * @param patience by how much it waits longer than a client of the chaos run, at least 1
 * @param fills the queue that nobody reads, to which it sends all the time beside its requests
 */
record ClientSettings(
    ClientRecord record,
    String user,
    boolean webSocket,
    List<Doorway> doorways,
    Set<ChaosTopic> topics,
    HttpClient http,
    Random random,
    int pauseMillis,
    int patience,
    Optional<String> fills) {}
