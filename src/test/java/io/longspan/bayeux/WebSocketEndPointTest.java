package io.longspan.bayeux;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.budget.MemoryBudget;
import io.longspan.config.ConfigLoader;
import io.longspan.config.LongspanConfig;
import io.longspan.identity.Credential;
import io.longspan.identity.Identity;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.websocket.CloseReason;
import jakarta.websocket.CloseReason.CloseCodes;
import jakarta.websocket.MessageHandler;
import jakarta.websocket.RemoteEndpoint;
import jakarta.websocket.SendHandler;
import jakarta.websocket.SendResult;
import jakarta.websocket.Session;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import org.cometd.bayeux.server.BayeuxServer;
import org.cometd.bayeux.server.ServerMessage;
import org.cometd.bayeux.server.ServerSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A client that asks and does not read the answers. Over a network the buffers between would decide
 * when an answer waits; here none is written unless the test says so.
 */
final class WebSocketEndPointTest {
  private static final LongspanConfig CONFIG =
      ConfigLoader.load(Optional.empty(), Map.of("longspan.limits.queueMessages", "10"), Map.of());
  private static final MemoryBudget MEMORY = new MemoryBudget(1 << 30, 1 << 28);
  private static final int LIMIT = TransportLimits.unanswered(CONFIG.limits());

  private final BridgeBayeuxServer server = BayeuxServers.of(CONFIG, MEMORY);
  private final Queue<SendHandler> writing = new ArrayDeque<>();
  private final List<CloseReason> closed = new ArrayList<>();
  private int answers;
  private int handled;
  private MessageHandler.Partial<String> texts;
  private Session session;

  @BeforeEach
  void open() throws Exception {
    server.start();
    RemoteEndpoint.Async remote =
        proxy(
            RemoteEndpoint.Async.class,
            (self, method, arguments) -> {
              if (method.getName().equals("sendText")) {
                answers++;
                writing.add((SendHandler) arguments[1]);
              }
              return null;
            });
    session =
        proxy(
            Session.class,
            (self, method, arguments) -> {
              switch (method.getName()) {
                case "getAsyncRemote":
                  return remote;
                case "addMessageHandler":
                  listen((Class<?>) arguments[0], (MessageHandler.Partial<?>) arguments[1]);
                  return null;
                case "close":
                  closed.add((CloseReason) arguments[0]);
                  return null;
                default:
                  return null;
              }
            });
    Credential alice = new Credential.Password(new Identity("alice", Set.of()));
    new WebSocketEndPoint(
            server.webSocketTransport(), new WebSocketCaller(upgrade(), Optional.of(alice)))
        .onOpen(session, null);
    server.addExtension(
        new BayeuxServer.Extension() {
          @Override
          public boolean rcvMeta(ServerSession from, ServerMessage.Mutable message) {
            handled++;
            return true;
          }
        });
  }

  @AfterEach
  void stop() throws Exception {
    server.stop();
  }

  @SuppressWarnings("unchecked") // the end point listens for text with a handler of text
  private void listen(Class<?> type, MessageHandler.Partial<?> handler) {
    if (type == String.class) {
      texts = (MessageHandler.Partial<String>) handler;
    }
  }

  private static <T> T proxy(Class<T> type, InvocationHandler handler) {
    return type.cast(
        Proxy.newProxyInstance(
            WebSocketEndPointTest.class.getClassLoader(), new Class<?>[] {type}, handler));
  }

  private static HttpServletRequest upgrade() {
    return proxy(
        HttpServletRequest.class,
        (self, method, arguments) ->
            switch (method.getName()) {
              case "getRequestURL" -> new StringBuffer("http://localhost/cometd");
              case "getHeaders" -> Collections.emptyEnumeration();
              case "getLocale" -> Locale.ROOT;
              case "getLocalAddr", "getRemoteAddr" -> "127.0.0.1";
              case "getLocalPort", "getRemotePort" -> 1;
              case "isSecure" -> false;
              default -> null;
            });
  }

  private void ask(int times) {
    for (int i = 0; i < times; i++) {
      texts.onMessage("[{\"channel\":\"/meta/subscribe\",\"clientId\":\"x\",\"id\":\"1\"}]", true);
    }
  }

  /** The client reads one answer. */
  private void read() {
    writing.remove().onResult(new SendResult(session));
  }

  @Test
  void aClientThatReadsNoAnswersIsCutAndNothingMoreIsDoneForIt() {
    ask(LIMIT);
    assertThat(closed).isEmpty();
    assertThat(handled).isEqualTo(LIMIT);
    ask(1);
    assertThat(closed)
        .singleElement()
        .extracting(CloseReason::getCloseCode)
        .isEqualTo(CloseCodes.VIOLATED_POLICY);
    // Nor when it has read since then, and only the refusal stands against it.
    for (int i = 0; i < 20; i++) {
      read();
    }
    ask(1);
    assertThat(handled).isEqualTo(LIMIT);
  }

  @Test
  void aClientThatReadsMayAskForever() {
    for (int i = 0; i < 3; i++) {
      ask(LIMIT);
      while (!writing.isEmpty()) {
        read();
      }
    }
    assertThat(closed).isEmpty();
    assertThat(answers).isEqualTo(handled).isEqualTo(3 * LIMIT);
  }
}
