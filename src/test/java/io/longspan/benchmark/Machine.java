package io.longspan.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Stream;

/** The machine and the versions of a run, as far as they can be read. Linux only. */
final class Machine {
  private static final String UNKNOWN = "unknown";

  private Machine() {}

  /** Returns what the operating system and the JVM say of the machine. */
  static Map<String, Object> description() {
    Map<String, Object> machine = new LinkedHashMap<>();
    machine.put("processor", valueOf(Path.of("/proc/cpuinfo"), "model name"));
    machine.put("processors", Runtime.getRuntime().availableProcessors());
    machine.put("memory", valueOf(Path.of("/proc/meminfo"), "MemTotal"));
    machine.put("system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    machine.put("java", System.getProperty("java.vm.version"));
    machine.put("loadAverages", loadAverages());
    return machine;
  }

  /** Returns the load averages of 1, 5 and 15 minutes: what else the machine did. */
  static String loadAverages() {
    try {
      String[] fields = Files.readString(Path.of("/proc/loadavg")).split(" ");
      return fields[0] + " " + fields[1] + " " + fields[2];
    } catch (IOException unreadable) {
      return UNKNOWN;
    }
  }

  /** Returns the versions of the libraries that are measured. */
  static Map<String, String> versions() {
    Map<String, String> versions = new LinkedHashMap<>();
    versions.put("CometD", version("org.cometd.java", "cometd-java-server-common"));
    versions.put("Jetty", version("org.eclipse.jetty", "jetty-server"));
    versions.put("ActiveMQ client", version("org.apache.activemq", "activemq-client"));
    versions.put("Artemis client", version("org.apache.artemis", "artemis-jakarta-client"));
    return versions;
  }

  private static String version(String group, String artifact) {
    String name = "/META-INF/maven/" + group + "/" + artifact + "/pom.properties";
    Properties properties = new Properties();
    try (var stream = Machine.class.getResourceAsStream(name)) {
      if (stream == null) {
        return UNKNOWN;
      }
      properties.load(stream);
    } catch (IOException unreadable) {
      return UNKNOWN;
    }
    return properties.getProperty("version", UNKNOWN);
  }

  private static String valueOf(Path file, String key) {
    try (Stream<String> lines = Files.lines(file)) {
      Optional<String> line = lines.filter(l -> l.startsWith(key)).findFirst();
      return line.map(l -> l.substring(l.indexOf(':') + 1).strip()).orElse(UNKNOWN);
    } catch (IOException unreadable) {
      return UNKNOWN;
    }
  }
}
