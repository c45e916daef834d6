package io.longspan.launcher;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.net.MalformedURLException;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Unpacks its own WAR and runs the server from there with one class loader. The jars of the folder
 * {@code lib} beside the WAR, such as the JMS client of another broker, belong to it too.
 *
 * <p>The folder is a new temporary folder. A shutdown hook deletes it when the process ends, also
 * after a signal.
 */
public final class Launcher {

  private static final String MAIN_CLASS = "io.longspan.server.command.Main";
  private static final int CANNOT_START = 1;

  /** The folder beside the WAR for jars that the WAR does not contain. */
  private static final String LIB = "lib";

  private Launcher() {}

  /**
   * Runs the command line, then ends the process with its exit status.
   *
   * @param arguments command line of the server
   */
  public static void main(String[] arguments) {
    System.exit(run(arguments));
  }

  private static int run(String[] arguments) {
    try {
      Path folder = Files.createTempDirectory("longspan-").toRealPath();
      Runtime.getRuntime()
          .addShutdownHook(new Thread(() -> new Folder(folder).remove(), "cleanup"));
      new WarFile(ownFile()).unpackTo(folder);
      return runServer(folder, arguments);
    } catch (IOException | ReflectiveOperationException | URISyntaxException failure) {
      System.err.println("cannot start: " + failure);
      return CANNOT_START;
    }
  }

  private static Path ownFile() throws URISyntaxException {
    return Path.of(Launcher.class.getProtectionDomain().getCodeSource().getLocation().toURI());
  }

  private static int runServer(Path folder, String[] arguments)
      throws IOException, ReflectiveOperationException, URISyntaxException {
    try (URLClassLoader classes =
        new URLClassLoader(
            "longspan",
            classPath(folder, ownFile().resolveSibling(LIB)),
            ClassLoader.getPlatformClassLoader())) {
      Thread.currentThread().setContextClassLoader(classes);
      return (int)
          classes
              .loadClass(MAIN_CLASS)
              .getMethod("run", Path.class, String[].class)
              .invoke(null, folder, arguments);
    } catch (InvocationTargetException failure) {
      throw new IOException(failure.getCause());
    }
  }

  /** The WAR comes first: a jar that is dropped in replaces no class of the WAR. */
  private static URL[] classPath(Path folder, Path droppedIn) throws IOException {
    Path webInf = folder.resolve("WEB-INF");
    List<URL> urls = new ArrayList<>();
    urls.add(url(webInf.resolve("classes")));
    urls.addAll(jars(webInf.resolve("lib")));
    urls.addAll(jars(webInf.resolve("lib-provided")));
    if (Files.isDirectory(droppedIn)) {
      List<URL> added = jars(droppedIn);
      added.forEach(jar -> System.out.println("Longspan adds " + Path.of(jar.getPath())));
      urls.addAll(added);
    }
    return urls.toArray(URL[]::new);
  }

  private static List<URL> jars(Path folder) throws IOException {
    List<URL> urls = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(path -> path.toString().endsWith(".jar")).sorted().toList()) {
        urls.add(url(file));
      }
    }
    return urls;
  }

  private static URL url(Path path) throws MalformedURLException {
    return path.toUri().toURL();
  }
}
