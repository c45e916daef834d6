package io.longspan.config;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** A file with a password on its first and only line, such as a mounted secret. */
public final class SecretFile {
  /** Maximum size, in bytes. Mounted tokens have a few KiB. */
  private static final long MAX_BYTES = 64 << 10;

  private SecretFile() {}

  /**
   * Reads the password that the file contains now. Blocks on the file system; may be called on any
   * thread.
   *
   * @return the content without the line break at its end; never empty
   * @throws IOException if the file is not readable, not UTF-8, empty, larger than 64 KiB, or has a
   *     second line. The message names the file and the reason, and never the content
   */
  public static String read(Path file) throws IOException {
    String text = content(file);
    String line = text.replaceFirst("\r?\n\\z", "");
    if (line.isEmpty()) {
      throw new IOException(file + " is empty");
    }
    if (line.chars().anyMatch(Character::isISOControl)) {
      throw new IOException(file + " has more than one line, or a control character");
    }
    return line;
  }

  private static String content(Path file) throws IOException {
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new IOException(file + " is larger than " + MAX_BYTES + " bytes");
      }
      byte[] bytes = Files.readAllBytes(file);
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException notText) {
      throw new IOException(file + " is not UTF-8", notText);
    } catch (NoSuchFileException missing) {
      throw new IOException(file + " does not exist", missing);
    } catch (AccessDeniedException denied) {
      throw new IOException(file + " may not be read", denied);
    }
  }
}
