package io.longspan.web;

import com.fasterxml.jackson.databind.JsonNode;
import io.longspan.audit.AuditEvent;
import io.longspan.bridge.BridgeOperations.Page;
import io.longspan.bridge.DurableOperations;
import io.longspan.bridge.DurableOperations.Durable;
import io.longspan.catalogue.BrokerDestination;
import io.longspan.catalogue.BrokerDestination.Kind;
import io.longspan.catalogue.DurableSubscription;
import io.longspan.identity.Identity;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.DestinationName;
import io.longspan.protocol.ErrorCode;
import io.longspan.runtime.BridgeRuntime;
import jakarta.servlet.http.HttpServletRequest;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Operator endpoints for durable subscriptions. {@link OperatorServlet} has checked each request.
 * An operator names a subscription as its user does; its name at the broker is derived, so an
 * operator reaches no other object of the broker.
 */
final class DurableEndpoints {
  private static final Logger LOG = LoggerFactory.getLogger(DurableEndpoints.class);

  /** Longer than the bridge waits for another bridge and for its broker, in seconds. */
  private static final long PATIENCE = 60;

  private final BridgeRuntime runtime;
  private final DurableOperations durables;

  DurableEndpoints(BridgeRuntime runtime) {
    this.runtime = runtime;
    this.durables = runtime.bridge().durableOperations();
  }

  Page<Durable> list(HttpServletRequest request) throws OperatorRefusal {
    return durables.list(
        OperatorRequests.user(request),
        OperatorRequests.offset(request),
        OperatorRequests.limit(request));
  }

  static Map<String, Object> fields(Durable durable) {
    Map<String, Object> fields = named(durable.user(), durable.topic(), durable.name());
    fields.put("broker", broker(durable.broker()));
    fields.put("inUse", durable.inUse());
    fields.put("bridge", durable.bridge());
    fields.put("since", durable.since().toString());
    return fields;
  }

  private static Map<String, Object> named(String user, String topic, String name) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("user", user);
    fields.put("topic", topic);
    fields.put("name", name);
    return fields;
  }

  private static String broker(String name) {
    return name.isEmpty() ? "default" : name;
  }

  /** Deletes a subscription. Blocks until the broker has answered. */
  Map<String, Object> delete(Identity operator, JsonNode command) throws OperatorRefusal {
    String user = text(command, "user");
    String topic = text(command, "topic");
    String name = text(command, "name");
    if (command.size() != 3) {
      throw malformed();
    }
    DurableSubscription subscription =
        durables
            .find(user, topic, name)
            .or(() -> derived(user, topic, name))
            .orElseThrow(
                () ->
                    new OperatorRefusal(
                        404, "notFound", "the catalogue has no such topic: " + topic));
    runtime.audit().record(AuditEvent.durableDeleted(operator.user(), user, topic, name));
    LOG.info(
        "operator deletes a durable subscription operator={} subscription={}",
        operator.loggable(),
        subscription.name());
    await(user, subscription);
    Map<String, Object> fields = named(user, topic, name);
    fields.put("broker", broker(subscription.topic().broker()));
    return fields;
  }

  private static String text(JsonNode command, String name) throws OperatorRefusal {
    JsonNode given = command.path(name);
    if (!given.isTextual() || given.textValue().isEmpty()) {
      throw malformed();
    }
    return given.textValue();
  }

  private static OperatorRefusal malformed() {
    return new OperatorRefusal(
        400, "badRequest", "the body must be {\"user\": …, \"topic\": …, \"name\": …}");
  }

  /** Returns the subscription that a user would have, whatever the user's rights are now. */
  private Optional<DurableSubscription> derived(String user, String topic, String name) {
    try {
      DestinationName.parse(topic);
    } catch (BridgeException invalid) {
      LOG.debug("not the name of a topic", invalid);
      return Optional.empty();
    }
    Optional<BrokerDestination> at =
        runtime.explain(user, Optional.of(Set.of()), topic).destination();
    return at.filter(found -> found.kind() == Kind.TOPIC && !found.isLocal() && !found.pattern())
        .map(found -> DurableSubscription.of(user, found, name));
  }

  private void await(String user, DurableSubscription subscription) throws OperatorRefusal {
    try {
      durables.delete(user, subscription).toCompletableFuture().get(PATIENCE, TimeUnit.SECONDS);
    } catch (ExecutionException failed) {
      throw refusal(subscription, BridgeException.from(failed.getCause()));
    } catch (TimeoutException slow) {
      throw refusal(subscription, BridgeException.brokerUnavailable(slow));
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new OperatorRefusal(503, "brokerUnavailable", "the bridge is being stopped");
    }
  }

  private static OperatorRefusal refusal(DurableSubscription subscription, BridgeException why) {
    LOG.warn(
        "durable subscription not deleted subscription={} error={}",
        subscription.name(),
        why.toBayeuxError(),
        why.getCause());
    return why.code() == ErrorCode.IN_USE
        ? new OperatorRefusal(409, "inUse", "another bridge does not give the subscription up")
        : new OperatorRefusal(503, why.code().wireName(), String.valueOf(why.getMessage()));
  }
}
