/**
 * Finds out which user sends an HTTP request: passwords, tokens, and sign-ins with their cookie
 * (protocol section 9). Start with {@link io.longspan.authentication.RequestIdentity}.
 */
package io.longspan.authentication;
