package io.longspan.web;

import io.longspan.security.Credential;

/** What came of asking who a request comes from. */
sealed interface Authentication {

  /** The request proves its user. */
  record Granted(Credential credential) implements Authentication {}

  /** The request carries no credentials at all. */
  record Nobody() implements Authentication {}

  /** The request carries credentials that prove nothing; nothing else of it is believed then. */
  record Refused() implements Authentication {}

  /** The request carries a bearer token that is not believed. */
  record BadToken() implements Authentication {}

  /**
   * Too many wrong passwords came before; this one was not looked at.
   *
   * @param delayMillis how long to wait
   */
  record Throttled(long delayMillis) implements Authentication {}
}
