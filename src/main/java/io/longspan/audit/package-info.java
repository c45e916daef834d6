/**
 * The audit log: who signed in, was refused, lost a right, or was an operator. No payloads and no
 * credentials. Start with {@link io.longspan.audit.AuditLog}.
 */
package io.longspan.audit;
