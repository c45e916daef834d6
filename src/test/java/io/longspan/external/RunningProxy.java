package io.longspan.external;

import io.longspan.tls.TestAuthority;
import io.longspan.tls.TestIdentity;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;

/**
 * A proxy that runs with a file of {@code deploy/proxies}, in which only folders, ports and the
 * addresses of the bridges are replaced.
 */
public final class RunningProxy implements AutoCloseable {
  private static final Path RECIPES = Path.of("deploy", "proxies");

  private final ProxyRecipe recipe;
  private final TestAuthority authority;
  private final List<String> bridges;
  private final Path folder;
  private final int plain = FreePort.find();
  private final int tls = FreePort.find();
  private final int inner = FreePort.find();
  private final List<ChildProcess> processes = new ArrayList<>();

  /**
   * Starts a proxy; it may not serve yet.
   *
   * @param authority issues its certificate
   * @param bridges the addresses of bridge-1 and bridge-2, as {@code host:port}
   */
  public RunningProxy(ProxyRecipe recipe, TestAuthority authority, List<String> bridges) {
    this.recipe = recipe;
    this.authority = authority;
    this.bridges = bridges;
    try {
      Path parent = Files.createDirectories(Path.of("target", "proxies").toAbsolutePath());
      folder = Files.createTempDirectory(parent, recipe + "-");
    } catch (IOException x) {
      throw new UncheckedIOException(x);
    }
    TestIdentity identity = authority.issue("proxy", "localhost", "127.0.0.1");
    identity.certificatePem(file("certificate.pem"));
    identity.keyPem(file("key.pem"));
    identity.pem(file("proxy.pem"));
    TestIdentity.trustPem(file("ca.pem"), authority.certificate());
    start();
  }

  private void start() {
    processes.clear();
    recipe.commands(this).forEach(command -> run(processes, command));
  }

  private void run(List<ChildProcess> started, List<String> command) {
    Map<String, String> environment =
        Map.of(
            "LONGSPAN_BIND", "127.0.0.1:" + plain,
            "LONGSPAN_BIND_TLS", "127.0.0.1:" + tls,
            "LONGSPAN_BRIDGE_1", bridges.get(0),
            "LONGSPAN_BRIDGE_2", bridges.get(1),
            "LONGSPAN_CERTIFICATE", file("proxy.pem").toString(),
            "HOME", folder.toString());
    started.add(
        ChildProcess.start(
            "proxy-" + Path.of(command.get(0)).getFileName(), Path.of(""), environment, command));
  }

  /** Returns a file of this proxy's folder. */
  Path file(String name) {
    return folder.resolve(name);
  }

  int plainPort() {
    return plain;
  }

  int tlsPort() {
    return tls;
  }

  /** Returns the port between two processes of a proxy. */
  int innerPort() {
    return inner;
  }

  /**
   * Writes a file of the recipe with the addresses, ports and folders of this proxy.
   *
   * @param replaced further texts to replace; each must be there
   */
  Path write(String name, Map<String, String> replaced) {
    Map<String, String> all = new LinkedHashMap<>(replaced);
    try {
      String text = Files.readString(RECIPES.resolve(name));
      for (Map.Entry<String, String> each : all.entrySet()) {
        if (!text.contains(each.getKey())) {
          throw new AssertionError("%s has no '%s'".formatted(name, each.getKey()));
        }
        text = text.replace(each.getKey(), each.getValue());
      }
      text = text.replace("/etc/longspan/proxy", folder.toString());
      for (int i = 0; i < bridges.size(); i++) {
        text = text.replace("bridge-%d:8080".formatted(i + 1), bridges.get(i));
      }
      return Files.writeString(file(name), text);
    } catch (IOException x) {
      throw new UncheckedIOException(x);
    }
  }

  /** Returns the host and the port of a bridge, the first one is 0. */
  String[] bridge(int number) {
    return bridges.get(number).split(":");
  }

  /** Returns where it serves, with a slash at the end. */
  public URI base() {
    return URI.create("https://127.0.0.1:" + tls + "/");
  }

  /** Returns where it only says that it serves elsewhere. */
  public URI plainBase() {
    return URI.create("http://127.0.0.1:" + plain + "/");
  }

  /** Waits until clients are served through it. */
  public void awaitReady() {
    HttpClient http = HttpClient.newBuilder().sslContext(authority.clientContext()).build();
    HttpRequest request = HttpRequest.newBuilder(base().resolve("health/ready")).build();
    Awaitility.await(tail())
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(100))
        .ignoreExceptions()
        .until(() -> http.send(request, BodyHandlers.discarding()).statusCode() == 200);
  }

  /** Returns the file with the certificate that its clients must trust. */
  public Path ca() {
    return file("ca.pem");
  }

  /** Returns the process that a service manager would know, or the second one where it has two. */
  ChildProcess process(int number) {
    return processes.get(number);
  }

  /** Lets it read its configuration again, as its service manager does; returns at once. */
  public void reload() {
    recipe.reload(this);
  }

  /**
   * Takes a bridge away from new sessions, or gives it back, for proxies that do not see for
   * themselves that it drains.
   */
  public void offer(int bridge, boolean offered) {
    recipe.offer(this, bridges.get(bridge), offered);
  }

  /** Runs a program to its end. */
  void call(String... command) {
    List<ChildProcess> called = new ArrayList<>();
    run(called, List.of(command));
    called.get(0).awaitSuccess();
  }

  /** Sends a signal to one process, not to its children. */
  void signal(int number, String signal) {
    call("/bin/kill", "-" + signal, Long.toString(process(number).pid()));
  }

  /** Ends it with all its connections, and starts it again. */
  public void restart() {
    close();
    start();
  }

  /** Returns the last lines of its logs. */
  public String tail() {
    StringBuilder tails = new StringBuilder();
    processes.forEach(each -> tails.append(each.tail()).append('\n'));
    return tails.toString();
  }

  @Override
  public void close() {
    processes.forEach(ChildProcess::kill);
  }
}
