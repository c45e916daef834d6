package io.longspan.audit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Appends to a file that only its owner can read. If the file was renamed or removed, as rotation
 * does, the next line begins a new one.
 */
public final class AuditFile implements AuditSink {
  private final Path path;
  private Optional<FileChannel> channel = Optional.empty();

  /** Identifies the open file; empty if the file system has no such keys. */
  private Optional<Object> key = Optional.empty();

  /**
   * Opens the file.
   *
   * @throws IOException if that is not possible
   */
  public AuditFile(Path path) throws IOException {
    this.path = path;
    open();
  }

  @Override
  public void write(List<String> lines) throws IOException {
    if (channel.isEmpty() || !isCurrent()) {
      close();
      open();
    }
    ByteBuffer bytes =
        ByteBuffer.wrap((String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8));
    while (bytes.hasRemaining()) {
      channel.orElseThrow().write(bytes);
    }
  }

  private boolean isCurrent() throws IOException {
    try {
      return Objects.equals(keyOfPath(), key);
    } catch (NoSuchFileException renamed) {
      return false;
    }
  }

  private Optional<Object> keyOfPath() throws IOException {
    return Optional.ofNullable(Files.readAttributes(path, BasicFileAttributes.class).fileKey());
  }

  private void open() throws IOException {
    channel =
        Optional.of(
            FileChannel.open(
                path,
                Set.of(
                    StandardOpenOption.CREATE, StandardOpenOption.APPEND, StandardOpenOption.WRITE),
                ownersOnly()));
    key = keyOfPath();
  }

  private static FileAttribute<?>[] ownersOnly() {
    return FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
        }
        : new FileAttribute<?>[0];
  }

  @Override
  public void close() throws IOException {
    Optional<FileChannel> open = channel;
    channel = Optional.empty();
    if (open.isPresent()) {
      open.get().close();
    }
  }
}
