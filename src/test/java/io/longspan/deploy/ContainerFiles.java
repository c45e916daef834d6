package io.longspan.deploy;

import java.io.IOException;
import java.nio.file.Path;

/** Writes further files into the base folder of a container, before it starts. */
@FunctionalInterface
interface ContainerFiles {
  /** Writes nothing. */
  ContainerFiles NONE = base -> {};

  void write(Path base) throws IOException;
}
