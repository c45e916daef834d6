package io.longspan.external;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The services of {@code examples/services}, each in a process of its own. */
enum ExampleService {
  PYTHON_STOMP {
    @Override
    List<String> command(ServiceBroker broker) {
      return List.of("/usr/bin/python3", folder("python-stomp").resolve("service.py").toString());
    }

    @Override
    List<String> arguments(ServiceBroker broker, String queue) {
      return account(broker.broker().stompPort(), broker.stompQueue(queue));
    }
  },
  PYTHON_AMQP {
    @Override
    List<String> command(ServiceBroker broker) {
      return List.of("/usr/bin/python3", folder("python-amqp").resolve("service.py").toString());
    }

    @Override
    List<String> arguments(ServiceBroker broker, String queue) {
      return account(broker.broker().amqpPort(), queue);
    }
  },
  JAVA_JMS {
    @Override
    List<String> command(ServiceBroker broker) {
      String source = folder("java-jms").resolve("Service.java").toString();
      return List.of(ChildProcess.java(), "-cp", clientJars(), source);
    }

    @Override
    List<String> arguments(ServiceBroker broker, String queue) {
      return List.of(
          broker.connectionFactory(),
          "tcp://127.0.0.1:%d%s".formatted(broker.broker().port(), broker.urlOptions()),
          ExternalBroker.SERVICE_USER,
          ExternalBroker.SERVICE_PASSWORD,
          queue);
    }
  },
  CPP_AMQP {
    @Override
    List<String> command(ServiceBroker broker) throws Exception {
      Path program = Files.createTempDirectory(Path.of("target"), "cpp-amqp-").resolve("service");
      String source = folder("cpp-amqp").resolve("service.cpp").toString();
      ChildProcess.start(
              "g++",
              Path.of(""),
              Map.of(),
              List.of("g++", "-o", program.toString(), source, "-lqpid-proton-cpp"))
          .awaitSuccess();
      return List.of(program.toAbsolutePath().toString());
    }

    @Override
    List<String> arguments(ServiceBroker broker, String queue) {
      return account(broker.broker().amqpPort(), queue);
    }
  },
  /** A service of commlib: its job is an action. */
  NODE_MQTT {
    @Override
    List<String> command(ServiceBroker broker) {
      return List.of("node", folder("node-mqtt").resolve("service.js").toString());
    }

    @Override
    List<String> arguments(ServiceBroker broker, String queue) {
      return account(broker.broker().mqttPort(), queue);
    }
  };

  /** What services must know of the broker. */
  interface ServiceBroker {
    ExternalBroker broker();

    /** Returns how a STOMP client writes the name of a queue. */
    String stompQueue(String name);

    /** Returns the class of the JMS connection factory. */
    String connectionFactory();

    /** Returns what a service adds to the URL of the JMS broker. */
    String urlOptions();
  }

  abstract List<String> command(ServiceBroker broker) throws Exception;

  abstract List<String> arguments(ServiceBroker broker, String queue);

  /** Returns the name of its queue. */
  String queue() {
    return "services/" + name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
  }

  /** Starts the service, and waits until it has its queue. */
  ChildProcess start(ServiceBroker broker) throws Exception {
    List<String> command = new ArrayList<>(command(broker));
    command.addAll(arguments(broker, queue()));
    ChildProcess process = ChildProcess.start(name(), Path.of(""), Map.of(), command);
    process.await("^ready$");
    return process;
  }

  private static Path folder(String name) {
    return Path.of("examples", "services", name).toAbsolutePath();
  }

  private static List<String> account(int port, String queue) {
    return List.of(
        "127.0.0.1",
        Integer.toString(port),
        ExternalBroker.SERVICE_USER,
        ExternalBroker.SERVICE_PASSWORD,
        queue);
  }

  /** Returns the jars that a Java service needs. */
  private static String clientJars() {
    return Arrays.stream(ChildProcess.classPath().split(File.pathSeparator))
        .filter(entry -> entry.endsWith(".jar"))
        .collect(Collectors.joining(File.pathSeparator));
  }
}
