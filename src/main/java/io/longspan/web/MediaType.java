package io.longspan.web;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Collections;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Checks the media type of a request: UTF-8 text, not compressed. The header is compared as sent,
 * because a container may fail on an unknown charset.
 */
final class MediaType {
  private static final Pattern JSON = utf8("application/json");
  private static final Pattern FORM = utf8("application/x-www-form-urlencoded");

  private MediaType() {}

  private static Pattern utf8(String type) {
    return Pattern.compile(
        Pattern.quote(type) + "\\s*(?:;\\s*charset\\s*=\\s*(?:utf-8|\"utf-8\")\\s*)?",
        Pattern.CASE_INSENSITIVE);
  }

  static boolean isJson(HttpServletRequest request) {
    return is(request, JSON);
  }

  static boolean isForm(HttpServletRequest request) {
    return is(request, FORM);
  }

  private static boolean is(HttpServletRequest request, Pattern type) {
    List<String> types = Collections.list(request.getHeaders("Content-Type"));
    return types.size() == 1
        && type.matcher(types.get(0).strip()).matches()
        && Collections.list(request.getHeaders("Content-Encoding")).stream()
            .allMatch("identity"::equalsIgnoreCase);
  }
}
