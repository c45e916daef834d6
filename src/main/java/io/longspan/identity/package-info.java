/**
 * Who a user is: credentials, the users of the realm, and bearer tokens (protocol section 9). Every
 * decision fails closed.
 *
 * <p>Start with {@link io.longspan.identity.Credential}. {@link io.longspan.identity.TokenVerifier}
 * checks tokens, {@link io.longspan.identity.RealmUsers} asks the realm again, and {@link
 * io.longspan.identity.PasswordThrottle} delays guesses.
 */
package io.longspan.identity;
