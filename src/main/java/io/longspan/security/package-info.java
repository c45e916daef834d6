/**
 * Identity and access: who a client is, and which destinations it may reach. Every decision fails
 * closed.
 *
 * <p>Start with {@link io.longspan.security.Credential} for identity and with {@link
 * io.longspan.security.CatalogueAccessPolicy} for access. The policy applies the destination
 * catalogue (protocol section 10) and the authorisation service (section 11). {@link
 * io.longspan.security.SigningKey} signs the sender of forwarded messages.
 */
package io.longspan.security;
