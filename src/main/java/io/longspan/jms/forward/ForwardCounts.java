package io.longspan.jms.forward;

import java.util.concurrent.atomic.LongAdder;

/** What became of the messages of all entries. Thread-safe. */
final class ForwardCounts {
  final LongAdder forwarded = new LongAdder();
  final LongAdder answers = new LongAdder();

  /** Expired, in a loop, or not copyable. */
  final LongAdder discarded = new LongAdder();

  /** Lost connections and failed attempts to connect. */
  final LongAdder failures = new LongAdder();
}
