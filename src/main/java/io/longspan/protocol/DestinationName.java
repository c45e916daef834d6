package io.longspan.protocol;

import java.util.List;

/**
 * A logical destination name (protocol section 10): segments of a small alphabet, joined by {@code
 * /}. A pattern may also contain {@code *} (one segment) and end in {@code **} (all that follow).
 *
 * <p>Create names by {@link #parse} or {@link #parsePattern}. The constructor does not validate.
 *
 * @param value the name as the client wrote it
 * @param segments the segments, at least one
 * @param pattern whether the name contains a wildcard
 */
public record DestinationName(String value, List<String> segments, boolean pattern) {
  /** The maximum length of a name, in characters. */
  public static final int MAX_LENGTH = 512;

  /** The wildcard for one segment. */
  public static final String ANY_SEGMENT = "*";

  /** The wildcard for all segments that follow; only the last segment can be this. */
  public static final String ANY_REST = "**";

  private static final String PUNCTUATION = "-_.()%+~:@!=";

  /**
   * Parses a name without wildcards.
   *
   * @throws BridgeException {@code badRequest} if the text is not such a name
   */
  public static DestinationName parse(String text) {
    DestinationName name = parsePattern(text);
    if (name.pattern) {
      throw invalid("a wildcard is not allowed here");
    }
    return name;
  }

  /**
   * Parses a name or a pattern of names.
   *
   * @throws BridgeException {@code badRequest} if the text is neither
   */
  public static DestinationName parsePattern(String text) {
    if (text.isEmpty()) {
      throw invalid("it is empty");
    }
    if (text.length() > MAX_LENGTH) {
      throw invalid("it is longer than " + MAX_LENGTH + " characters");
    }
    List<String> segments = List.of(text.split("/", -1));
    boolean pattern = false;
    for (int i = 0; i < segments.size(); i++) {
      String segment = segments.get(i);
      if (segment.equals(ANY_SEGMENT) || segment.equals(ANY_REST)) {
        if (segment.equals(ANY_REST) && i < segments.size() - 1) {
          throw invalid("'**' can only be the last segment");
        }
        pattern = true;
      } else {
        requireSegment(segment);
      }
    }
    return new DestinationName(text, segments, pattern);
  }

  private static void requireSegment(String segment) {
    if (segment.isEmpty() || segment.equals(".") || segment.equals("..")) {
      throw invalid("a segment is empty, '.' or '..'");
    }
    for (int i = 0; i < segment.length(); i++) {
      if (!isNameCharacter(segment.charAt(i))) {
        throw invalid("character %d of a segment is not allowed".formatted(i + 1));
      }
    }
  }

  private static boolean isNameCharacter(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || PUNCTUATION.indexOf(c) >= 0;
  }

  private static BridgeException invalid(String why) {
    return BridgeException.badRequest("not a destination name: " + why);
  }

  @Override
  public String toString() {
    return value;
  }
}
