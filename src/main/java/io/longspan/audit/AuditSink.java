package io.longspan.audit;

import java.io.IOException;
import java.util.List;

/** Where the lines of the audit log go. Used by one thread. */
public interface AuditSink extends AutoCloseable {
  /**
   * Writes lines; may block for some seconds.
   *
   * @param lines JSON objects without line ends, at least one
   * @throws IOException if they are not written, or not all of them
   */
  void write(List<String> lines) throws IOException;

  @Override
  void close() throws IOException;
}
