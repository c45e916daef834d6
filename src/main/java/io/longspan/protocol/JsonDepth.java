package io.longspan.protocol;

import java.util.Map;

/**
 * Measures how deep parsed JSON nests. A scalar has depth 0; an object or array of scalars has
 * depth 1.
 */
final class JsonDepth {
  private JsonDepth() {}

  /** Returns whether the value nests deeper than allowed. The recursion stops at that depth. */
  static boolean exceeds(Object value, int allowed) {
    Iterable<?> children;
    if (value instanceof Map<?, ?> object) {
      children = object.values();
    } else if (value instanceof Iterable<?> array) {
      children = array;
    } else {
      return false;
    }
    if (allowed == 0) {
      return true;
    }
    for (Object child : children) {
      if (exceeds(child, allowed - 1)) {
        return true;
      }
    }
    return false;
  }
}
