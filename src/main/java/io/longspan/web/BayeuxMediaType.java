package io.longspan.web;

import jakarta.servlet.http.HttpServletRequest;

/**
 * Media type that a Bayeux request must have: JSON in UTF-8, not compressed.
 *
 * <p>An HTML form, or a cross-site script without a preflight request, cannot send this type.
 * Nothing is decompressed, so a small body never becomes a large one.
 */
final class BayeuxMediaType {
  private BayeuxMediaType() {}

  static boolean isThatOf(HttpServletRequest request) {
    return MediaType.isJson(request);
  }
}
