package io.longspan.authentication;

import io.longspan.identity.Credential;

/** Result of authenticating a request. */
public sealed interface Authentication {

  /** The request has valid credentials. */
  record Granted(Credential credential) implements Authentication {}

  /** The request has no credentials. */
  record Anonymous() implements Authentication {}

  /** The request has invalid credentials. Other credentials in it are then ignored. */
  record InvalidCredentials() implements Authentication {}

  /** The request has an invalid bearer token. */
  record BadToken() implements Authentication {}

  /**
   * The password was not checked, because too many wrong ones came before.
   *
   * @param delayMillis how long to wait, in milliseconds
   */
  record Throttled(long delayMillis) implements Authentication {}
}
