package io.longspan.config;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The types of the configuration's keys. */
final class ValueTypes {

  private static final Pattern WHOLE_NUMBER = Pattern.compile("-?[0-9]{1,18}");
  private static final Pattern IPV4 =
      Pattern.compile("((25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])(\\.(?!$)|$)){4}");
  private static final Pattern IPV6 = Pattern.compile("[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");

  private ValueTypes() {}

  static ValueType<Integer> wholeNumber(int least, int most) {
    return new ValueType.Text<>(
        "a whole number from %d to %d".formatted(least, most),
        text -> {
          require(WHOLE_NUMBER.matcher(text).matches());
          return (int) within(Long.parseLong(text), least, most);
        });
  }

  static ValueType<Duration> duration(String least, String most) {
    return new ValueType.Text<>(
        "a duration from %s to %s, in ms, s, m or h".formatted(least, most),
        text -> {
          Duration value = Quantity.duration(text);
          within(
              value.toMillis(),
              Quantity.duration(least).toMillis(),
              Quantity.duration(most).toMillis());
          return value;
        });
  }

  static ValueType<Long> size(String least, String most) {
    return new ValueType.Text<>(
        "a size from %s to %s, in bytes, KiB, MiB or GiB".formatted(least, most),
        text -> within(Quantity.bytes(text), Quantity.bytes(least), Quantity.bytes(most)));
  }

  static ValueType<Boolean> truth() {
    return new ValueType.Text<>(
        "true or false",
        text -> {
          require(text.equals("true") || text.equals("false"));
          return Boolean.valueOf(text);
        });
  }

  /** Accepts any text without control characters. */
  static ValueType<String> text(String allowed) {
    return pattern("[^\\p{Cntrl}]*", allowed);
  }

  static ValueType<String> pattern(String regex, String allowed) {
    Pattern pattern = Pattern.compile(regex);
    return new ValueType.Text<>(
        allowed,
        text -> {
          require(pattern.matcher(text).matches());
          return text;
        });
  }

  static <E extends Enum<E>> ValueType<E> oneOf(Class<E> type) {
    String names =
        Arrays.stream(type.getEnumConstants())
            .map(ValueTypes::word)
            .collect(Collectors.joining(", "));
    return new ValueType.Text<>(
        "one of " + names, text -> constant(type, text).orElseThrow(IllegalArgumentException::new));
  }

  /** Returns the enum constant with a word of the configuration; empty if there is none. */
  static <E extends Enum<E>> Optional<E> constant(Class<E> type, String word) {
    return Arrays.stream(type.getEnumConstants())
        .filter(constant -> word(constant).equals(word))
        .findFirst();
  }

  /** Returns the configuration's word for an enum constant: its name in camel case. */
  static String word(Enum<?> constant) {
    String[] words = constant.name().toLowerCase(Locale.ROOT).split("_");
    return Arrays.stream(words)
        .skip(1)
        .map(word -> word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1))
        .collect(Collectors.joining("", words[0], ""));
  }

  /**
   * Accepts a path. {@link ConfigAssembly} resolves it against the configuration's folder later.
   */
  static ValueType<Path> path(String allowed) {
    return new ValueType.Text<>(
        allowed,
        text -> {
          require(!text.isBlank());
          return Path.of(text); // throws InvalidPathException, an IllegalArgumentException
        });
  }

  /** Accepts a path, an https URL, or an http URL on this machine. */
  static ValueType<String> fileOrUrl(String allowed) {
    return new ValueType.Text<>(
        allowed,
        text -> {
          require(!text.isBlank());
          if (isUrl(text)) {
            URI uri = URI.create(text);
            require(uri.getHost() != null && uri.getRawUserInfo() == null);
            require("https".equals(uri.getScheme()) || isHttpToThisMachine(uri));
            return text;
          }
          return Path.of(text).toString();
        });
  }

  static boolean isUrl(String text) {
    return text.contains("://");
  }

  private static boolean isHttpToThisMachine(URI uri) {
    return "http".equals(uri.getScheme())
        && List.of("localhost", "127.0.0.1", "[::1]").contains(uri.getHost());
  }

  /** Accepts only asymmetric algorithms: a key that can verify must not be able to sign. */
  static ValueType.ListOf<String> signatureAlgorithms() {
    return new ValueType.ListOf<>(
        "a list of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA",
        text -> {
          require(text.matches("(RS|PS|ES)(256|384|512)|EdDSA"));
          return text;
        });
  }

  static ValueType.ListOf<String> origins() {
    return new ValueType.ListOf<>(
        "a list of origins such as https://app.example.org:8443, without a path",
        text -> {
          URI uri = URI.create(text);
          boolean web = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
          require(web && uri.getHost() != null && uri.getRawUserInfo() == null);
          require(uri.getRawPath().isEmpty() && uri.getRawQuery() == null);
          require(uri.getRawFragment() == null && text.equals(text.toLowerCase(Locale.ROOT)));
          return text;
        });
  }

  static ValueType.ListOf<String> urls() {
    return new ValueType.ListOf<>(
        "a list of the provider's URLs, each on one line",
        text -> {
          require(!text.isEmpty() && text.chars().noneMatch(Character::isISOControl));
          return text;
        });
  }

  static ValueType.ListOf<String> addresses() {
    return new ValueType.ListOf<>(
        "a list of IPv4 or IPv6 addresses",
        text -> {
          require(IPV4.matcher(text).matches() || isIpv6(text));
          return text;
        });
  }

  /** Accepts addresses, each with an optional prefix length of a network. */
  static ValueType.ListOf<String> networks() {
    return new ValueType.ListOf<>(
        "a list of IPv4 or IPv6 addresses or networks such as 10.0.0.0/8",
        text -> {
          String[] parts = text.split("/", -1);
          boolean ipv4 = IPV4.matcher(parts[0]).matches();
          require(parts.length <= 2 && (ipv4 || isIpv6(parts[0])));
          if (parts.length == 2) {
            require(WHOLE_NUMBER.matcher(parts[1]).matches());
            within(Long.parseLong(parts[1]), 0, ipv4 ? 32 : 128);
          }
          return text;
        });
  }

  private static boolean isIpv6(String text) {
    if (!IPV6.matcher(text).matches()) {
      return false;
    }
    try {
      return InetAddress.getByName(text) != null; // no DNS lookup: the text contains a colon
    } catch (UnknownHostException notAnAddress) {
      return false;
    }
  }

  private static long within(long value, long least, long most) {
    require(value >= least && value <= most);
    return value;
  }

  private static void require(boolean allowed) {
    if (!allowed) {
      throw new IllegalArgumentException("not allowed");
    }
  }
}
