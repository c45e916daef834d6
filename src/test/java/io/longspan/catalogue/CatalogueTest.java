package io.longspan.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longspan.access.AuthorizationService.Verdict;
import io.longspan.access.AuthorizationService.Verdict.Kind;
import io.longspan.access.CatalogueAccessPolicy;
import io.longspan.access.RightsChange;
import io.longspan.access.SendGrant;
import io.longspan.access.TopicGrant;
import io.longspan.config.LongspanConfig.ReplyMode;
import io.longspan.identity.Identity;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.DestinationName;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class CatalogueTest {
  private static final Identity ALICE = new Identity("alice", Set.of("trader"));
  private static final Identity BOB = new Identity("bob", Set.of());
  private static final String TEXT =
      """
      destinations:
        - {name: "services/{service}", kind: queue, send: ["*"]}
        - {name: "prices/closed/{symbol}", kind: topic, jms: "prices.closed.{symbol}", subscribe: [boss]}
        - {name: "prices/{market}/{symbol}", kind: topic, jms: "prices.{market}.{symbol}", subscribe: [trader, "user:bob"], wildcards: true}
        - {name: "files/{path...}", kind: topic, jms: "files.{path}", subscribe: ["*"], wildcards: true}
        - {name: inbox, kind: topic, jms: "inbox.{user}", subscribe: ["*"]}
        - {name: "own/{user}/{x}", kind: topic, send: ["*"]}
        - {name: "graphs/{graph}", kind: topic, subscribe: {ask: services/authorization}}
        - {name: "any/{rest...}", kind: queue, send: ["*"]}
        - {name: "{whatever...}", kind: queue, send: ["*"]}
      """;

  private final DestinationCatalogue catalogue = new CatalogueParser().parse(TEXT);
  private final CatalogueAccessPolicy policy =
      new CatalogueAccessPolicy(
          () -> catalogue,
          question ->
              CompletableFuture.completedFuture(
                  new Verdict(
                      question.identity().user().equals("alice") ? Kind.ALLOWED : Kind.REFUSED,
                      Duration.ZERO)));

  @BeforeEach
  void hearChanges() {
    policy.hearsChanges(true);
  }

  private Optional<String> jmsTopic(Identity identity, String name) {
    try {
      return Optional.of(grant(identity, name).destination().name());
    } catch (CompletionException refused) {
      assertThat(BridgeException.from(refused).toBayeuxError())
          .isEqualTo(BridgeException.notAuthorized().toBayeuxError());
      return Optional.empty();
    }
  }

  private TopicGrant grant(Identity identity, String name) {
    return policy
        .maySubscribe(identity, DestinationName.parsePattern(name))
        .toCompletableFuture()
        .join();
  }

  private Optional<BrokerDestination> target(Identity identity, String name) {
    return policy
        .maySend(identity, DestinationName.parse(name))
        .<Optional<BrokerDestination>>handle(
            (grant, failure) -> Optional.ofNullable(grant).map(SendGrant::destination))
        .toCompletableFuture()
        .join();
  }

  @ParameterizedTest
  @CsvSource({
    "prices/eu/ABC, prices.eu.ABC",
    "prices/eu/BRK.A, prices.eu.BRK%2EA",
    "prices/eu/BRK%2EA, prices.eu.BRK%252EA",
    "prices/eu/(http%3A%2F%2Fx), prices.eu.(http%3A%2F%2Fx)",
    "prices/*/ABC, prices.*.ABC",
    "prices/**, prices.*.*",
    "prices/eu/**, prices.eu.*",
    "files/a/b, files.a.b",
    "files/**, files.**",
    "inbox, inbox.alice",
    "graphs/(urn%3Ax), graphs/(urn%3Ax)"
  })
  void aGrantedTopicHasOneJmsName(String name, String jmsName) {
    assertThat(jmsTopic(ALICE, name)).contains(jmsName);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "services/echo", // a queue
        "unknown/x",
        "prices", // shorter than any entry
        "prices/eu/ABC/x",
        "prices/closed/ABC", // the first entry that matches decides
        "*/eu/ABC", // a wildcard never stands for a literal
        "**",
        "graphs/*", // no wildcards there
        "own/bob/x"
      })
  void whatNoEntryGrantsIsNotAuthorized(String name) {
    assertThat(jmsTopic(ALICE, name)).isEmpty();
  }

  @Test
  void rolesAndUsersAreGrantedAndNobodyElse() {
    assertThat(jmsTopic(BOB, "prices/eu/ABC")).isPresent();
    assertThat(jmsTopic(new Identity("carol", Set.of("user:bob")), "prices/eu/ABC")).isEmpty();
    assertThat(jmsTopic(new Identity("user:bob", Set.of()), "prices/eu/ABC")).isEmpty();
  }

  @Test
  void theAuthorisationServiceDecidesWhereItIsAsked() {
    assertThat(jmsTopic(ALICE, "graphs/g")).isPresent();
    assertThat(jmsTopic(BOB, "graphs/g")).isEmpty();
  }

  @Test
  void anAuthorisationServiceThatFailsIsADenial() {
    CatalogueAccessPolicy failing =
        new CatalogueAccessPolicy(
            () -> catalogue,
            question -> CompletableFuture.failedFuture(new IllegalStateException()));
    failing.hearsChanges(true);
    assertThat(failing.maySubscribe(ALICE, DestinationName.parse("graphs/g")).toCompletableFuture())
        .isCompletedExceptionally();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ID:host-1-2/3:4:5",
        "id:host",
        "any::queue",
        "ActiveMQ.Advisory.Connection",
        "activemq.management",
        "bridge/push",
        "bridge/commands",
        "DLQ",
        "temp-queue:",
        "DLQ.x",
        "01234567-89ab-cdef-0123-456789abcdef", // a temporary destination of Artemis
        "VirtualTopic.x",
        "Consumer.A.VirtualTopic.x",
        "jms.queue.x"
      })
  void aNameThatABrokerWouldTakeForItsOwnIsRefusedWhateverTheCatalogueSays(String name) {
    assertThat(target(ALICE, name)).isEmpty();
  }

  /** The name on the broker would be a sound pattern; only the entry's own word refuses it. */
  @Test
  void aPatternIsGrantedOnlyWhereItsEntryAllowsPatterns() {
    String entry = "{name: 'a/{x}', kind: topic, jms: 'a.{x}', subscribe: ['*']%s}";
    for (String pattern : List.of("a/*", "a/**")) {
      DestinationName asked = DestinationName.parsePattern(pattern);
      assertThat(
              new CatalogueParser()
                  .parse("destinations: [" + entry.formatted("") + "]")
                  .match(BOB, asked))
          .as(pattern)
          .isEmpty();
      assertThat(
              new CatalogueParser()
                  .parse("destinations: [" + entry.formatted(", wildcards: true") + "]")
                  .match(BOB, asked))
          .as(pattern)
          .isPresent();
    }
  }

  @Test
  void anOperatorMayGrantAVirtualTopicByItsName() {
    assertThat(
            new CatalogueParser()
                .parse(
                    "destinations: [{name: 'v/{x}', kind: topic, jms: 'VirtualTopic.{x}', send: ['*']}]")
                .match(BOB, DestinationName.parse("v/orders")))
        .isPresent();
  }

  /** The topic {@code bridge/clients} is one token; the name it reads as stands for another. */
  @Test
  void aPatternDoesNotCoverATopicThatItsNameDoesNotLeadBackTo() {
    assertThat(grant(BOB, "files/**").topicNames().logicalNameOf("files.a/b")).isEmpty();
  }

  @Test
  void aUserSendsToItsOwnNamesOnly() {
    assertThat(target(ALICE, "own/alice/x")).contains(BrokerDestination.topic("own/alice/x"));
    assertThat(
            new CatalogueParser()
                .parse("destinations: [{name: 'own/{user}', kind: topic, send: ['*']}]")
                .match(BOB, DestinationName.parse("own/alice")))
        .isEmpty();
  }

  @Test
  void aUsersNameCannotReachIntoAnotherTopic() {
    assertThat(jmsTopic(new Identity("a.b>*", Set.of()), "inbox")).contains("inbox.a%2Eb~3E~2A");
  }

  @Test
  void aPatternCoversOnlyWhatItsOwnEntryDecides() {
    TopicGrant all = grant(BOB, "prices/**");
    assertThat(all.topicNames().logicalNameOf("prices.eu.ABC")).contains("prices/eu/ABC");
    assertThat(all.topicNames().logicalNameOf("prices.eu.BRK%2EA")).contains("prices/eu/BRK.A");
    assertThat(all.topicNames().logicalNameOf("prices.closed.ABC")).isEmpty();
    assertThat(all.topicNames().logicalNameOf("prices.eu")).isEmpty();
    assertThat(all.topicNames().logicalNameOf("other.eu.ABC")).isEmpty();
    TopicGrant one = grant(BOB, "prices/*/ABC");
    assertThat(one.topicNames().logicalNameOf("prices.eu.XYZ")).isEmpty();
    assertThat(grant(BOB, "files/**").topicNames().logicalNameOf("files.a.b.c"))
        .contains("files/a/b/c");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "destination: []|catalogue.destination: unknown key",
        "destinations: {}|destinations: must be a list",
        "destinations: [{name: a}]|destinations[0].kind: must be set",
        "destinations: [{name: a, kind: pipe}]|destinations[0].kind: 'pipe' is not queue, topic or local",
        "destinations: [{name: 'a/{b', kind: topic}]|destinations[0].name: segment '{b'",
        "destinations: [{name: 'a/{b}/{b}', kind: topic}]|destinations[0].name: a variable occurs twice",
        "destinations: [{name: 'a/{b...}/c', kind: topic}]|can only be the last segment",
        "destinations: [{name: a, kind: queue, subscribe: ['*']}]|destinations[0].subscribe: a queue",
        "destinations: [{name: 'a/{b}', kind: topic, jms: 'a.{c}'}]|{c} is not a variable of the name",
        "destinations: [{name: 'a/{b}', kind: topic, jms: 'a'}]|{b} is missing",
        "destinations: [{name: 'a/{b}', kind: topic, jms: 'a,{b}'}]|broker syntax",
        "destinations: [{name: 'a/{b}/{c}', kind: topic, jms: 'a.{b}-{c}'}]|needs a dot or a slash between two variables",
        "destinations: [{name: 'inbox/{user...}', kind: topic}]|destinations[0].name: '{user...}' would match any text of the client",
        "destinations: [{name: 'inbox/{User}', kind: topic, jms: 'inbox.{User}'}]|destinations[0].name: '{User}' would match any text of the client",
        "destinations: [{name: inbox, kind: topic, jms: 'inbox.{user...}'}]|destinations[0].jms: 'inbox.{user...}' contains broker syntax",
        "destinations: [{name: inbox, kind: topic, jms: 'inbox.{ user }'}]|destinations[0].jms: 'inbox.{ user }' contains broker syntax",
        "destinations: [{name: a, kind: topic, subscribe: {ask: 'authz/{user}'}}]|destinations[0].subscribe.ask: 'authz/{user}' is not a valid queue name",
        "destinations: [{name: 'a/{b}', kind: topic, jms: 'a.{user}{b}'}]|needs a dot or a slash between two variables",
        "destinations: [{name: 'bridge/push', kind: topic}]|the bridge reserves",
        "destinations: [{name: x, kind: topic, jms: bridge/commands}]|the bridge reserves",
        "destinations: [{name: 'a/{b}', kind: topic, wildcards: true}]|destinations[0].wildcards: requires",
        "destinations: [{name: 'a/{b}', kind: topic, jms: 'a.x{b}', wildcards: true}]|to stand alone",
        "destinations: [{name: a, kind: topic, send: trader}]|destinations[0].send: must be a list",
        "destinations: [{name: a, kind: topic, send: {tell: q}}]|destinations[0].send.tell: unknown key",
        "destinations: [{name: a, kind: topic, slowConsumer: never}]|'never' is not queue, latest",
        "destinations: [{name: a, kind: topic, keep: {age: long}}]|destinations[0].keep.age:",
        "destinations: [{name: a, kind: topic, colour: red}]|destinations[0].colour: unknown key; allowed: [name, kind, broker, jms, send, subscribe, wildcards, slowConsumer, keep, priority, timeToLive, persistent, groupId, properties, correlate, replies, envelope, title, schema, schemaCheck, presence, snapshot, snapshotShared, receive, ackTimeout, deadLetter, maxConsumers, durable]",
        "destinations: [~]|destinations[0]: must be a mapping with the keys [name, kind, broker, jms,",
        "destinations: [{name: 7, kind: topic}]|destinations[0].name: must be set, as text",
        "destinations: [{name: a, kind: topic, send: [~]}]|destinations[0].send: must be a list",
        "destinations: [{name: a, kind: topic, subscribe: [7]}]|destinations[0].subscribe: must be a list",
        "destinations: [{name: a, kind: topic, jms: ~}]|destinations[0].jms: must be set",
        "destinations: [{name: a, kind: topic, send: ~}]|destinations[0].send: must be a list",
        "destinations: [{name: a, kind: topic, send: {ask: q, x: y}}]|destinations[0].send.x: unknown key; allowed: [ask]",
        "destinations: [{name: a, kind: queue, priority: 10}]|destinations[0].priority: must be a whole number from 0 to 9",
        "destinations: [{name: a, kind: queue, priority: '4'}]|destinations[0].priority: must be",
        "destinations: [{name: a, kind: queue, timeToLive: 5}]|destinations[0].timeToLive: '5' is not a duration",
        "destinations: [{name: a, kind: queue, persistent: maybe}]|destinations[0].persistent: must be true or false",
        "destinations: [{name: a, kind: queue, groupId: '{shop}'}]|destinations[0].groupId: {shop} is not a variable of the name",
        "destinations: [{name: a, kind: queue, groupId: '{user...}'}]|destinations[0].groupId: '{user...}' holds a brace",
        "destinations: [{name: a, kind: queue, groupId: 7}]|destinations[0].groupId: must be a text",
        "destinations: [{name: a, kind: queue, properties: [x]}]|destinations[0].properties: must hold names and values",
        "destinations: [{name: a, kind: queue, properties: {x: [1]}}]|destinations[0].properties.x: must be a text, a number",
        "destinations: [{name: a, kind: queue, properties: {x: ~}}]|destinations[0].properties.x: must be a text, a number",
        "destinations: [{name: a, kind: queue, properties: {'a-b': 1}}]|'a-b' is not a name of a JMS property",
        "destinations: [{name: a, kind: queue, properties: {runAsUser: root}}]|'runAsUser' is set by the bridge",
        "destinations: [{name: a, kind: queue, properties: {RUNASUSER: root}}]|'RUNASUSER' is set by the bridge",
        "destinations: [{name: a, kind: queue, properties: {JMSXGroupID: g}}]|'JMSXGroupID' is a name that JMS keeps",
        "destinations: [{name: a, kind: queue, properties: {tier: a, Tier: b}}]|destinations[0].properties.Tier: is given twice",
        "destinations: [{name: a, kind: queue, correlate: messageid}]|destinations[0].correlate: 'messageid' is not correlationId, messageId or property:<name>",
        "destinations: [{name: a, kind: queue, correlate: 'property:'}]|'' is not a name of a JMS property",
        "destinations: [{name: a, kind: queue, correlate: 'property:runAsUser'}]|'runAsUser' is set by the bridge",
        "destinations: [{name: a, kind: topic, correlate: messageId}]|destinations[0].correlate: only requests to a queue",
        "destinations: [{name: a, kind: queue, replies: temporary}]|destinations[0].replies: 'temporary' is not temporaryTopic, temporaryQueue, topic or queue",
        "destinations: [{name: a, kind: queue, envelope: xml}]|destinations[0].envelope: 'xml' is not jms or commlib",
        "destinations: [{name: a, kind: queue, envelope: commlib, replies: topic}]|destinations[0].replies: not with envelope commlib",
        "destinations: [{name: a, kind: queue, envelope: commlib, correlate: messageId}]|destinations[0].correlate: not with envelope commlib",
        "destinations: [{name: a, kind: queue, envelope: commlib, jms: a/b}]|destinations[0].jms: 'a/b' is not a topic of commlib",
        "destinations: [{name: 'a@b', kind: topic, envelope: commlib}]|destinations[0].name: 'a@b' is not a topic of commlib",
        "destinations: [{name: longspan/reply/x, kind: queue, envelope: commlib}]|destinations[0].name: 'longspan.reply.x' is under broker.replyPrefix",
        "destinations: [{name: a, kind: topic, replies: queue}]|destinations[0].replies: only answers to requests can share a queue",
        "destinations: [{name: a, kind: queue, jms: longspan.reply.x}]|destinations[0].jms: 'longspan.reply.x' is under broker.replyPrefix",
        "destinations: [{name: 'a/{x}', kind: topic, jms: 'Longspan.Reply.{x}'}]|is under broker.replyPrefix",
        "destinations: [{name: longspan.reply, kind: topic}]|destinations[0].name: 'longspan.reply' is under broker.replyPrefix",
        "destinations: [{name: a, kind: queue, send: {ask: longspan.reply.bridge-1}}]|destinations[0].send.ask: 'longspan.reply.bridge-1' is under",
        "destinations: [{name: a, kind: queue, correlate: 'property:t', properties: {T: 1}}]|correlate sets this property",
        "destinations: [{name: a, kind: queue, title: ''}]|destinations[0].title: must be a text of 1 to 200 characters",
        "destinations: [{name: a, kind: queue, title: 7}]|destinations[0].title: must be a text",
        "destinations: [{name: a, kind: queue, schema: a.json}]|destinations[0].schema: must be a JSON Schema, written as a mapping",
        "destinations: [{name: a, kind: topic, presence: trader}]|destinations[0].presence: must be true, false or a list of roles",
        "destinations: [{name: a, kind: topic, presence: [7]}]|destinations[0].presence: must be a list of roles",
        "destinations: [{name: a, kind: queue, presence: true}]|destinations[0].presence: only a topic has subscribers",
        "destinations: [{name: bridge/presence, kind: topic}]|the bridge reserves",
        "destinations: [{name: a, kind: queue, schemaCheck: warn}]|destinations[0].schemaCheck: requires schema",
        "destinations: [{name: a, kind: queue, schema: {}, schemaCheck: maybe}]|destinations[0].schemaCheck: 'maybe' is not warn, refuse or off",
        "destinations: [{name: a, kind: queue, schema: {type: thing}}]|destinations[0].schema: not a JSON Schema: /type",
        "destinations: [{name: a, kind: queue, schema: {$schema: 'http://json-schema.org/draft-07/schema#'}}]|destinations[0].schema: $schema must be",
        "destinations: [{name: a, kind: queue, schema: {$ref: 'http://127.0.0.1:1/s.json'}}]|destinations[0].schema: not a JSON Schema",
        "destinations: [{name: a, kind: queue, schema: {$ref: 'file:///etc/hostname'}}]|destinations[0].schema: not a JSON Schema",
        "destinations: [{name: a, kind: queue, snapshot: s}]|destinations[0].snapshot: only a topic has a snapshot",
        "destinations: [{name: a, kind: topic, snapshot: 7}]|destinations[0].snapshot",
        "destinations: [{name: a, kind: topic, snapshot: 'a,b'}]|destinations[0].snapshot: 'a,b' is not a valid queue name",
        "destinations: [{name: a, kind: topic, snapshot: bridge/clients}]|destinations[0].snapshot",
        "destinations: [{name: a, kind: topic, snapshotShared: true}]|destinations[0].snapshotShared: requires snapshot",
        "destinations: [{name: a, kind: topic, snapshot: s, snapshotShared: often}]|destinations[0].snapshotShared: must be true or false",
        "destinations: [{name: a, kind: topic, receive: [x]}]|destinations[0].receive: requires a queue",
        "destinations: [{name: a, kind: queue, ackTimeout: 5s}]|destinations[0].ackTimeout: requires receive",
        "destinations: [{name: a, kind: queue, receive: [x], ackTimeout: 5}]|destinations[0].ackTimeout: '5'",
        "destinations: [{name: a, kind: queue, receive: [x], ackTimeout: 10ms}]|destinations[0].ackTimeout: '10ms' is not between 1s and 24h",
        "destinations: [{name: a, kind: queue, receive: [x], deadLetter: 'a,b'}]|destinations[0].deadLetter: 'a,b' is not a valid queue name",
        "destinations: [{name: a, kind: queue, receive: [x], deadLetter: longspan.reply.x}]|destinations[0].deadLetter",
        "destinations: [{name: a, kind: queue, receive: [x], maxConsumers: 0}]|destinations[0].maxConsumers: must be a whole number from 1",
        "destinations: [{name: a, kind: queue, receive: [x], maxConsumers: {each: 1}}]|destinations[0].maxConsumers.each: unknown key",
        "destinations: [{name: a, kind: topic, durable: 7}]|destinations[0].durable: must be true or false",
        "destinations: [{name: a, kind: queue, durable: true}]|destinations[0].durable: requires a topic",
        "destinations: [{name: a, kind: topic, envelope: commlib, durable: true}]|destinations[0].durable: requires a topic",
        "destinations: [{name: a, kind: topic, durable: true, deadLetter: b}]|destinations[0].deadLetter: requires a queue",
        "destinations: [{name: a, kind: topic, durable: false, ackTimeout: 5s}]|destinations[0].ackTimeout: requires receive",
        "destinations: [{name: a, kind: topic, durable: true, ackTimeout: 5}]|destinations[0].ackTimeout: '5'",
        "destinations: [{name: a, kind: local, subscribe: [x], durable: true}]|destinations[0].durable: not possible with kind local",
        "destinations: [{name: longspan-durable-x, kind: queue}]|longspan-durable-x",
        "destinations: [{name: a, kind: queue, jms: Longspan-Durable-x}]|Longspan-Durable-x",
        "destinations: [{name: a, kind: local, send: [x], receive: [x]}]|destinations[0].receive: not possible with kind local",
        "destinations: [{name: a, kind: topic, keep: {always: often}}]|destinations[0].keep.always: must be true or false",
        "destinations: [{name: 'a/{x}', kind: topic, keep: {always: true}}]|destinations[0].keep.always: requires a topic whose name and jms have no variables",
        "destinations: [{name: a, kind: topic, jms: 'a.{user}', keep: {always: true}}]|destinations[0].keep.always: requires",
        "destinations: [{name: a, kind: queue, keep: {always: true}}]|destinations[0].keep.always: requires",
        "destinations: [{name: a, kind: topic, keep: {messages: 0, always: true}}]|destinations[0].keep.always: the other keys retain nothing",
        "destinations: [|line "
      })
  void aBrokenCatalogueIsRefusedWithItsPlace(String text, String message) {
    assertThatThrownBy(() -> new CatalogueParser().parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  private static List<String> describedToBob(String catalogue) {
    return new CatalogueParser()
        .parse(catalogue).describe(BOB).stream().map(d -> d.name() + d.may()).toList();
  }

  @Test
  void aUserIsToldOnlyOfWhatItMayUse() {
    assertThat(describedToBob(TEXT))
        .containsExactly(
            "services/{service}[send]",
            "prices/{market}/{symbol}[subscribe]",
            "files/{path...}[subscribe]",
            "inbox[subscribe]",
            "own/bob/{x}[send]",
            "any/{rest...}[send]",
            "{whatever...}[send]");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "name: 'a/{y}'",
        "name: a/b",
        "name: 'a/{user}'",
        "name: 'a/{y...}', jms: 'other.{y}'",
        "name: 'c/{y}/d'",
        "name: 'c/{y...}'",
      })
  void anEntryThatNoNameReachesIsNotDescribed(String hidden) {
    assertThat(
            describedToBob(
                """
                destinations:
                - {name: 'a/{x}', kind: topic, send: [boss]}
                - {name: 'c/{x...}', kind: topic, send: [boss]}
                - {%s, kind: topic, subscribe: ['*']}
                """
                    .formatted(hidden)))
        .isEqualTo(hidden.contains("'a/{y...}'") ? List.of("a/{y...}[subscribe]") : List.of());
  }

  @Test
  void aSizeMayBeAPlainNumber() {
    DestinationCatalogue kept = parse("{name: a, kind: topic, send: ['*'], keep: {bytes: 100}}");
    assertThat(kept.match(ALICE, DestinationName.parse("a")).orElseThrow().entry().policy().keep())
        .isEqualTo(new TopicPolicy.Keep(1000, 100, Duration.ofMinutes(5)));
  }

  @Test
  void anEntrySetsHeadersAndProperties() {
    SendPolicy policy =
        sending(
            "{name: 'shops/{shop}/{rest...}', kind: queue, priority: 0, timeToLive: 30s,"
                + " persistent: false, groupId: '{user}-{shop}-{rest}', correlate: 'property:t',"
                + " replies: topic, properties: {a: text, b: true, c: 1, d: 5000000000, e: 0.5, f: yes}}",
            "shops/s1/x/y");
    assertThat(policy.priority()).contains(0);
    assertThat(policy.timeToLive()).contains(Duration.ofSeconds(30));
    assertThat(policy.persistent()).contains(false);
    assertThat(policy.groupId()).contains("alice-s1-x/y");
    assertThat(policy.correlation()).isEqualTo(new SendPolicy.ByProperty("t"));
    assertThat(policy.replies()).contains(ReplyMode.TOPIC);
    assertThat(policy.properties())
        .isEqualTo(
            Map.of("a", "text", "b", true, "c", 1, "d", 5_000_000_000L, "e", 0.5, "f", "yes"));
  }

  @Test
  void anEntryWithoutSettingsLeavesThemToTheClient() {
    assertThat(sending("{name: a, kind: queue}", "a")).isEqualTo(SendPolicy.DEFAULT);
    assertThat(sending("{name: a, kind: queue, correlate: correlationId}", "a"))
        .isEqualTo(SendPolicy.DEFAULT);
  }

  @Test
  void noClientReachesANameUnderTheReplyPrefix() {
    DestinationCatalogue catalogue =
        new CatalogueParser(new ReplyPrefix("our.replies"))
            .parse(
                "destinations: [{name: 'q/{x...}', kind: queue, jms: '{x}', send: ['*']},"
                    + " {name: 't/{x...}', kind: topic, jms: '{x}', subscribe: ['*'],"
                    + " wildcards: true}]");
    for (String name :
        List.of("q/our/replies", "q/our/replies/b", "t/OUR/Replies/b", "t/our/replies/**")) {
      assertThat(catalogue.match(ALICE, DestinationName.parsePattern(name))).as(name).isEmpty();
    }
    for (String name : List.of("q/our/repliesX", "q/our", "t/longspan/reply/b", "t/**")) {
      assertThat(catalogue.match(ALICE, DestinationName.parsePattern(name))).as(name).isPresent();
    }
    assertThat(catalogue.logicalName(ALICE, DestinationName.parsePattern("t/**"), "our.replies.b"))
        .isEmpty();
    assertThat(catalogue.logicalName(ALICE, DestinationName.parsePattern("t/**"), "our.news"))
        .contains("t/our/news");
  }

  @Test
  void namesOfCommlibAreTopicsWithDots() {
    DestinationCatalogue commlib =
        new CatalogueParser()
            .parse(
                """
                destinations:
                  - {name: "robots/{robot}/echo", kind: queue, send: ["*"], envelope: commlib}
                  - {name: "robots/{rest...}", kind: topic, subscribe: ["*"], wildcards: true, envelope: commlib}
                """);
    DestinationCatalogue.Match request =
        commlib.match(ALICE, DestinationName.parse("robots/r1.5/echo")).orElseThrow();
    assertThat(request.destination()).isEqualTo(BrokerDestination.topic("robots.r1%2E5.echo"));
    assertThat(request.sending().form()).isEqualTo(MessageForm.COMMLIB_REQUEST);
    assertThat(request.entry().kind()).isEqualTo(BrokerDestination.Kind.QUEUE);
    DestinationCatalogue.Match topics =
        commlib.match(ALICE, DestinationName.parsePattern("robots/**")).orElseThrow();
    assertThat(topics.destination().name()).isEqualTo("robots.**");
    assertThat(topics.entry().policy().form()).isEqualTo(MessageForm.COMMLIB_TOPIC);
    assertThat(
            commlib.logicalName(
                ALICE, DestinationName.parsePattern("robots/**"), "robots.r1.heartbeat"))
        .contains("robots/r1/heartbeat");
    assertThat(
            commlib.logicalName(ALICE, DestinationName.parsePattern("robots/**"), "robots.r1.echo"))
        .isEmpty();
  }

  private static SendPolicy sending(String entry, String name) {
    return parse(entry).match(ALICE, DestinationName.parse(name)).orElseThrow().sending();
  }

  @Test
  void aKeyThatIsGivenTwiceIsRefusedWithItsLine() {
    assertThatThrownBy(
            () -> new CatalogueParser().parse("destinations:\n- {name: a, kind: topic, name: b}"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("line 2: Duplicate field 'name'");
  }

  @Test
  void aCatalogueWithTheSameEntriesIsTheSame() {
    assertThat(new CatalogueParser().parse("# a comment\n" + TEXT)).isEqualTo(catalogue);
    assertThat(new CatalogueParser().parse(TEXT.replace("trader", "broker")))
        .isNotEqualTo(catalogue);
  }

  @Test
  void anotherCatalogueConcernsWhatItDecidesOtherwise() {
    String line = "{name: '%s/{x}', kind: topic, jms: '%s.{x}', subscribe: [%s], wildcards: true}";
    String stays = line.formatted("stays", "stays", "a");
    RightsChange change =
        RightsChange.between(
            parse(stays, line.formatted("roles", "r", "a"), line.formatted("jms", "j", "a")),
            parse(
                line.formatted("new", "new", "a"),
                line.formatted("roles", "r", "b"),
                stays,
                line.formatted("jms", "k", "a")));
    assertThat(change.affects(ALICE, DestinationName.parse("stays/x"))).isFalse();
    for (String concerned : List.of("roles/x", "jms/x", "new/x", "stays/*")) {
      assertThat(change.affects(ALICE, DestinationName.parsePattern(concerned)))
          .as(concerned)
          .isTrue();
    }
  }

  private static DestinationCatalogue parse(String... entries) {
    return new CatalogueParser().parse("destinations: [" + String.join(", ", entries) + "]");
  }

  @Test
  void theRolesThatACatalogueNamesAreKnown() {
    assertThat(catalogue.roles()).containsExactly("boss", "trader");
  }
}
