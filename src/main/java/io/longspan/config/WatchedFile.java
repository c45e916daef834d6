package io.longspan.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;

/**
 * A small UTF-8 text file that is read again after a change. The file attributes decide whether it
 * is read, so a check is cheap. The text decides whether it has changed.
 *
 * <p>Used by one thread at a time; reads block on the file system.
 */
public final class WatchedFile {
  /** Two writes may have the same timestamp, so a recent file is read again. */
  private static final long CLOCK_TICK_MILLIS = 2_000;

  private final Path file;
  private final long maxBytes;
  private Object lastStamp;
  private String lastText;

  /**
   * Creates the watch without reading the file.
   *
   * @param maxBytes maximum size; a larger file is an error
   */
  public WatchedFile(Path file, long maxBytes) {
    this.file = file;
    this.maxBytes = maxBytes;
  }

  /** State of a file: time, size and, if the system provides it, identity. */
  private record Stamp(long modified, long size, Object key) {}

  /**
   * Reads the file unless its attributes are those of the last read.
   *
   * @return the text; empty if it has not changed
   * @throws IOException if the file is unreadable, too large or not UTF-8; the next call tries
   *     again
   */
  public Optional<String> changed() throws IOException {
    BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
    long modified = now.lastModifiedTime().toMillis();
    Stamp stamp = new Stamp(modified, now.size(), now.fileKey());
    if (stamp.equals(lastStamp)) {
      return Optional.empty();
    }
    if (now.size() > maxBytes) {
      throw new IOException("larger than " + maxBytes + " bytes");
    }
    String text = Files.readString(file);
    boolean settled = Math.abs(System.currentTimeMillis() - modified) > CLOCK_TICK_MILLIS;
    lastStamp = settled ? stamp : null;
    if (text.equals(lastText)) {
      return Optional.empty();
    }
    lastText = text;
    return Optional.of(text);
  }

  /** Makes the next call of {@link #changed} read the file and return its text. */
  public void forget() {
    lastStamp = null;
    lastText = null;
  }
}
