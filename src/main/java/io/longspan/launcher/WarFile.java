package io.longspan.launcher;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** A WAR, and what of it the server needs. */
final class WarFile {

  private final Path war;

  WarFile(Path war) {
    this.war = war;
  }

  /**
   * Unpacks all but the launcher and the metadata of the build; blocks.
   *
   * @param folder an existing folder
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
