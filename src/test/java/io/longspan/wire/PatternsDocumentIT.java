package io.longspan.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.external.ChildProcess;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;

/**
 * Runs the code of {@code docs/patterns.md}: its catalogue, its services compiled here, and its
 * clients in Node.js with the built client library. Nothing is changed but the address and the
 * user.
 */
@TestInstance(Lifecycle.PER_CLASS)
@Timeout(120)
final class PatternsDocumentIT {
  private static final String BEGINNING = "What all of them begin with";
  private static final String READY = "(the code has run)";

  /** The code of the page by section and language. */
  private final Map<String, Map<String, String>> code = new LinkedHashMap<>();

  private final List<ChildProcess> clients = new ArrayList<>();
  private Path folder;
  private URLClassLoader services;
  private ActiveMqTestBroker broker;
  private TestBridge bridge;

  @BeforeAll
  void start() throws IOException {
    read(Files.readString(Path.of("docs/patterns.md")));
    folder =
        Files.createTempDirectory(
            Files.createDirectories(Path.of("target", "patterns").toAbsolutePath()), "run-");
    compileServices();
    // Node.js finds the package in the folder as if npm had installed it there.
    Path modules = Files.createDirectories(folder.resolve("node_modules"));
    Files.createSymbolicLink(modules.resolve("longspan"), Path.of("js-client").toAbsolutePath());
    String entries =
        code.values().stream()
            .map(languages -> languages.getOrDefault("yaml", ""))
            .collect(Collectors.joining());
    Path catalogue =
        Files.writeString(folder.resolve("catalogue.yaml"), "destinations:\n" + entries);
    broker = new ActiveMqTestBroker();
    Map<String, String> settings = new HashMap<>(broker.settings());
    settings.put("catalogue", catalogue.toString());
    bridge = TestBridge.start(settings);
  }

  private void read(String page) {
    Matcher matcher =
        Pattern.compile("^## ([^\n]+)$|^```(\\w+)\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL)
            .matcher(page);
    String section = "";
    while (matcher.find()) {
      if (matcher.group(1) != null) {
        section = matcher.group(1);
      } else {
        String before =
            code.computeIfAbsent(section, s -> new LinkedHashMap<>())
                .put(matcher.group(2), matcher.group(3));
        assertThat(before).as("one %s in %s", matcher.group(2), section).isNull();
      }
    }
  }

  private String code(String section, String language) {
    return code.get(section).get(language);
  }

  /** Makes one class of all services, with a method for each section. */
  private void compileServices() throws IOException {
    StringBuilder source = new StringBuilder("import jakarta.jms.*;\nimport java.util.List;\n");
    source.append("public final class Services {\n");
    code.forEach(
        (section, languages) -> {
          if (languages.containsKey("java") && !section.equals(BEGINNING)) {
            source
                .append(
                    "public static void %s(ConnectionFactory factory) ".formatted(name(section)))
                .append("throws JMSException {\n")
                .append(code(BEGINNING, "java"))
                .append(languages.get("java"))
                .append("}\n");
          }
        });
    Path file = Files.writeString(folder.resolve("Services.java"), source.append("}\n"));
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    String[] arguments = {"-proc:none", "-cp", ChildProcess.classPath(), file.toString()};
    assertThat(compiler.run(null, null, null, arguments)).as("%s", source).isZero();
    services = new URLClassLoader(new URL[] {folder.toUri().toURL()});
  }

  private static String name(String section) {
    return section.replace(' ', '_');
  }

  /** Runs a service; those that answer end with the broker. */
  private void startService(String section) {
    Thread thread =
        new Thread(
            () -> {
              try {
                Method method =
                    services
                        .loadClass("Services")
                        .getMethod(name(section), ConnectionFactory.class);
                method.invoke(null, broker.connectionFactory());
              } catch (InvocationTargetException x) {
                assertThat(x).hasCauseInstanceOf(JMSException.class);
              } catch (ReflectiveOperationException x) {
                throw new AssertionError(x);
              }
            },
            section);
    thread.setDaemon(true);
    thread.start();
  }

  /** Runs a client until its code has run; its handlers go on. */
  private ChildProcess startClient(String section, String user) throws IOException {
    String beginning = code(BEGINNING, "js");
    String own =
        beginning
            .replace("http://127.0.0.1:8080/cometd", bridge.cometd().toString())
            .replace("\"alice\"", '"' + user + '"');
    assertThat(own).isNotEqualTo(beginning);
    Path script = Files.createTempFile(folder, name(section), ".mjs");
    Files.writeString(
        script, own + code(section, "js") + "console.log(\"%s\");%n".formatted(READY));
    ChildProcess client =
        ChildProcess.start("pattern-" + user, folder, Map.of(), List.of("node", script.toString()));
    clients.add(client);
    client.await(Pattern.quote(READY));
    return client;
  }

  @AfterEach
  void endClients() {
    clients.forEach(ChildProcess::kill);
    clients.clear();
  }

  @AfterAll
  void stop() throws IOException {
    bridge.close();
    broker.close();
    services.close();
  }

  private static List<String> lines(ChildProcess client) {
    return client.log().lines().filter(line -> !line.equals(READY)).toList();
  }

  @Test
  void everyPatternHasAnEntryAServiceAndAClientAndIsTried() {
    assertThat(code.keySet())
        .containsExactly(
            BEGINNING,
            "Request",
            "Job with progress",
            "Work queue",
            "Feed with the state first",
            "Inbox for each user",
            "Chat with presence");
    code.forEach(
        (section, languages) -> {
          if (!section.equals(BEGINNING)) {
            assertThat(languages).as(section).containsOnlyKeys("yaml", "java", "js");
          }
        });
  }

  @Test
  void request() throws IOException {
    startService("Request");
    assertThat(lines(startClient("Request", "bob"))).containsExactly("42 bob");
  }

  @Test
  void jobWithProgress() throws IOException {
    startService("Job with progress");
    assertThat(lines(startClient("Job with progress", "alice")))
        .containsExactly("step 1 of 3", "step 2 of 3", "step 3 of 3");
  }

  @Test
  void workQueue() throws IOException, JMSException {
    try (TestService dead = new TestService(broker.connectionFactory())) {
      dead.serve("orders.dead", (session, message) -> {});
      ChildProcess alice = startClient("Work queue", "alice");
      startService("Work queue");
      Message rejected = dead.awaitText("nonsense");
      assertThat(rejected.getStringProperty("reason")).isEqualTo("not an order");
      Awaitility.await()
          .untilAsserted(
              () -> assertThat(lines(alice)).containsExactly("bought 10 ABC", "bought 20 XYZ"));
    }
  }

  @Test
  void feedWithTheStateFirst() throws IOException {
    startService("Feed with the state first");
    ChildProcess bob = startClient("Feed with the state first", "bob");
    bob.await("(?s)change.*change.*change");
    List<String> lines = lines(bob);
    int state = Integer.parseInt(lines.get(0).substring("state ".length()));
    for (int i = 1; i < 4; i++) {
      assertThat(lines.get(i)).isEqualTo("change " + (state + i));
    }
  }

  @Test
  void inboxForEachUser() throws IOException {
    ChildProcess bob = startClient("Inbox for each user", "bob");
    ChildProcess alice = startClient("Inbox for each user", "alice");
    startService("Inbox for each user");
    alice.await("^Your report is ready\\.$");
    try (TestService other = new TestService(broker.connectionFactory())) {
      other.publish("inbox.bob", session -> session.createTextMessage("for bob"));
    }
    bob.await("^for bob$");
    assertThat(lines(bob)).containsExactly("for bob");
  }

  @Test
  void chatWithPresence() throws IOException {
    ChildProcess alice = startClient("Chat with presence", "alice");
    alice.await("^here: alice$");
    alice.await("^alice: hello$");
    ChildProcess bob = startClient("Chat with presence", "bob");
    Stream.of(alice, bob).forEach(client -> client.await("^here: alice, bob$"));
    Stream.of(alice, bob).forEach(client -> client.await("^bob: hello$"));
    startService("Chat with presence");
    Stream.of(alice, bob).forEach(c -> c.await("^the house: The market is closed\\.$"));
  }
}
