package io.longspan.launcher;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;

/** A folder to delete. */
final class Folder extends SimpleFileVisitor<Path> {

  private final Path folder;

  Folder(Path folder) {
    this.folder = folder;
  }

  /** Deletes the folder and its content as far as possible; does not follow links. Blocks. */
  void remove() {
    try {
      Files.walkFileTree(folder, this);
    } catch (IOException failure) {
      System.err.println("cannot remove " + folder + ": " + failure);
    }
  }

  @Override
  public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
    Files.deleteIfExists(file);
    return FileVisitResult.CONTINUE;
  }

  @Override
  public FileVisitResult visitFileFailed(Path file, IOException vanished) {
    return FileVisitResult.CONTINUE;
  }

  @Override
  public FileVisitResult postVisitDirectory(Path visited, IOException failure) throws IOException {
    Files.deleteIfExists(visited);
    return FileVisitResult.CONTINUE;
  }
}
