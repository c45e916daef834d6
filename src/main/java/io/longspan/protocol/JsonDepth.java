package io.longspan.protocol;

import java.util.Map;

/** Measures how deep parsed JSON nests; an object or array that holds only scalars has depth 1. */
final class JsonDepth {
  private JsonDepth() {}

  /** Returns whether the value nests deeper than allowed; recursion stops at the bound. */
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
