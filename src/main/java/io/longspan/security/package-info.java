/**
 * Who a client is and what it may reach, decided in one place and closed by default: the identity,
 * the destination catalogue (protocol section 10) and the authorisation service (section 11).
 */
package io.longspan.security;
