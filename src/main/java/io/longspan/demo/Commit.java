package io.longspan.demo;

import java.time.Instant;
import java.util.List;

/**
 * A committed transaction.
 *
 * @param transaction its id, a UUID
 * @param user who ran it
 * @param time when it was committed
 * @param graphs the graphs that have a new revision, in the order of the first write
 */
record Commit(String transaction, String user, Instant time, List<GraphChange> graphs) {}
