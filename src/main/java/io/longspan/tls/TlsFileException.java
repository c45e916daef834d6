package io.longspan.tls;

import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Thrown if a file with certificates or a key cannot be used. The message is one line. */
public final class TlsFileException extends Exception {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param file the file; null if there is none
   * @param cause why the file cannot be used
   */
  TlsFileException(Path file, Exception cause) {
    super((file == null ? "TLS" : file) + ": " + reason(cause), cause);
  }

  private static String reason(Exception cause) {
    if (cause instanceof NoSuchFileException) {
      return "there is no such file";
    }
    if (cause instanceof AccessDeniedException) {
      return "the file may not be read";
    }
    return String.valueOf(cause.getMessage()).replaceAll("\\s+", " ");
  }
}
