package io.longspan.security;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;

/**
 * A small text file in UTF-8 that is read again when it has changed. Its attributes decide whether
 * it is read, so that looking costs little; the text decides whether it has changed.
 *
 * <p>Used by one thread at a time; reads block for as long as the file system does.
 */
public final class WatchedFile {
  /** Two writes may fall into one tick of the file system's clock. */
  private static final long CLOCK_TICK_MILLIS = 2_000;

  private final Path file;
  private final long maxBytes;
  private Object lastStamp;
  private String lastText;

  /**
   * Names the file; nothing is read yet.
   *
   * @param maxBytes a longer file is not read
   */
  public WatchedFile(Path file, long maxBytes) {
    this.file = file;
    this.maxBytes = maxBytes;
  }

  /** Identifies a state of the file: when, how large, and, where the system tells, which one. */
  private record Stamp(long modified, long size, Object key) {}

  /**
   * Reads the file unless it is the same as when it was last read.
   *
   * @return the text; empty if it has not changed
   * @throws IOException if it cannot be read, is too long or is not UTF-8; the next call tries
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

  /** Makes the next call of {@link #changed} return the text again. */
  public void forget() {
    lastStamp = null;
    lastText = null;
  }
}
