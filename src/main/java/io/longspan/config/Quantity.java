package io.longspan.config;

import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Parses durations, for example {@code 30s}, and sizes, for example {@code 256KiB}. May be used on
 * any thread.
 */
public final class Quantity {
  private static final Pattern DURATION = Pattern.compile("([0-9]{1,9})(ms|s|m|h)");
  private static final Pattern SIZE = Pattern.compile("([0-9]{1,9})(KiB|MiB|GiB)?");
  private static final Map<String, Long> MILLIS =
      Map.of("ms", 1L, "s", 1000L, "m", 60_000L, "h", 3_600_000L);
  private static final Map<String, Long> BYTES =
      Map.of("KiB", 1L << 10, "MiB", 1L << 20, "GiB", 1L << 30);

  private Quantity() {}

  /**
   * Parses a duration.
   *
   * @param text a whole number of at most 9 digits and a unit: {@code ms}, {@code s}, {@code m} or
   *     {@code h}
   * @throws IllegalArgumentException if the text is not a duration; the message names what is
   *     allowed
   */
  public static Duration duration(String text) {
    Matcher matcher = DURATION.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "'" + text + "' is not a duration such as 500ms, 30s, 5m or 1h");
    }
    return Duration.ofMillis(scaled(matcher, MILLIS));
  }

  /**
   * Parses a size.
   *
   * @param text a whole number of at most 9 digits, and optionally {@code KiB}, {@code MiB} or
   *     {@code GiB}
   * @return the size in bytes
   * @throws IllegalArgumentException if the text is not a size; the message names what is allowed
   */
  public static long bytes(String text) {
    Matcher matcher = SIZE.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "'" + text + "' is not a size such as 1024, 256KiB or 8MiB");
    }
    return scaled(matcher, BYTES);
  }

  private static long scaled(Matcher matcher, Map<String, Long> units) {
    long unit = matcher.group(2) == null ? 1 : units.get(matcher.group(2));
    return Math.multiplyExact(Long.parseLong(matcher.group(1)), unit);
  }
}
