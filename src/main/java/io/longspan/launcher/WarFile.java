package io.longspan.launcher;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** The WAR file. */
final class WarFile {

  private final Path war;

  WarFile(Path war) {
    this.war = war;
  }

  /**
   * Unpacks the WAR without the launcher and {@code META-INF}; blocks.
   *
   * @param folder existing folder
   * @throws IOException if reading or writing fails, or an entry points outside the folder
   */
  void unpackTo(Path folder) throws IOException {
    try (ZipFile zip = new ZipFile(war.toFile())) {
      Enumeration<? extends ZipEntry> entries = zip.entries();
      while (entries.hasMoreElements()) {
        ZipEntry entry = entries.nextElement();
        if (isNeeded(entry.getName()) && !entry.isDirectory()) {
          unpack(zip, entry, folder);
        }
      }
    }
  }

  private static boolean isNeeded(String name) {
    return !name.startsWith("META-INF/") && !name.startsWith("io/");
  }

  private static void unpack(ZipFile zip, ZipEntry entry, Path folder) throws IOException {
    Path file = folder.resolve(entry.getName()).normalize();
    if (!file.startsWith(folder)) {
      throw new IOException("not inside the WAR: " + entry.getName());
    }
    Files.createDirectories(file.getParent());
    try (InputStream content = zip.getInputStream(entry)) {
      Files.copy(content, file);
    }
  }
}
