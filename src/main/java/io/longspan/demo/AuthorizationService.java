package io.longspan.demo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.jms.JMSException;
import org.apache.jena.graph.Node;
import org.apache.jena.graph.NodeFactory;

/**
 * Authorisation service of the demo (protocol section 11). A user who may read a graph may
 * subscribe to its topic. Everybody may subscribe to the topic of a graph that does not exist yet.
 * All other questions are denied.
 */
final class AuthorizationService implements Service {

  /** How long a bridge may cache an answer. */
  private static final int TTL_SECONDS = 60;

  /** Shorter while the graph does not exist, because its first writer may restrict it soon. */
  private static final int TTL_UNKNOWN_SECONDS = 5;

  private final GraphStore store;
  private final ObjectMapper json;

  AuthorizationService(GraphStore store, ObjectMapper json) {
    this.store = store;
    this.json = json;
  }

  /** Body of the answer. */
  record Decision(boolean allowed, int ttl) {}

  @Override
  public void handle(Request request, Answers answers) throws JMSException {
    answers.json(request, decide(question(request)));
  }

  private JsonNode question(Request request) {
    try {
      return json.readTree(request.text());
    } catch (JsonProcessingException e) {
      throw new ServiceException(ErrorCode.badRequest, "The question is not JSON.", e);
    }
  }

  private Decision decide(JsonNode question) {
    String user = question.path("user").asText();
    String uri = GraphName.ofTopic(question.path("destination").asText()).orElse("");
    if (!question.path("operation").asText().equals("canSubscribe")
        || user.isEmpty()
        || user.equals(AccessRules.EVERYBODY)
        || uri.isEmpty()
        || GraphName.isReserved(uri)) {
      return new Decision(false, TTL_SECONDS);
    }
    Node graph = NodeFactory.createURI(uri);
    if (!store.exists(graph)) {
      return new Decision(true, TTL_UNKNOWN_SECONDS);
    }
    return new Decision(store.mayRead(user, graph), TTL_SECONDS);
  }
}
