/**
 * Signs the identity of the sender in forwarded messages, so that a back end can verify it. Start
 * with {@link io.longspan.signing.SigningKey}.
 */
package io.longspan.signing;
