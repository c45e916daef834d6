package io.longspan.protocol;

import java.util.Map;
import java.util.regex.Pattern;

/**
 * The W3C trace context of a message: the properties {@code traceparent} and {@code tracestate}
 * (protocol section 18).
 */
public final class TraceContext {
  /** Name of the property that names the trace and the span. */
  public static final String PARENT = "traceparent";

  /** Name of the property with the entries of tracing systems. */
  public static final String STATE = "tracestate";

  private static final int MAX_PARENT = 128;
  private static final int MAX_STATE = 512;

  /** Version 00, and what later versions may append. No part may be all zeros; ff is no version. */
  private static final Pattern PARENT_FORM =
      Pattern.compile(
          "(?!ff)(?:00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}"
              + "|(?!00)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?)");

  private static final String MEMBER =
      "[ \\t]*(?:[a-z0-9][a-z0-9_*/@-]{0,255}=[ -+--<>-~]{0,256})?[ \\t]*";
  private static final Pattern STATE_FORM = Pattern.compile(MEMBER + "(?:," + MEMBER + "){0,31}");

  private TraceContext() {}

  /** Returns whether a text is a {@code traceparent}. */
  public static boolean isParent(String text) {
    return text.length() <= MAX_PARENT && PARENT_FORM.matcher(text).matches();
  }

  /** Returns whether a text is a {@code tracestate} of at most 512 characters, 32 entries. */
  public static boolean isState(String text) {
    return text.length() <= MAX_STATE && STATE_FORM.matcher(text).matches();
  }

  /**
   * Removes an invalid context from a client's properties. Without a valid {@code traceparent} a
   * {@code tracestate} means nothing.
   *
   * @return the number of removed properties
   */
  static int removeInvalid(Map<String, Object> properties) {
    Object parent = properties.get(PARENT);
    Object state = properties.get(STATE);
    if (parent == null && state == null) {
      return 0;
    }
    int before = properties.size();
    boolean named = parent instanceof String text && isParent(text);
    if (!named) {
      properties.remove(PARENT);
    }
    if (!(named && state instanceof String text && isState(text))) {
      properties.remove(STATE);
    }
    return before - properties.size();
  }
}
