package io.longspan.catalogue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import io.longspan.catalogue.BrokerDestination.Kind;
import io.longspan.catalogue.CatalogueEntry.Access;
import io.longspan.catalogue.TopicPolicy.Keep;
import io.longspan.catalogue.TopicPolicy.SlowConsumer;
import io.longspan.config.LongspanConfig.Broker;
import io.longspan.config.LongspanConfig.Dialect;
import io.longspan.config.LongspanConfig.ReplyMode;
import io.longspan.config.Quantity;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Parses a destination catalogue from YAML (protocol section 10). Unknown keys and invalid values
 * are errors. Stateless.
 */
public final class CatalogueParser {
  private static final List<String> ENTRY_KEYS =
      Stream.of(
              List.of(
                  "name",
                  "kind",
                  "broker",
                  "jms",
                  "send",
                  "subscribe",
                  "wildcards",
                  "slowConsumer",
                  "keep"),
              SendPolicyParser.KEYS,
              EntryDescriptionParser.KEYS,
              List.of(SchemaCheckParser.KEY, PresenceParser.KEY),
              SnapshotParser.KEYS,
              ReceiveParser.KEYS)
          .flatMap(List::stream)
          .toList();

  private final CatalogueBrokers brokers;

  private final YAMLMapper yaml =
      YAMLMapper.builder(
              YAMLFactory.builder()
                  .enable(YAMLParser.Feature.PARSE_BOOLEAN_LIKE_WORDS_AS_STRINGS)
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .build())
          .build();

  /**
   * Creates a parser for a broker that separates levels by dots, without JNDI, and with the default
   * {@code broker.replyPrefix}.
   */
  public CatalogueParser() {
    this(ReplyPrefix.DEFAULT);
  }

  /** Creates a parser that refuses what a broker does not support. */
  public CatalogueParser(Broker broker) {
    this(CatalogueBrokers.of(broker, Map.of()));
  }

  /**
   * Creates a parser as {@link #CatalogueParser()} does.
   *
   * @param replyPrefix names that no entry can reach
   */
  CatalogueParser(ReplyPrefix replyPrefix) {
    this(CatalogueBrokers.only(Dialect.ARTEMIS, replyPrefix));
  }

  /** Creates a parser that refuses what the broker of an entry does not support. */
  CatalogueParser(CatalogueBrokers brokers) {
    this.brokers = brokers;
  }

  /**
   * Parses a catalogue.
   *
   * @param text YAML
   * @throws IllegalArgumentException if the catalogue is invalid; the message is one line with the
   *     place, the problem and what is allowed
   */
  public DestinationCatalogue parse(String text) {
    JsonNode root;
    try {
      root = yaml.readTree(text);
    } catch (JsonProcessingException x) {
      throw new IllegalArgumentException(
          "line %d: %s"
              .formatted(
                  x.getLocation() == null ? 0 : x.getLocation().getLineNr(),
                  x.getOriginalMessage().lines().findFirst().orElse("not YAML")),
          x);
    }
    requireKeys("catalogue", root, List.of("destinations", "forward"));
    JsonNode list = root.path("destinations");
    if (!list.isArray()) {
      throw new IllegalArgumentException("destinations: must be a list of entries");
    }
    List<CatalogueEntry> entries = new ArrayList<>();
    for (int i = 0; i < list.size(); i++) {
      entries.add(entry("destinations[" + i + "]", list.get(i)));
    }
    return new DestinationCatalogue(
        entries, new ForwardParser(brokers).parse(root.path("forward")), brokers);
  }

  private CatalogueEntry entry(String place, JsonNode node) {
    requireKeys(place, node, ENTRY_KEYS);
    NameTemplate name =
        at(place + ".name", required(place, node, "name"), t -> NameTemplate.parse(t));
    if (required(place, node, "kind").equals(LocalEntries.KIND)) {
      return localEntry(place, node, name);
    }
    Kind kind =
        at(
            place + ".kind",
            required(place, node, "kind"),
            t -> oneOf(t, Kind.values(), Kind::name));
    EntryBroker broker =
        node.has("broker")
            ? at(place + ".broker", required(place, node, "broker"), brokers::named)
            : brokers.main();
    if (!broker.exists()) {
      throw new IllegalArgumentException(
          place
              + ".kind: '"
              + required(place, node, "kind")
              + "' needs a broker; with broker.provider none only local is possible");
    }
    SendPolicy sending = sending(place, node, kind, name, broker.rules());
    Optional<JmsNameTemplate> jms =
        sending.form().isCommlib()
            ? Optional.of(commlibName(place, node, name, broker))
            : node.has("jms")
                ? Optional.of(
                    at(
                        place + ".jms",
                        required(place, node, "jms"),
                        t -> jmsName(t, name, kind, broker)))
                : Optional.empty();
    if (jms.isEmpty()) {
      at(place + ".name", required(place, node, "name"), t -> broker.requireUsable(kind, t));
    }
    if (node.has("subscribe") && kind == Kind.QUEUE) {
      throw new IllegalArgumentException(place + ".subscribe: a queue cannot be subscribed to");
    }
    boolean wildcards = wildcards(place, node, kind, name, jms);
    TopicPolicy policy = policy(place, node);
    if (policy.keep().always()) {
      requireOneTopic(place, kind, name, jms);
    }
    EntryDescription description = EntryDescriptionParser.parse(place, node);
    return new CatalogueEntry(
        name,
        kind,
        broker.name(),
        jms,
        access(place + ".send", node.get("send")),
        access(place + ".subscribe", node.get("subscribe")),
        wildcards,
        policy
            .withForm(sending.form())
            .withPresence(
                PresenceParser.isOn(place + ".presence", node.path(PresenceParser.KEY), kind))
            .withSnapshot(
                SnapshotParser.parse(
                    place, node, kind, broker.name(), queue -> queueName(queue, broker))),
        sending.withSchema(SchemaCheckParser.parse(place, node, description.schema())),
        description,
        node.path(PresenceParser.KEY).isArray()
            ? Optional.of(roles(place + ".presence", node.get(PresenceParser.KEY), ""))
            : Optional.empty(),
        ReceiveParser.parse(
            place,
            node,
            kind,
            access(place + ".receive", node.get(ReceiveParser.RECEIVE)),
            sending.form(),
            broker));
  }

  /** Returns the JMS topic of a topic of MQTT, whose levels stand between dots. */
  private static JmsNameTemplate commlibName(
      String place, JsonNode node, NameTemplate name, EntryBroker broker) {
    if (!broker.rules().hasMqtt()) {
      throw new IllegalArgumentException(
          place + ".envelope: commlib is possible with broker.dialect activemq or artemis");
    }
    String text =
        node.has("jms")
            ? required(place, node, "jms")
            : required(place, node, "name").replace("...}", "}").replace('/', '.');
    return at(
        place + (node.has("jms") ? ".jms" : ".name"),
        text,
        t -> {
          if (JmsNameTemplate.VARIABLE.matcher(t).replaceAll("x").matches(".*[^A-Za-z0-9_.-].*")) {
            throw new IllegalArgumentException(
                "'" + t + "' is not a topic of commlib: A-Z a-z 0-9 _ - with dots between levels");
          }
          return jmsName(t, name, Kind.TOPIC, broker);
        });
  }

  private CatalogueEntry localEntry(String place, JsonNode node, NameTemplate name) {
    at(place + ".name", required(place, node, "name"), LocalEntries::requireNotReserved);
    LocalEntries.requireKeys(place, node);
    Kind kind = LocalEntries.kind(place, node);
    TopicPolicy policy = policy(place, node);
    if (policy.keep().always()) {
      requireOneTopic(place, kind, name, Optional.empty());
    }
    EntryDescription description = EntryDescriptionParser.parse(place, node);
    return new CatalogueEntry(
        name,
        kind,
        BrokerDestination.LOCAL_BROKER,
        Optional.empty(),
        access(place + ".send", node.get("send")),
        access(place + ".subscribe", node.get("subscribe")),
        LocalEntries.wildcards(place, node, kind),
        policy.withSnapshot(
            SnapshotParser.parse(
                place,
                node,
                kind,
                BrokerDestination.LOCAL_BROKER,
                LocalEntries::requireNotReserved)),
        SendPolicyParser.parse(place, node, kind, name)
            .withSchema(SchemaCheckParser.parse(place, node, description.schema())),
        description,
        Optional.empty(),
        ReceivePolicy.NOBODY);
  }

  private static SendPolicy sending(
      String place, JsonNode node, Kind kind, NameTemplate name, BrokerNameRules rules) {
    SendPolicy policy = SendPolicyParser.parse(place, node, kind, name);
    policy.properties().keySet().forEach(p -> requireCarried(place + ".properties." + p, p, rules));
    if (policy.replies().equals(Optional.of(ReplyMode.TOPIC)) && rules.hasSlashes()) {
      throw new IllegalArgumentException(
          place + ".replies: topic is not possible with this broker.dialect");
    }
    if (policy.correlation() instanceof SendPolicy.ByProperty by) {
      requireCarried(place + ".correlate", by.name(), rules);
    }
    return policy;
  }

  private static void requireCarried(String place, String property, BrokerNameRules rules) {
    if (!rules.carriesProperty(property)) {
      throw new IllegalArgumentException(
          place + ": the broker does not support a property of this name");
    }
  }

  private static JmsNameTemplate jmsName(
      String text, NameTemplate name, Kind kind, EntryBroker broker) {
    if (JndiNames.isJndi(text) && !broker.jndi()) {
      throw new IllegalArgumentException("'" + text + "' requires broker.provider jndi");
    }
    return JmsNameTemplate.parse(
        broker.replyPrefix().requireOutside(text), name, kind, broker.rules());
  }

  private static boolean wildcards(
      String place, JsonNode node, Kind kind, NameTemplate name, Optional<JmsNameTemplate> jms) {
    JsonNode given = node.get("wildcards");
    if (given == null) {
      return false;
    }
    if (!given.isBoolean()) {
      throw new IllegalArgumentException(place + ".wildcards: must be true or false");
    }
    if (given.asBoolean()) {
      if (kind != Kind.TOPIC || jms.isEmpty()) {
        throw new IllegalArgumentException(
            place
                + ".wildcards: requires a topic and a jms name with variables between dots, such as"
                + " prices.{market}.{symbol}");
      }
      at(
          place + ".jms",
          "",
          t -> {
            jms.get().requireWildcardTokens(name);
            return t;
          });
    }
    return given.asBoolean();
  }

  private Access access(String place, JsonNode node) {
    if (node == null) {
      return new CatalogueEntry.Granted(Set.of());
    }
    if (node.isObject()) {
      requireKeys(place, node, List.of("ask"));
      if (!brokers.main().exists()) {
        throw new IllegalArgumentException(
            place + ".ask: needs a broker; with broker.provider none only roles are possible");
      }
      return new CatalogueEntry.Ask(
          at(
              place + ".ask",
              required(place, node, "ask"),
              queue -> queueName(queue, brokers.main())));
    }
    return roles(place, node, ", or {ask: queue}");
  }

  /** Returns the JMS name of a service's queue. */
  private static String queueName(String queue, EntryBroker broker) {
    if (!broker.rules().isSafe(Kind.QUEUE, queue)) {
      throw new IllegalArgumentException("'" + queue + "' is not a valid queue name");
    }
    return broker.replyPrefix().requireOutside(queue);
  }

  private static CatalogueEntry.Granted roles(String place, JsonNode node, String alternative) {
    Set<String> roles = new HashSet<>();
    node.forEach(role -> roles.add(role.isTextual() ? role.asText() : ""));
    if (!node.isArray() || roles.stream().anyMatch(String::isBlank)) {
      throw new IllegalArgumentException(place + ": must be a list of roles" + alternative);
    }
    return new CatalogueEntry.Granted(Set.copyOf(roles));
  }

  private static TopicPolicy policy(String place, JsonNode node) {
    JsonNode slowConsumer = node.path("slowConsumer");
    Keep keep = keep(place + ".keep", node.get("keep"));
    if (slowConsumer.isObject()) {
      requireKeys(place + ".slowConsumer", slowConsumer, List.of("latest"));
      String property = required(place + ".slowConsumer", slowConsumer, "latest");
      return new TopicPolicy(SlowConsumer.LATEST, Optional.of(property), keep);
    }
    return new TopicPolicy(
        slowConsumer(place + ".slowConsumer", slowConsumer), Optional.empty(), keep);
  }

  private static SlowConsumer slowConsumer(String place, JsonNode node) {
    return node.isMissingNode()
        ? SlowConsumer.QUEUE
        : at(
            place,
            node.asText(),
            t ->
                switch (t) {
                  case "queue" -> SlowConsumer.QUEUE;
                  case "latest" -> SlowConsumer.LATEST;
                  case "dropOldest" -> SlowConsumer.DROP_OLDEST;
                  case "disconnect" -> SlowConsumer.DISCONNECT;
                  default ->
                      throw new IllegalArgumentException(
                          "'" + t + "' is not queue, latest, dropOldest or disconnect");
                });
  }

  private static Keep keep(String place, JsonNode node) {
    if (node == null) {
      return Keep.NOTHING;
    }
    requireKeys(place, node, List.of("messages", "bytes", "age", "always"));
    JsonNode messages = node.path("messages");
    if (!messages.isMissingNode() && !(messages.canConvertToInt() && messages.asInt() >= 0)) {
      throw new IllegalArgumentException(place + ".messages: must be a whole number from 0");
    }
    JsonNode always = node.path("always");
    if (!always.isMissingNode() && !always.isBoolean()) {
      throw new IllegalArgumentException(place + ".always: must be true or false");
    }
    Keep keep =
        new Keep(
            messages.asInt(1000),
            at(place + ".bytes", node.path("bytes").asText("1MiB"), Quantity::bytes),
            at(place + ".age", node.path("age").asText("5m"), Quantity::duration),
            always.asBoolean());
    if (keep.always() && !keep.isSomething()) {
      throw new IllegalArgumentException(place + ".always: the other keys retain nothing");
    }
    return keep;
  }

  /** Requires that a topic that is always kept is one topic, for all users. */
  private static void requireOneTopic(
      String place, Kind kind, NameTemplate name, Optional<JmsNameTemplate> jms) {
    if (kind != Kind.TOPIC
        || !name.variables().isEmpty()
        || jms.filter(JmsNameTemplate::hasVariables).isPresent()) {
      throw new IllegalArgumentException(
          place + ".keep.always: requires a topic whose name and jms have no variables");
    }
  }

  static <T> T at(String place, String text, Function<String, T> parse) {
    try {
      return parse.apply(text);
    } catch (IllegalArgumentException x) {
      throw new IllegalArgumentException(place + ": " + x.getMessage(), x);
    }
  }

  private static <T> T oneOf(String text, T[] values, Function<T, String> name) {
    for (T value : values) {
      if (name.apply(value).toLowerCase(Locale.ROOT).equals(text)) {
        return value;
      }
    }
    throw new IllegalArgumentException("'" + text + "' is not queue, topic or local");
  }

  static String required(String place, JsonNode node, String key) {
    JsonNode value = node.get(key);
    if (value == null || !value.isTextual() || value.asText().isEmpty()) {
      throw new IllegalArgumentException(place + "." + key + ": must be set, as text");
    }
    return value.asText();
  }

  static void requireKeys(String place, JsonNode node, List<String> allowed) {
    if (!node.isObject()) {
      throw new IllegalArgumentException(place + ": must be a mapping with the keys " + allowed);
    }
    node.fieldNames()
        .forEachRemaining(
            key -> {
              if (!allowed.contains(key)) {
                throw new IllegalArgumentException(
                    place + "." + key + ": unknown key; allowed: " + allowed);
              }
            });
  }
}
