package io.longspan.benchmark;

import java.util.List;
import java.util.stream.Collectors;

/** What a client has to say to a server beside plain Bayeux. */
enum Dialect {
  /** Longspan: {@code docs/protocol.md}. */
  BRIDGE {
    @Override
    String handshakeMembers() {
      return ",\"ext\":{\"bridge\":{\"connect\":"
          + "{\"correlationId\":\"c\",\"protocolVersion\":\"1.2\"}}}";
    }

    @Override
    String subscribe(List<String> topics) {
      return control("\"type\":\"topicSubscribe\",\"topics\":" + strings(topics));
    }

    @Override
    String unsubscribe(List<String> topics) {
      return control("\"type\":\"topicUnsubscribe\",\"topics\":" + strings(topics));
    }

    @Override
    String request(long number, String body) {
      return request("services/echo", number, body);
    }

    @Override
    String localRequest(long number, String body) {
      return request("local/echo", number, body);
    }

    @Override
    String consume() {
      return control("\"type\":\"queueSubscribe\",\"queue\":\"bench/work\"");
    }

    @Override
    String acknowledge(String delivery) {
      return control("\"type\":\"ack\",\"deliveries\":[" + quoted(delivery) + "]");
    }

    private String request(String destination, long number, String body) {
      return publish(
          "/anzo/bridge",
          "{\"destination\":\""
              + destination
              + "\",\"properties\":{\"JMSCorrelationID\":\""
              + number
              + "\"},\"body\":"
              + quoted(body)
              + "}");
    }
  },

  /** A bare CometD server: a topic is a broadcast channel, the echo a service channel. */
  BARE {
    @Override
    String subscribe(List<String> topics) {
      return message("/meta/subscribe", "\"subscription\":" + strings(channels(topics)));
    }

    @Override
    String unsubscribe(List<String> topics) {
      return message("/meta/unsubscribe", "\"subscription\":" + strings(channels(topics)));
    }

    @Override
    String request(long number, String body) {
      return publish("/service/echo", "{\"number\":" + number + ",\"body\":" + quoted(body) + "}");
    }

    private List<String> channels(List<String> topics) {
      return topics.stream().map(topic -> "/" + topic).toList();
    }
  };

  /** Where a text has the client id. */
  static final String CLIENT_ID = "$client";

  abstract String subscribe(List<String> topics);

  abstract String unsubscribe(List<String> topics);

  /** Returns a request to the echo service. */
  abstract String request(long number, String body);

  /** Returns a request to the echo service inside the server's process. */
  String localRequest(long number, String body) {
    return request(number, body);
  }

  /** Returns the message that begins to consume the queue. */
  String consume() {
    throw new UnsupportedOperationException("there are no queues");
  }

  /** Returns the acknowledgement of a message of the queue. */
  String acknowledge(String delivery) {
    throw new UnsupportedOperationException("there are no queues");
  }

  String handshake(String connectionType) {
    return "[{\"channel\":\"/meta/handshake\",\"id\":\"1\",\"version\":\"1.0\",\"supportedConnectionTypes\":[\""
        + connectionType
        + "\"]"
        + handshakeMembers()
        + "}]";
  }

  /** Returns what a handshake has beside Bayeux' members, with a comma before it. */
  String handshakeMembers() {
    return "";
  }

  static String connect(String connectionType, boolean hold) {
    return message(
        "/meta/connect",
        "\"connectionType\":\"" + connectionType + (hold ? "\"" : "\",\"advice\":{\"timeout\":0}"));
  }

  static String disconnect() {
    return message("/meta/disconnect", "\"x\":0");
  }

  private static String control(String members) {
    return publish("/anzo/control", "{\"correlationId\":\"c\"," + members + "}");
  }

  private static String publish(String channel, String data) {
    return message(channel, "\"data\":" + data);
  }

  private static String message(String channel, String members) {
    return "[{\"channel\":\""
        + channel
        + "\",\"id\":\"2\",\"clientId\":\""
        + CLIENT_ID
        + "\","
        + members
        + "}]";
  }

  private static String strings(List<String> texts) {
    return texts.stream().map(Dialect::quoted).collect(Collectors.joining(",", "[", "]"));
  }

  private static String quoted(String text) {
    return "\"" + text.replace("\"", "\\\"") + "\"";
  }
}
