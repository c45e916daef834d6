package io.longspan.benchmark;

/**
 * The mark in a body by which the receiver tells when it was sent: {@code ^<number>;<nanos>^}. It
 * survives being wrapped in JSON, and is found without parsing any.
 */
final class Stamp {
  static final byte MARK = '^';

  private static final int BODY_BYTES = 512;
  private static final String PADDING = "abcdefghijklmnopqrstuvwxyz 0123456789 ".repeat(20);

  private Stamp() {}

  /**
   * Returns a JSON text of 512 bytes.
   *
   * @param number which message of its sender it is
   * @param nanos when it is sent, by {@link System#nanoTime}, which all processes of a machine
   *     share
   */
  static String body(long number, long nanos) {
    String start = "{\"stamp\":\"^" + number + ";" + nanos + "^\",\"text\":\"";
    return start + PADDING.substring(0, BODY_BYTES - start.length() - 2) + "\"}";
  }
}
