package io.longspan.server.command;

import io.longspan.load.LoadPlan;
import io.longspan.load.LoadPlan.Account;
import io.longspan.load.LoadPlan.Transport;
import io.longspan.load.LoadReport;
import io.longspan.load.LoadRun;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Puts load on a bridge, and reports what its clients have seen. */
@Command(
    name = "load",
    description = {
      "Connects clients to a bridge, lets them send requests and follow a topic,",
      "and reports rates and latencies."
    },
    footer = {
      "",
      "Examples:",
      "  java -jar longspan.war load --clients 50 --seconds 20",
      "  java -jar longspan.war load --url https://bus.example.org --users load.properties \\",
      "      --clients 1000 --transport both --request services/quote --rate 200",
      "  java -jar longspan.war load --no-requests --topic chat/load --publish 10 --json",
      "",
      "Exit status: 0 if nothing was refused, lost or unanswered, otherwise 1."
    },
    sortOptions = false)
final class LoadCommand implements Callable<Integer> {
  private static final int MAX_CLIENTS = 100_000;
  private static final int MAX_BYTES = 1 << 20;

  /** The transports that clients can use. */
  enum Transports {
    websocket(List.of(Transport.WEBSOCKET)),
    polling(List.of(Transport.LONG_POLLING)),
    both(List.of(Transport.WEBSOCKET, Transport.LONG_POLLING));

    private final List<Transport> transports;

    Transports(List<Transport> transports) {
      this.transports = transports;
    }
  }

  @Spec private CommandSpec spec;

  @Option(
      names = "--url",
      paramLabel = "URL",
      defaultValue = "http://127.0.0.1:8080",
      description = "the bridge, with its context path (default: ${DEFAULT-VALUE})")
  private String url;

  @Option(names = "--user", defaultValue = "alice", description = "default: ${DEFAULT-VALUE}")
  private String user;

  @Option(
      names = "--password",
      defaultValue = "alice",
      description = "the user's password (default: the demo user's)")
  private String password;

  @Option(
      names = "--users",
      paramLabel = "FILE",
      description =
          "lines of the form user: password; the clients take them in turn. A bridge allows a user"
              + " a limited number of sessions (limits.sessionsPerUser)")
  private Path users;

  @Option(names = "--clients", defaultValue = "10", description = "default: ${DEFAULT-VALUE}")
  private int clients;

  @Option(
      names = "--transport",
      defaultValue = "websocket",
      description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE})")
  private Transports transport;

  @Option(
      names = "--seconds",
      defaultValue = "10",
      description = "how long the load lasts (default: ${DEFAULT-VALUE})")
  private int seconds;

  @Option(
      names = "--request",
      paramLabel = "NAME",
      defaultValue = "services/echo",
      description = "where requests go to (default: ${DEFAULT-VALUE})")
  private String destination;

  @Option(names = "--no-requests", description = "sends no requests")
  private boolean noRequests;

  @Option(
      names = "--rate",
      defaultValue = "0",
      description =
          "requests per second of all clients; 0: each client sends the next one when the last one"
              + " is answered (default: ${DEFAULT-VALUE})")
  private int rate;

  @Option(
      names = "--bytes",
      defaultValue = "512",
      description = "size of bodies (default: ${DEFAULT-VALUE})")
  private int bytes;

  @Option(names = "--topic", paramLabel = "NAME", description = "all clients subscribe to it")
  private Optional<String> topic;

  @Option(
      names = "--publish",
      paramLabel = "RATE",
      defaultValue = "0",
      description = "messages per second to the topic (default: ${DEFAULT-VALUE})")
  private int publications;

  @Option(names = "--json", description = "the report is one JSON object")
  private boolean json;

  @Mixin private HelpOption help;

  @Override
  public Integer call() throws InterruptedException {
    LoadRun run = new LoadRun(plan());
    PrintWriter errors = spec.commandLine().getErr();
    LoadReport report =
        run.run(
            line -> {
              errors.println(line);
              errors.flush();
            });
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(report.json());
    } else {
      report.lines().forEach(out::println);
    }
    out.flush();
    return run.figures().isClean() ? ExitStatus.OK : ExitStatus.FAILED;
  }

  private LoadPlan plan() {
    require(clients >= 1 && clients <= MAX_CLIENTS, "--clients", "1 to " + MAX_CLIENTS);
    require(seconds >= 1, "--seconds", "1 or more");
    require(rate >= 0, "--rate", "0 or more");
    require(bytes >= 0 && bytes <= MAX_BYTES, "--bytes", "0 to " + MAX_BYTES);
    require(publications == 0 || topic.isPresent(), "--publish", "only with --topic");
    require(publications >= 0, "--publish", "0 or more");
    require(!noRequests || topic.isPresent(), "--no-requests", "only with --topic");
    return new LoadPlan(
        endpoint(),
        accounts(),
        clients,
        transport.transports,
        Duration.ofSeconds(seconds),
        noRequests ? Optional.empty() : Optional.of(destination),
        rate,
        bytes,
        topic,
        publications);
  }

  private void require(boolean allowed, String option, String what) {
    if (!allowed) {
      throw wrong(option, what);
    }
  }

  private ParameterException wrong(String option, String what) {
    return new ParameterException(spec.commandLine(), option + ": allowed: " + what);
  }

  private URI endpoint() {
    try {
      URI endpoint = URI.create(url.replaceFirst("/+$", "") + "/cometd");
      require(
          endpoint.getHost() != null && endpoint.getScheme().matches("https?"),
          "--url",
          "an http or https URL");
      return endpoint;
    } catch (IllegalArgumentException malformed) {
      throw wrong("--url", "an http or https URL");
    }
  }

  private List<Account> accounts() {
    if (users == null) {
      return List.of(new Account(user, password));
    }
    try {
      List<Account> accounts =
          Files.readAllLines(users).stream()
              .filter(line -> !line.isBlank() && !line.startsWith("#"))
              .map(this::account)
              .toList();
      require(!accounts.isEmpty(), "--users", "a file with users");
      return accounts;
    } catch (IOException unreadable) {
      throw wrong("--users", "a readable file: " + unreadable);
    }
  }

  /** Reads a line of the users file of the embedded server; roles may follow the password. */
  private Account account(String line) {
    String[] parts = line.split("[:=]", 2);
    require(parts.length == 2, "--users", "lines of the form user: password");
    return new Account(parts[0].strip(), parts[1].split(",", 2)[0].strip());
  }
}
