/**
 * Hostile users and strangers of every known kind beside honest users, for long and on a small
 * heap; see {@link io.longspan.soak.SoakIT}.
 */
package io.longspan.soak;
