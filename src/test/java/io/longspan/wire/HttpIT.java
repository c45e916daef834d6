package io.longspan.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.CookieManager;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** What the application says over HTTP beside Bayeux. */
@TestInstance(Lifecycle.PER_CLASS)
final class HttpIT {
  private static final String HANDSHAKE =
      "[{\"channel\":\"/meta/handshake\",\"version\":\"1.0\",\"supportedConnectionTypes\":[\"long-polling\"]}]";

  private TestBridge bridge;

  @BeforeAll
  void start() {
    bridge = TestBridge.start(Map.of("security.allowedOrigins", "https://app.example.org"));
  }

  @AfterAll
  void stop() {
    bridge.close();
  }

  static HttpResponse<String> get(URI uri) throws Exception {
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
  }

  private HttpResponse<String> handshake(HttpClient client, String... headers) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(bridge.cometd())
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(HANDSHAKE));
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    return client.send(request.build(), BodyHandlers.ofString());
  }

  private static HttpClient browser() {
    return HttpClient.newBuilder().cookieHandler(new CookieManager()).build();
  }

  private int post(HttpClient client, String path, String form) throws Exception {
    return client
        .send(
            HttpRequest.newBuilder(bridge.uri(path))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString(form))
                .build(),
            BodyHandlers.ofString())
        .statusCode();
  }

  @Test
  void everyResponseOfTheEndpointCarriesTheBridgesId() throws Exception {
    String alice = RawBayeuxClient.basic("alice", "alice");
    HttpClient client = HttpClient.newHttpClient();
    assertThat(handshake(client, "Authorization", alice).headers().firstValue("X-Bridge-Id"))
        .contains("bridge-1");
    assertThat(handshake(client).headers().firstValue("X-Bridge-Id")).contains("bridge-1");
    assertThat(get(bridge.cometd()).headers().firstValue("X-Bridge-Id")).contains("bridge-1");
  }

  @Test
  void aRequestThatIsNoBayeuxIsAnsweredAndNotHeld() throws Exception {
    HttpRequest get =
        HttpRequest.newBuilder(bridge.cometd())
            .header("Authorization", RawBayeuxClient.basic("alice", "alice"))
            .build();
    assertThat(HttpClient.newHttpClient().send(get, BodyHandlers.ofString()).statusCode())
        .isEqualTo(405);
  }

  @Test
  void aPageSignsInWithACookieAndOut() throws Exception {
    HttpClient page = browser();
    assertThat(post(page, "login", "user=alice&password=wrong")).isEqualTo(401);
    assertThat(handshake(page).statusCode()).isEqualTo(401);
    assertThat(post(page, "login", "user=alice&password=alice")).isEqualTo(204);
    HttpResponse<String> who =
        page.send(HttpRequest.newBuilder(bridge.uri("login")).build(), BodyHandlers.ofString());
    assertThat(RawBayeuxClient.JSON.readTree(who.body()).get("user").asText()).isEqualTo("alice");
    assertThat(get(bridge.uri("login")).body()).isEqualTo("{}");
    assertThat(handshake(page).body()).contains("\"user\":\"alice\"");
    assertThat(post(page, "logout", "")).isEqualTo(204);
    assertThat(handshake(page).statusCode()).isEqualTo(401);
  }

  @Test
  void wrongCredentialsAreNotMadeGoodByACookie() throws Exception {
    HttpClient page = browser();
    assertThat(post(page, "login", "user=alice&password=alice")).isEqualTo(204);
    assertThat(handshake(page, "Authorization", RawBayeuxClient.basic("bob", "wrong")).statusCode())
        .isEqualTo(401);
    assertThat(handshake(page, "Authorization", RawBayeuxClient.basic("bob", "bob")).body())
        .contains("\"user\":\"bob\"");
  }

  @Test
  void aPasswordInTheUrlSignsNobodyIn() throws Exception {
    assertThat(post(browser(), "login?user=alice&password=alice", "")).isEqualTo(401);
  }

  @Test
  void aScriptWithoutCredentialsGetsNoDialogOfTheBrowser() throws Exception {
    HttpClient client = HttpClient.newHttpClient();
    assertThat(handshake(client).headers().firstValue("WWW-Authenticate").orElseThrow())
        .startsWith("Basic")
        .contains("charset=\"UTF-8\"");
    assertThat(
            handshake(client, "Sec-Fetch-Mode", "cors")
                .headers()
                .firstValue("WWW-Authenticate")
                .orElseThrow())
        .doesNotStartWith("Basic");
  }

  @Test
  void pagesOfOtherOriginsAreRefusedUnlessTheyAreAllowed() throws Exception {
    String alice = RawBayeuxClient.basic("alice", "alice");
    HttpClient client = HttpClient.newHttpClient();
    assertThat(
            handshake(client, "Authorization", alice, "Origin", "https://evil.example")
                .statusCode())
        .isEqualTo(403);
    assertThat(handshake(client, "Authorization", alice, "Origin", "null").statusCode())
        .isEqualTo(403);
    HttpResponse<String> allowed =
        handshake(client, "Authorization", alice, "Origin", "https://app.example.org");
    assertThat(allowed.statusCode()).isEqualTo(200);
    assertThat(allowed.headers().firstValue("Access-Control-Allow-Origin"))
        .contains("https://app.example.org");
    String own = bridge.uri("").toString().replaceFirst("/$", "");
    assertThat(handshake(client, "Authorization", alice, "Origin", own).statusCode())
        .isEqualTo(200);
  }

  @Test
  void aPreflightOfAnAllowedOriginIsAnsweredWithoutCredentials() throws Exception {
    HttpRequest preflight =
        HttpRequest.newBuilder(bridge.cometd())
            .method("OPTIONS", BodyPublishers.noBody())
            .header("Origin", "https://app.example.org")
            .header("Access-Control-Request-Method", "POST")
            .build();
    HttpResponse<String> answer =
        HttpClient.newHttpClient().send(preflight, BodyHandlers.ofString());
    assertThat(answer.statusCode()).isEqualTo(204);
    assertThat(answer.headers().firstValue("Access-Control-Allow-Headers").orElseThrow())
        .contains("X-Bridge-Id");
  }

  @Test
  void healthNeedsNoCredentialsAndTellsNoDetails() throws Exception {
    assertThat(get(bridge.uri("health/live")).statusCode()).isEqualTo(200);
    assertThat(get(bridge.uri("health/ready")).body()).isEqualTo("up\n");
    assertThat(get(bridge.uri("health/other")).statusCode()).isEqualTo(404);
  }

  @Test
  void metricsAreForOperatorsAndConfiguredAddresses() throws Exception {
    assertThat(get(bridge.uri("metrics")).body()).contains("longspan_sessions", "jvm_memory_used");
    try (TestBridge elsewhere = TestBridge.start(Map.of("security.metricsFrom", "192.0.2.1"))) {
      URI metrics = elsewhere.uri("metrics");
      assertThat(get(metrics).statusCode()).isEqualTo(401);
      for (Map.Entry<String, Integer> user : Map.of("alice", 403, "root", 200).entrySet()) {
        HttpRequest request =
            HttpRequest.newBuilder(metrics)
                .header("Authorization", RawBayeuxClient.basic(user.getKey(), user.getKey()))
                .build();
        assertThat(HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).statusCode())
            .isEqualTo(user.getValue());
      }
    }
  }

  @Test
  void pagesMayHoldNoInlineScript() throws Exception {
    assertThat(get(bridge.uri("")).headers().firstValue("Content-Security-Policy").orElseThrow())
        .contains("script-src 'self'")
        .doesNotContain("unsafe");
  }
}
