/**
 * Decides what a user may do now, and what a change of rights affects (protocol sections 5, 10 and
 * 11). Every decision fails closed.
 *
 * <p>Start with {@link io.longspan.access.CatalogueAccessPolicy}. It applies the catalogue, and
 * asks the authorisation service ({@link io.longspan.access.AuthorizationService}).
 */
package io.longspan.access;
