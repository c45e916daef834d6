package io.longspan.demo;

import java.time.Instant;
import java.util.List;

/**
 * A committed transaction.
 *
 * @param transaction id of the transaction, a UUID
 * @param user user who ran it
 * @param time time of the commit
 * @param graphs graphs with a new revision, in order of the first write
 */
record Commit(String transaction, String user, Instant time, List<GraphChange> graphs) {}
