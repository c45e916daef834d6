package io.longspan.audit;

/** Records what concerns the security of the bridge. Called where the decisions are made. */
@FunctionalInterface
public interface AuditLog {
  /** Records nothing. */
  AuditLog NONE = event -> {};

  /** Records an event. Called on any thread, possibly under a lock; never blocks. */
  void record(AuditEvent event);
}
