package io.longspan.server;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Set;
import java.util.zip.GZIPOutputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes a compressed file beside each text file of the web application, once, when the server
 * starts. Jetty's file servlet sends it to clients that accept gzip. So no request costs
 * compression, and nothing that depends on a user is compressed.
 */
final class CompressedFiles {
  static final String SUFFIX = ".gz";

  private static final Logger LOG = LoggerFactory.getLogger(CompressedFiles.class);
  private static final Set<String> TYPES = Set.of("css", "html", "js", "svg");

  /** Smaller files gain nothing. */
  private static final long SMALL = 1024;

  private CompressedFiles() {}

  /** Compresses the files of an unpacked WAR; blocks. What cannot be written is left out. */
  static void write(Path war) {
    try {
      Files.walkFileTree(war, new Compressing());
    } catch (IOException unwritable) {
      LOG.info("the files of the pages are sent uncompressed: {}", unwritable.toString());
    }
  }

  private static final class Compressing extends SimpleFileVisitor<Path> {
    @Override
    public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
      String name = folder.getFileName().toString();
      return name.equals("WEB-INF") || name.equals("META-INF")
          ? FileVisitResult.SKIP_SUBTREE
          : FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      String name = file.getFileName().toString();
      if (TYPES.contains(name.substring(name.lastIndexOf('.') + 1)) && attributes.size() > SMALL) {
        Path compressed = file.resolveSibling(name + SUFFIX);
        if (!Files.exists(compressed)) {
          compress(file, compressed);
        }
      }
      return FileVisitResult.CONTINUE;
    }
  }

  /** Another server of this machine may use the same folder, so no half file has the name. */
  private static void compress(Path file, Path compressed) throws IOException {
    Path part = Files.createTempFile(file.getParent(), "compressed", ".part");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(part))) {
      Files.copy(file, out);
    }
    Files.setLastModifiedTime(part, Files.getLastModifiedTime(file));
    Files.move(part, compressed, StandardCopyOption.ATOMIC_MOVE);
  }
}
