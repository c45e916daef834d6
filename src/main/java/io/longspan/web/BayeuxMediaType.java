package io.longspan.web;

import jakarta.servlet.http.HttpServletRequest;

/**
 * What the body of a Bayeux request may be: JSON in UTF-8, as it is.
 *
 * <p>A form, or a script that must not ask the server first, cannot send this content type. Nothing
 * is ever decompressed, so a small body never becomes a large one.
 */
final class BayeuxMediaType {
  private BayeuxMediaType() {}

  static boolean isThatOf(HttpServletRequest request) {
    return MediaType.isJson(request);
  }
}
