package io.longspan.wire;

import static io.longspan.wire.RawBayeuxClient.message;
import static io.longspan.wire.TokenIssuer.settings;
import static io.longspan.wire.TokenIssuer.token;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Somebody tries to be somebody else: by a name that looks like another's, by another's client id,
 * on another's channel, and with credentials of two users at once.
 */
interface IdentityAttacks extends AttackTarget {
  /** Of {@link TestBridge#USERS}; each could be taken for another, or for syntax. */
  List<String> ODD_USERS =
      List.of(
          "a",
          "a/b",
          "a~2Fb",
          "a%2Fb",
          "a.b",
          "a%2Eb",
          "a b",
          "a~20b",
          "*",
          "**",
          "a*",
          "..",
          ".",
          "A",
          "zo\u00eb",
          "zoe\u0308");

  String ODD_PASSWORD = "odd";

  private static RawBayeuxClient odd(TestBridge bridge, Transport transport, String user) {
    return transport.client(bridge.cometd(), user, ODD_PASSWORD).connected();
  }

  private RawBayeuxClient thief(Transport transport, RawBayeuxClient victim) {
    RawBayeuxClient thief = bridge().client(transport, "bob");
    thief.useClientId(victim.clientId());
    return thief;
  }

  private static Map<String, Object> connect(RawBayeuxClient client) {
    return message(
        "channel", "/meta/connect",
        "connectionType", client.connectionType(),
        "advice", Map.of("timeout", 0));
  }

  private static Map<String, Object> chat(String body) {
    return message(
        "channel", "/anzo/bridge", "data", message("destination", "chat/identity", "body", body));
  }

  private static void isUnknown(Map<String, Object> reply) {
    assertThat(reply).containsEntry("successful", false);
    assertThat(reply.get("error")).asString().startsWith("402");
  }

  /** The attempts of who knows a client id. */
  private static List<Map<String, Object>> attempts(RawBayeuxClient thief, RawBayeuxClient victim) {
    return List.of(
        message("channel", "/meta/connect", "connectionType", thief.connectionType()),
        message("channel", "/meta/subscribe", "subscription", victim.userChannel()),
        message("channel", "/meta/unsubscribe", "subscription", victim.userChannel()),
        message(
            "channel",
            "/anzo/control",
            "data",
            message("type", "disconnect", "correlationId", "stolen")),
        message(
            "channel", "/anzo/bridge", "data", message("destination", "chat/a", "body", "stolen")),
        message("channel", "/meta/disconnect"));
  }

  private static void isUnharmed(RawBayeuxClient victim) {
    assertThat(victim.subscribe("chat/identity")).containsEntry("status", "success");
    victim.send("chat/identity", Map.of(), "still here");
    victim.awaitData(d -> "still here".equals(d.get("body")));
    assertThat(victim.data())
        .noneMatch(d -> "stolen".equals(d.get("correlationId")))
        .noneMatch(d -> "stolen".equals(d.get("body")));
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void namesNeitherCollideNorEscapeTheirChannels(Transport transport) throws Exception {
    Map<String, RawBayeuxClient> clients = new LinkedHashMap<>();
    try (TestBridge bridge = bridgeWith();
        TestService service = new TestService(broker().connectionFactory())) {
      Set<String> segments = new HashSet<>();
      for (String user : ODD_USERS) {
        RawBayeuxClient client = odd(bridge, transport, user);
        clients.put(user, client);
        assertThat(client.userChannel())
            .matches("/anzo/user/[A-Za-z0-9_!()$@.~-]+/" + client.clientId());
        segments.add(
            client.userChannel().split("/")[3].toLowerCase(Locale.ROOT) + user.equals("A"));
      }
      assertThat(segments).hasSameSizeAs(ODD_USERS);
      for (String user : ODD_USERS) {
        service.publish(
            "bridge/push",
            session -> {
              jakarta.jms.Message message = session.createTextMessage("for " + user);
              message.setStringProperty("toUser", user);
              return message;
            });
      }
      for (String user : ODD_USERS) {
        clients.get(user).awaitData(d -> ("for " + user).equals(d.get("body")));
      }
      // One topic, in one order: whoever has its own message has had all before it.
      service.publish(
          "bridge/push",
          session -> {
            jakarta.jms.Message message = session.createTextMessage("last");
            message.setStringProperty("toUser", "a");
            return message;
          });
      clients.get("a").awaitData(d -> "last".equals(d.get("body")));
      clients.forEach(
          (user, client) ->
              assertThat(client.data().stream().filter(d -> d.containsKey("body")).toList())
                  .as(user)
                  .hasSize(user.equals("a") ? 2 : 1));
    } finally {
      clients.values().forEach(RawBayeuxClient::close);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void noTwoUsersShareATopicOfTheirName(Transport transport) throws Exception {
    try (TestBridge bridge = bridgeWith();
        TestService service = new TestService(broker().connectionFactory());
        BrokerView view = BrokerView.of(broker())) {
      Map<String, RawBayeuxClient> subscribed = new HashMap<>();
      List<RawBayeuxClient> all = new ArrayList<>();
      try {
        for (String user : ODD_USERS) {
          RawBayeuxClient client = odd(bridge, transport, user);
          all.add(client);
          if ("success".equals(client.subscribe("inbox").get("status"))) {
            subscribed.put(user, client);
          }
        }
        assertThat(subscribed.keySet()).containsExactlyInAnyOrderElementsOf(ODD_USERS);
        Set<String> topics = new HashSet<>();
        view.destinations().keySet().stream()
            .map(name -> name.replaceFirst("^[a-z]+://", ""))
            .filter(name -> name.startsWith("inbox."))
            .forEach(topics::add);
        for (String topic : topics) {
          service.publish(topic, session -> session.createTextMessage("in " + topic));
        }
        Set<Object> bodies = new HashSet<>();
        subscribed.forEach(
            (user, client) -> {
              Map<String, Object> own =
                  client.awaitData(d -> String.valueOf(d.get("body")).startsWith("in inbox."));
              assertThat(bodies.add(own.get("body"))).as(user).isTrue();
            });
        // A second round comes after all of the first.
        for (String topic : topics) {
          service.publish(topic, session -> session.createTextMessage("end"));
        }
        subscribed.forEach(
            (user, client) -> {
              client.awaitData(d -> "end".equals(d.get("body")));
              assertThat(client.data().stream().filter(d -> d.containsKey("body")).toList())
                  .as(user)
                  .hasSize(2);
            });
      } finally {
        all.forEach(RawBayeuxClient::close);
      }
    }
  }

  /** All that could be read as the channel of another client, or as many channels. */
  private static List<Object> spellings(String channel, String user, String clientId) {
    String encoded = channel.split("/")[3];
    List<Object> spellings = new ArrayList<>();
    for (String name :
        List.of(
            encoded,
            encoded.toLowerCase(Locale.ROOT),
            user,
            URLEncoder.encode(user, StandardCharsets.UTF_8),
            "*",
            "**",
            "alice/../" + encoded,
            "alice/" + encoded)) {
      spellings.add("/anzo/user/" + name + "/" + clientId);
      spellings.add("/anzo/user/" + name + "/*");
      spellings.add("/anzo/user/" + name + "/**");
      spellings.add("/anzo/user/" + name);
    }
    spellings.addAll(
        List.of(
            channel.toUpperCase(Locale.ROOT),
            channel + "/",
            channel + "/*",
            channel + "/**",
            channel + " ",
            " " + channel,
            channel + "\u0000",
            channel + "?x",
            channel + "#x",
            "/" + channel,
            channel.substring(1),
            channel.replace("/", "//"),
            channel.replace("/user/", "/./user/"),
            channel.replace("/user/", "/user/../user/"),
            channel.replace("/", "%2F"),
            "/anzo/user/**",
            "/anzo/**",
            "/**",
            "/*",
            "/meta/connect",
            "/meta/**",
            List.of(channel),
            Map.of("channel", channel),
            ""));
    return spellings;
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void noSpellingSubscribesToAnotherUsersChannel(Transport transport) throws Exception {
    try (TestBridge bridge = bridgeWith();
        TestService service = new TestService(broker().connectionFactory());
        RawBayeuxClient alice = bridge.connected(transport, "alice")) {
      for (String user : List.of("a/b", "zo\u00eb", "bob")) {
        try (RawBayeuxClient victim =
            user.equals("bob") ? bridge.connected(transport, user) : odd(bridge, transport, user)) {
          List<Object> spellings = spellings(victim.userChannel(), user, victim.clientId());
          spellings.add(List.of(alice.userChannel(), victim.userChannel()));
          for (Object spelling : spellings) {
            Map<String, Object> reply = subscribe(alice, transport, spelling);
            assertThat(reply.get("successful")).as("%s %s", spelling, reply).isNotEqualTo(true);
          }
          service.publish(
              "bridge/push",
              session -> {
                jakarta.jms.Message message = session.createTextMessage("secret");
                message.setStringProperty("toUser", user);
                return message;
              });
          victim.awaitData(d -> "secret".equals(d.get("body")));
        }
      }
      isUnharmed(alice);
      assertThat(alice.received())
          .allMatch(m -> alice.userChannel().equals(m.get("channel")))
          .noneMatch(m -> m.toString().contains("secret"));
    }
  }

  /** A malformed channel is answered, or refused as no Bayeux message with its whole request. */
  private static Map<String, Object> subscribe(
      RawBayeuxClient client, Transport transport, Object channel) {
    CompletableFuture<Map<String, Object>> reply =
        client.start(message("channel", "/meta/subscribe", "subscription", channel));
    return reply.exceptionally(refused -> Map.of("error", refused.toString())).join();
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aStolenClientIdIsUnknownOnEveryChannelAndChangesNothing(Transport transport) {
    for (Transport thiefs : Transport.values()) {
      try (RawBayeuxClient alice = bridge().connected(transport, "alice");
          RawBayeuxClient thief = thief(thiefs, alice)) {
        for (Map<String, Object> attempt : attempts(thief, alice)) {
          Map<String, Object> reply = thief.exchange(attempt);
          isUnknown(reply);
          assertThat(String.valueOf(reply.get("advice"))).contains("reconnect=handshake");
        }
        isUnharmed(alice);
        assertThat(thief.received()).isEmpty();
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void stolenClientIdsInABatchOfOwnMessagesAreUnknownToo(Transport transport) {
    try (RawBayeuxClient alice = bridge().connected(transport, "alice");
        RawBayeuxClient second = bridge().connected(transport, "alice");
        RawBayeuxClient bob = bridge().connected(transport, "bob")) {
      alice.subscribe("chat/identity");
      List<Map<String, Object>> messages = new ArrayList<>();
      for (RawBayeuxClient victim : List.of(alice, second)) {
        List<Map<String, Object>> attempts = attempts(bob, victim);
        // Not /meta/connect: in a request of bob's it ends the poll that bob himself holds.
        for (Map<String, Object> attempt : attempts.subList(1, attempts.size())) {
          messages.add(chat("honest"));
          Map<String, Object> stolen = new LinkedHashMap<>(attempt);
          stolen.put("clientId", victim.clientId());
          messages.add(stolen);
        }
      }
      List<CompletableFuture<Map<String, Object>>> replies = bob.startAll(messages);
      for (int i = 0; i < messages.size(); i += 2) {
        assertThat(RawBayeuxClient.await(replies.get(i))).containsEntry("successful", true);
        isUnknown(RawBayeuxClient.await(replies.get(i + 1)));
      }
      // CometD takes a request for one of its first message's session: now for nobody's.
      replies = bob.startAll(messages.subList(1, messages.size()));
      for (int i = 0; i < replies.size(); i += 2) {
        isUnknown(RawBayeuxClient.await(replies.get(i)));
      }
      alice.awaitData(d -> "honest".equals(d.get("body")));
      isUnharmed(alice);
      isUnharmed(second);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void afterACutConnectionOnlyItsUserCanUseTheSession(Transport transport) {
    try (RawBayeuxClient alice = bridge().connected(Transport.WEBSOCKET, "alice")) {
      alice.subscribe("chat/identity");
      alice.cut();
      try (RawBayeuxClient thief = thief(transport, alice)) {
        attempts(thief, alice).forEach(attempt -> isUnknown(thief.exchange(attempt)));
      }
      try (RawBayeuxClient back = bridge().client(transport, "alice")) {
        back.useClientId(alice.clientId());
        assertThat(back.exchange(connect(back))).containsEntry("successful", true);
        back.startPolling();
        assertThat(back.exchange(chat("back"))).containsEntry("successful", true);
        back.awaitData(d -> "back".equals(d.get("body")));
        try (RawBayeuxClient thief = thief(transport, alice)) {
          attempts(thief, alice).forEach(attempt -> isUnknown(thief.exchange(attempt)));
        }
        assertThat(back.exchange(message("channel", "/meta/disconnect")))
            .containsEntry("successful", true);
        back.stopPolling();
      }
    }
  }

  private static String cookie(TestBridge bridge, String user) {
    String answer =
        RawHttp.exchange(
            bridge.uri("login"),
            "127.0.0.1",
            List.of(SignInAttacks.FORM),
            "user=" + user + "&password=" + user);
    java.util.regex.Matcher cookie = SignInAttacks.COOKIE.matcher(answer);
    assertThat(cookie.find()).as(answer).isTrue();
    return cookie.group(2);
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void theHeaderTakesPrecedenceOverTheCookieOfAnotherUser(Transport transport) {
    try (TestBridge bridge = bridgeWith(settings())) {
      String bobs = cookie(bridge, "bob");
      Map<String, String> byHeader =
          Map.of(
              RawBayeuxClient.basic("alice", "alice"),
              "alice",
              "Bearer " + token("carol"),
              "carol");
      byHeader.forEach(
          (header, user) -> {
            try (RawBayeuxClient both = client(bridge, transport, header, bobs).connected();
                RawBayeuxClient bob = client(bridge, transport, null, bobs).connected()) {
              assertThat(both.userChannel()).startsWith("/anzo/user/" + user + "/");
              assertThat(bob.userChannel()).startsWith("/anzo/user/bob/");
              // Neither gets at the other's session, whichever it shows.
              try (RawBayeuxClient thief = client(bridge, transport, header, bobs);
                  RawBayeuxClient cookieOnly = client(bridge, transport, null, bobs)) {
                thief.useClientId(bob.clientId());
                attempts(thief, bob).forEach(attempt -> isUnknown(thief.exchange(attempt)));
                cookieOnly.useClientId(both.clientId());
                attempts(cookieOnly, both).forEach(a -> isUnknown(cookieOnly.exchange(a)));
              }
              isUnharmed(both);
              isUnharmed(bob);
            }
          });
      for (String wrong :
          List.of(RawBayeuxClient.basic("bob", "wrong"), "Bearer wrong", "Basic", "Negotiate x")) {
        try (RawBayeuxClient refused = client(bridge, transport, wrong, bobs)) {
          assertThatThrownBy(refused::tryHandshake).hasStackTraceContaining("401");
        }
      }
    }
  }

  private static RawBayeuxClient client(
      TestBridge bridge, Transport transport, String header, String cookie) {
    return transport
        .client(bridge.cometd(), null, null)
        .withAuthorization(header)
        .withCookie(cookie);
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aSessionPublishesToControlAndBridgeOnly(Transport transport) {
    try (RawBayeuxClient alice = bridge().connected(transport, "alice");
        RawBayeuxClient bob = bridge().connected(transport, "bob")) {
      for (String channel :
          List.of(
              alice.userChannel(),
              bob.userChannel(),
              "/anzo/other",
              "/anzo/control/x",
              "/anzo",
              "/service/x",
              "/chat")) {
        Map<String, Object> reply = alice.publish(channel, message("x", 1));
        assertThat(reply).as(channel).containsEntry("successful", false);
        assertThat(reply.get("error")).as(channel).asString().startsWith("403");
      }
      alice.send("chat/x", Map.of(), "x");
      isUnharmed(bob);
      assertThat(bob.data()).noneMatch(d -> d.containsKey("x"));
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void withoutCredentialsOrWithWrongOnesThereIsNoSession(Transport transport) {
    try (RawBayeuxClient nobody = transport.client(bridge().cometd(), null, null);
        RawBayeuxClient wrong = transport.client(bridge().cometd(), "alice", "wrong")) {
      assertThatThrownBy(nobody::tryHandshake).hasStackTraceContaining("401");
      assertThatThrownBy(wrong::tryHandshake).hasStackTraceContaining("401");
    }
  }

  /** What the realm answers at a later request counts from then on; here, at a poll. */
  @org.junit.jupiter.api.Test
  default void rolesRemovedFromTheRealmEndWithTheNextPoll() {
    TestHooks.setRoles("a b", "trader");
    try (TestBridge bridge = bridgeWith("session.timeout", "500ms");
        RawBayeuxClient user = odd(bridge, Transport.LONG_POLLING, "a b")) {
      assertThat(user.connect()).containsEntry("userRoles", "trader");
      assertThat(user.subscribe("prices/x/y")).containsEntry("status", "success");
      TestHooks.setRoles("a b", "viewer");
      // It says nothing; it polls, and each poll shows its password.
      user.awaitData(d -> "accessRevoked".equals(d.get("reason")));
      assertThat(user.connect()).containsEntry("userRoles", "viewer");
    }
  }

  /** Two credentials of one user, shown in turn, make the bridge check all subscriptions. */
  @ParameterizedTest
  @EnumSource(Transport.class)
  default void alternatingRolesAreCheckedALimitedNumberOfTimes(Transport transport) {
    Instant issued = Instant.now();
    // Each is a little newer than the one before, as a WebSocket demands.
    List<String> tokens =
        IntStream.rangeClosed(0, 101)
            .mapToObj(
                i ->
                    TokenIssuer.sign(
                        TokenIssuer.claims("carol", "common", i % 2 == 0 ? "trader" : "viewer")
                            .issueTime(Date.from(issued))
                            .expirationTime(Date.from(issued.plusSeconds(3600 + i)))
                            .build()))
            .toList();
    List<String> topics = IntStream.range(0, 200).mapToObj(i -> "chat/roles" + i).toList();
    try (TestBridge own = bridgeWith(TokenIssuer.settings());
        RawBayeuxClient bob = own.connected(transport, "bob");
        RawBayeuxClient carol =
            transport
                .client(own.cometd(), null, null)
                .withAuthorization("Bearer " + tokens.get(0))
                .connected()) {
      assertThat(carol.control("type", "topicSubscribe", "topics", topics))
          .containsEntry("status", "success");
      List<Object> roles = new ArrayList<>();
      for (int i = 1; i <= 101; i++) {
        String token = tokens.get(i);
        carol.withAuthorization("Bearer " + token);
        carol.exchange(
            message(
                "channel", "/anzo/control",
                "ext", Map.of("token", token),
                "data", message("correlationId", "n" + i, "type", "nothing")));
        if (i % 10 == 0) {
          roles.add(carol.connect().get("userRoles"));
        }
      }
      assertThat(own.metric("longspan_subscriptions_checked_total"))
          .isBetween(1.0, 50.0 * topics.size());
      // Between the changes that count, only what both grant.
      assertThat(roles).contains("common");
      isUnharmed(bob);
      // What is shown in the end is in force in the end.
      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> String.valueOf(carol.connect().get("userRoles")).contains("viewer"));
    }
  }
}
