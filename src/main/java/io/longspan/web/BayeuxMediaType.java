package io.longspan.web;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Collections;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What the body of a Bayeux request may be: JSON in UTF-8, as it is.
 *
 * <p>A form, or a script that must not ask the server first, cannot send this content type. Nothing
 * is ever decompressed, so a small body never becomes a large one.
 */
final class BayeuxMediaType {
  private static final Pattern JSON =
      Pattern.compile(
          "application/json\\s*(?:;\\s*charset\\s*=\\s*(?:utf-8|\"utf-8\")\\s*)?",
          Pattern.CASE_INSENSITIVE);

  private BayeuxMediaType() {}

  static boolean isThatOf(HttpServletRequest request) {
    List<String> types = Collections.list(request.getHeaders("Content-Type"));
    return types.size() == 1
        && JSON.matcher(types.get(0).strip()).matches()
        && Collections.list(request.getHeaders("Content-Encoding")).stream()
            .allMatch("identity"::equalsIgnoreCase);
  }
}
