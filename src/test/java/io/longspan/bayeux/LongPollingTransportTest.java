package io.longspan.bayeux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.longspan.budget.MemoryBudget;
import io.longspan.budget.Purpose;
import io.longspan.config.ConfigLoader;
import io.longspan.config.LongspanConfig;
import io.longspan.identity.Credential;
import io.longspan.identity.Identity;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.cometd.bayeux.Promise;
import org.cometd.bayeux.server.BayeuxContext;
import org.cometd.server.CometDRequest;
import org.cometd.server.CometDResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How a request over long polling ends. */
final class LongPollingTransportTest {
  private static final LongspanConfig CONFIG =
      ConfigLoader.load(Optional.empty(), Map.of(), Map.of());

  /** Nobody may use the session, so no session is looked up. */
  private static final String POLL =
      """
      [{"channel":"/meta/connect","clientId":"unknown","connectionType":"long-polling"}]
      """;

  private final MemoryBudget memory = new MemoryBudget(1 << 30, 1 << 28);
  private final BridgeBayeuxServer server = BayeuxServers.of(CONFIG, memory);
  private final List<String> bodies = new ArrayList<>();
  private final List<String> ends = new ArrayList<>();

  @BeforeEach
  void start() throws Exception {
    server.start();
  }

  @AfterEach
  void stop() throws Exception {
    server.stop();
  }

  private void post(String body, Promise<Void> promise) {
    ReplyBody whole =
        (bytes, length) -> bodies.add(new String(bytes, 0, length, StandardCharsets.UTF_8));
    Map<String, Object> attributes =
        Map.of(
            BayeuxIdentity.REQUEST_ATTRIBUTE,
            new Credential.Password(new Identity("alice", Set.of())),
            ReplyBody.REQUEST_ATTRIBUTE,
            whole);
    BayeuxContext caller =
        stub(
            BayeuxContext.class,
            (name, first) -> name.equals("getRequestAttribute") ? attributes.get(first) : null);
    Body input = new Body(body);
    CometDRequest request =
        stub(
            CometDRequest.class,
            (name, first) ->
                switch (name) {
                  case "getInput" -> input;
                  case "getMethod" -> "POST";
                  case "getProtocol" -> "HTTP/1.1";
                  default -> null;
                });
    CometDResponse response = stub(CometDResponse.class, (name, first) -> null);
    ((LongPollingTransport) server.getTransport("long-polling"))
        .handle(caller, request, response, promise);
  }

  private interface Answer {
    Object to(String method, Object first);
  }

  private static <T> T stub(Class<T> type, Answer answer) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, given) ->
                answer.to(method.getName(), given == null ? null : given[0])));
  }

  /** A body that is received at once. */
  private static final class Body implements CometDRequest.Input {
    private final ByteBuffer bytes;
    private boolean read;

    Body(String text) {
      bytes = StandardCharsets.UTF_8.encode(text);
    }

    @Override
    public void demand(Runnable demandCallback) {
      throw new AssertionError("there is no more");
    }

    @Override
    public Chunk read() {
      if (read) {
        return Chunk.EOF;
      }
      read = true;
      return new Chunk() {
        @Override
        public ByteBuffer byteBuffer() {
          return bytes;
        }

        @Override
        public boolean isLast() {
          return false;
        }

        @Override
        public void release() {}
      };
    }
  }

  /** The container has ended the request, for example because the client has disconnected. */
  private Promise<Void> ended() {
    return Promise.from(
        done -> {
          ends.add("succeeded");
          throw new IllegalStateException("ended");
        },
        failure -> {
          ends.add("failed");
          throw new IllegalStateException("ended");
        });
  }

  @Test
  void aReplyIsHandedOverAsAWholeBeforeTheRequestEnds() {
    post(POLL, Promise.from(done -> ends.add("with " + bodies.size()), Assertions::fail));
    assertThat(ends).containsExactly("with 1");
    assertThat(bodies.get(0)).startsWith("[{").endsWith("}]").contains("402::");
  }

  @Test
  void theThreadThatRepliesGoesOnWhenTheClientDisconnectsMeanwhile() {
    assertThatCode(() -> post(POLL, ended())).doesNotThrowAnyException();
    assertThatCode(() -> post("[", ended())).doesNotThrowAnyException();
    assertThat(ends).contains("succeeded", "failed");
    assertThat(memory.used(Purpose.INBOUND)).isZero();
  }

  private static final class Assertions {
    static void fail(Throwable failure) {
      throw new AssertionError(failure);
    }
  }
}
