package io.longspan.web;

import io.longspan.catalogue.DestinationDescription;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An AsyncAPI 3 document of the destinations of one user. It describes a web client: the client
 * sends what the user may send, and receives what the user may subscribe to or consume. Stateless.
 */
final class AsyncApiDocument {
  private static final Map<String, String> ACTIONS =
      Map.of(
          DestinationDescription.SEND,
          "send",
          DestinationDescription.SUBSCRIBE,
          "receive",
          DestinationDescription.RECEIVE,
          "receive");

  private final Map<String, Object> channels = new LinkedHashMap<>();
  private final Map<String, Object> operations = new LinkedHashMap<>();

  private AsyncApiDocument() {}

  /** Returns the document as a JSON object. */
  static Map<String, Object> of(List<DestinationDescription> destinations) {
    AsyncApiDocument document = new AsyncApiDocument();
    destinations.forEach(document::add);
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("asyncapi", "3.0.0");
    members.put("info", Map.of("title", "Longspan", "version", "1"));
    members.put("defaultContentType", "application/json");
    members.put("channels", document.channels);
    members.put("operations", document.operations);
    return members;
  }

  private void add(DestinationDescription destination) {
    String id = unusedId(destination.name());
    Map<String, Object> message = new LinkedHashMap<>();
    destination.schema().ifPresent(schema -> message.put("payload", schema));
    Map<String, Object> channel = new LinkedHashMap<>();
    channel.put("address", destination.name().replace("...}", "}"));
    destination.title().ifPresent(title -> channel.put("title", title));
    channel.put("messages", Map.of("body", message));
    if (!destination.parameters().isEmpty()) {
      channel.put("parameters", parameters(destination));
    }
    channel.put("x-kind", destination.kind());
    channels.put(id, channel);
    for (String right : destination.may()) {
      operations.put(
          right + '_' + id,
          Map.of("action", ACTIONS.get(right), "channel", Map.of("$ref", "#/channels/" + id)));
    }
  }

  private static Map<String, Object> parameters(DestinationDescription destination) {
    Map<String, Object> parameters = new LinkedHashMap<>();
    for (String name : destination.parameters()) {
      boolean rest = destination.name().endsWith('{' + name + "...}");
      parameters.put(
          name, Map.of("description", rest ? "one or more segments" : "one segment of the name"));
    }
    return parameters;
  }

  /** Returns an id of letters that references and code generators can use. */
  private String unusedId(String name) {
    String plain = name.replaceAll("\\{|(\\.\\.\\.)?}", "").replaceAll("[^A-Za-z0-9]+", "_");
    String id = plain;
    for (int i = 2; channels.containsKey(id); i++) {
      id = plain + '_' + i;
    }
    return id;
  }
}
