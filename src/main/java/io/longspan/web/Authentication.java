package io.longspan.web;

import io.longspan.security.Credential;

/** Result of authenticating a request. */
sealed interface Authentication {

  /** The request has valid credentials. */
  record Granted(Credential credential) implements Authentication {}

  /** The request has no credentials. */
  record Nobody() implements Authentication {}

  /** The request has invalid credentials. Other credentials in it are then ignored. */
  record Refused() implements Authentication {}

  /** The request has an invalid bearer token. */
  record BadToken() implements Authentication {}

  /**
   * The password was not checked, because too many wrong ones came before.
   *
   * @param delayMillis how long to wait, in milliseconds
   */
  record Throttled(long delayMillis) implements Authentication {}
}
