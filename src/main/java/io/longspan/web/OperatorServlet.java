package io.longspan.web;

import static java.util.stream.Collectors.toSet;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import io.longspan.audit.AuditEvent;
import io.longspan.audit.AuditLog;
import io.longspan.authentication.Authentication;
import io.longspan.authentication.Challenge;
import io.longspan.bridge.BayeuxJMSBridge;
import io.longspan.bridge.BridgeOperations;
import io.longspan.bridge.BridgeOperations.Detail;
import io.longspan.bridge.BridgeOperations.Disconnected;
import io.longspan.bridge.BridgeOperations.Page;
import io.longspan.bridge.BrokerStatus;
import io.longspan.catalogue.NameReport;
import io.longspan.runtime.BridgeRuntime;
import io.longspan.runtime.BrokerFields;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Operator endpoints: the state of this bridge, and commands of an operator. {@link OperatorAccess}
 * checks each request first. {@code docs/operations.md} lists the paths and answers.
 */
public final class OperatorServlet extends HttpServlet {
  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(OperatorServlet.class);

  private final transient OperatorRequests requests = new OperatorRequests();

  private transient BridgeRuntime runtime;
  private transient BayeuxJMSBridge bridge;
  private transient String bridgeId;
  private transient AuditLog audit;
  private transient DurableEndpoints durables;

  @Override
  public void init() {
    runtime = BridgeRuntime.of(getServletContext());
    bridge = runtime.bridge();
    bridgeId = runtime.config().bridge().id();
    audit = runtime.audit();
    durables = new DurableEndpoints(runtime);
  }

  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    response.setHeader("Cache-Control", "no-store");
    Optional<OperatorAccess.Refusal> refusal = OperatorAccess.refusal(request);
    try {
      if (refusal.isEmpty()) {
        answer(response, HttpServletResponse.SC_OK, handle(request));
      } else if (refusal.get() == OperatorAccess.Refusal.NOBODY) {
        Challenge.send(request, response, new Authentication.Anonymous());
      } else {
        OperatorAccess.Refusal why = refusal.get();
        throw new OperatorRefusal(why.status, why.code, why.message);
      }
    } catch (OperatorRefusal x) {
      if (x.status() == HttpServletResponse.SC_METHOD_NOT_ALLOWED) {
        response.setHeader("Allow", x.code());
        answer(response, x.status(), error("badRequest", x.getMessage()));
      } else {
        answer(response, x.status(), error(x.code(), x.getMessage()));
      }
    }
  }

  private Map<String, Object> handle(HttpServletRequest request)
      throws OperatorRefusal, IOException {
    String path = String.valueOf(request.getPathInfo());
    boolean reading = OperatorAccess.isReading(request);
    return switch (path) {
      case "/bridge" -> {
        require(reading, "GET");
        yield bridge();
      }
      case "/clients" -> {
        require(reading, "GET");
        yield clients(request);
      }
      case "/client" -> {
        require(reading, "GET");
        yield client(request);
      }
      case "/explain" -> {
        require(reading, "GET");
        yield explain(request);
      }
      case "/subscriptions" -> {
        require(reading, "GET");
        yield subscriptions(request);
      }
      case "/durable-subscriptions" -> {
        require(reading, "GET");
        yield page(durables.list(request), "durableSubscriptions", DurableEndpoints::fields);
      }
      case "/delete-durable" -> {
        require(request.getMethod().equals("POST"), "POST");
        yield durables.delete(OperatorAccess.operator(request), requests.command(request));
      }
      case "/disconnect" -> {
        require(request.getMethod().equals("POST"), "POST");
        yield disconnect(request);
      }
      case "/drain" -> {
        require(request.getMethod().equals("POST"), "POST");
        yield drain(request);
      }
      default -> throw new OperatorRefusal(404, "badRequest", "there is no such operator endpoint");
    };
  }

  private static void require(boolean right, String allowed) throws OperatorRefusal {
    if (!right) {
      throw new OperatorRefusal(
          HttpServletResponse.SC_METHOD_NOT_ALLOWED, allowed, "the method must be " + allowed);
    }
  }

  private Map<String, Object> bridge() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("bridgeId", bridgeId);
    List<BrokerStatus> brokers = bridge.brokers();
    BrokerStatus main = brokers.get(0);
    fields.put("brokerConnected", main.isConnected());
    main.address().ifPresent(address -> fields.put("brokerAddress", address));
    fields.put("draining", bridge.isDraining());
    fields.put("sessions", bridge.sessionCount());
    fields.put("connected", bridge.connectedCount());
    fields.put("subscriptions", bridge.subscriptionCount());
    fields.put("queueConsumers", bridge.queueConsumerCount());
    fields.put("durableSubscriptions", bridge.durableSubscriptionCount());
    long clockOffset = main.clockOffsetSeconds();
    if (clockOffset != 0) {
      fields.put("brokerClockOffsetSeconds", clockOffset);
    }
    if (brokers.size() > 1) {
      fields.put("brokers", brokers.stream().map(OperatorServlet::broker).toList());
    }
    runtime.whyNotReady().ifPresent(why -> fields.put("notReady", why));
    bridge.trouble().ifPresent(trouble -> fields.put("trouble", trouble));
    return fields;
  }

  private static Map<String, Object> broker(BrokerStatus broker) {
    Map<String, Object> fields = BrokerFields.of(broker);
    fields.put("reopenings", broker.reopeningCount());
    fields.put("clockOffsetSeconds", broker.clockOffsetSeconds());
    return fields;
  }

  private Map<String, Object> clients(HttpServletRequest request) throws OperatorRefusal {
    Page<BridgeOperations.Client> page =
        bridge
            .operations()
            .clients(
                OperatorRequests.user(request),
                Optional.ofNullable(request.getParameter("find")).orElse(""),
                OperatorRequests.offset(request),
                OperatorRequests.limit(request));
    return page(page, "clients", OperatorServlet::fields);
  }

  private static Map<String, Object> fields(BridgeOperations.Client client) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("user", client.user());
    fields.put("clientId", client.clientId());
    fields.put("bridgeClientId", client.bridgeClientId().orElse(null));
    fields.put("state", client.state());
    fields.put("since", client.since().toString());
    fields.put("transport", client.way().transport());
    fields.put("address", client.way().address());
    fields.put("topics", client.topics());
    fields.put("queuedMessages", client.queuedMessages());
    fields.put("queuedBytes", client.queuedBytes());
    fields.put("requestsInFlight", client.requestsInFlight());
    return fields;
  }

  private Map<String, Object> client(HttpServletRequest request) throws OperatorRefusal {
    Detail detail =
        bridge
            .operations()
            .client(OperatorRequests.required(request, "id"))
            .orElseThrow(OperatorServlet::noSuchClient);
    Map<String, Object> answer = fields(detail.client());
    answer.put("subscriptions", detail.total());
    answer.put(
        "interests",
        detail.interests().stream()
            .map(
                interest -> {
                  Map<String, Object> fields = new LinkedHashMap<>();
                  fields.put("name", interest.name());
                  fields.put("kind", interest.queue() ? "queue" : "topic");
                  fields.put("selector", interest.selector().orElse(null));
                  return fields;
                })
            .toList());
    return answer;
  }

  private Map<String, Object> explain(HttpServletRequest request) throws OperatorRefusal {
    String[] given = request.getParameterValues("role");
    NameReport report =
        runtime.explain(
            OperatorRequests.required(request, "user"),
            given == null
                ? Optional.empty()
                : Optional.of(Stream.of(given).filter(r -> !r.isEmpty()).collect(toSet())),
            OperatorRequests.required(request, "name"));
    return requests.json().convertValue(report.toJson(), new TypeReference<>() {});
  }

  private static OperatorRefusal noSuchClient() {
    return new OperatorRefusal(404, "notFound", "there is no such client on this bridge");
  }

  private Map<String, Object> subscriptions(HttpServletRequest request) throws OperatorRefusal {
    Page<BridgeOperations.Subscription> page =
        bridge
            .operations()
            .subscriptions(OperatorRequests.offset(request), OperatorRequests.limit(request));
    return page(
        page,
        "subscriptions",
        subscription -> {
          Map<String, Object> fields = new LinkedHashMap<>();
          fields.put("topic", subscription.topic());
          fields.put("selector", subscription.selector().orElse(null));
          fields.put("subscribers", subscription.subscribers());
          return fields;
        });
  }

  private <T> Map<String, Object> page(
      Page<T> page, String name, Function<T, Map<String, Object>> fields) {
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("bridgeId", bridgeId);
    answer.put("total", page.total());
    answer.put("offset", page.offset());
    List<Map<String, Object>> items = page.items().stream().map(fields).toList();
    answer.put(name, items);
    return answer;
  }

  private Map<String, Object> disconnect(HttpServletRequest request)
      throws OperatorRefusal, IOException {
    JsonNode command = requests.command(request);
    JsonNode client = command.path("client");
    JsonNode user = command.path("user");
    if (command.size() != 1 || !(client.isTextual() || user.isTextual())) {
      throw new OperatorRefusal(
          400, "badRequest", "the body must be {\"client\": id} or {\"user\": name}");
    }
    audit.record(
        AuditEvent.operatorAction(
            OperatorAccess.operator(request).user(),
            client.isTextual() ? "disconnectClient" : "disconnectUser",
            client.isTextual() ? client.textValue() : user.textValue()));
    Disconnected ended =
        client.isTextual()
            ? new Disconnected(bridge.operations().disconnectClient(client.textValue()) ? 1 : 0, 0)
            : bridge.operations().disconnectUser(user.textValue());
    LOG.info(
        "operator disconnected clients bridge={} operator={} clients={} signIns={}",
        bridgeId,
        OperatorAccess.operator(request).loggable(),
        ended.clients(),
        ended.signIns());
    if (ended.clients() + ended.signIns() == 0) {
      throw noSuchClient();
    }
    return Map.of("disconnected", ended.clients());
  }

  private Map<String, Object> drain(HttpServletRequest request)
      throws OperatorRefusal, IOException {
    JsonNode named = requests.command(request).path("bridge");
    if (!named.isTextual()) {
      throw new OperatorRefusal(
          400, "badRequest", "the body must be {\"bridge\": \"" + bridgeId + "\"}");
    }
    if (!named.textValue().equals(bridgeId)) {
      throw new OperatorRefusal(
          409, "otherBridge", "the request reached another bridge: " + bridgeId);
    }
    audit.record(
        AuditEvent.operatorAction(
            OperatorAccess.operator(request).user(), "drainBridge", bridgeId));
    LOG.info(
        "operator drains the bridge bridge={} operator={}",
        bridgeId,
        OperatorAccess.operator(request).loggable());
    bridge.drain();
    return bridge();
  }

  private static Map<String, Object> error(String code, String message) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("errorCode", code);
    fields.put("errorMessage", message);
    return fields;
  }

  private void answer(HttpServletResponse response, int status, Map<String, Object> fields)
      throws IOException {
    response.setStatus(status);
    response.setContentType("application/json");
    response.getOutputStream().write(requests.json().writeValueAsBytes(fields));
  }
}
