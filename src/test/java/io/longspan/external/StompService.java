package io.longspan.external;

import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.springframework.messaging.simp.stomp.ReactorNettyTcpStompClient;
import org.springframework.messaging.simp.stomp.StompCommand;
import org.springframework.messaging.simp.stomp.StompFrameHandler;
import org.springframework.messaging.simp.stomp.StompHeaders;
import org.springframework.messaging.simp.stomp.StompSession;
import org.springframework.messaging.simp.stomp.StompSessionHandlerAdapter;

/** A service over STOMP 1.2, with Spring's client; it greets who asks. */
final class StompService implements AutoCloseable {
  private final ReactorNettyTcpStompClient client;
  private final StompSession session;
  private final List<StompHeaders> requests = new CopyOnWriteArrayList<>();
  private final List<String> errors = new CopyOnWriteArrayList<>();

  /**
   * Connects.
   *
   * @param port the broker's STOMP port
   */
  StompService(int port) {
    client = new ReactorNettyTcpStompClient("127.0.0.1", port);
    client.setDefaultHeartbeat(new long[] {0, 0});
    StompHeaders credentials = new StompHeaders();
    credentials.setLogin(ExternalBroker.SERVICE_USER);
    credentials.setPasscode(ExternalBroker.SERVICE_PASSWORD);
    try {
      session = client.connectAsync(credentials, new Errors()).get(30, TimeUnit.SECONDS);
    } catch (Exception x) {
      throw new IllegalStateException(x);
    }
  }

  /**
   * Answers what arrives at a queue.
   *
   * @param destination the queue, as the broker's STOMP writes it
   * @param headers by which the broker takes it for a queue
   */
  StompService greet(String destination, Map<String, String> headers) {
    StompHeaders subscription = new StompHeaders();
    subscription.setDestination(destination);
    headers.forEach(subscription::set);
    session.subscribe(
        subscription,
        new StompFrameHandler() {
          @Override
          public Type getPayloadType(StompHeaders received) {
            return byte[].class;
          }

          @Override
          public void handleFrame(StompHeaders request, Object payload) {
            String body = new String((byte[]) payload, StandardCharsets.UTF_8);
            String answer = "Hello " + request.getFirst("runAsUser") + ", you said " + body;
            StompHeaders reply = new StompHeaders();
            reply.setDestination(request.getFirst("reply-to"));
            reply.set("correlation-id", request.getFirst("correlation-id"));
            reply.set("mood", "good");
            session.send(reply, answer.getBytes(StandardCharsets.UTF_8));
            requests.add(request);
          }
        });
    return this;
  }

  /** Sends to a destination of the broker's own notation. */
  void send(String destination, Map<String, String> headers, String body) {
    StompHeaders all = new StompHeaders();
    all.setDestination(destination);
    headers.forEach(all::set);
    session.send(all, body.getBytes(StandardCharsets.UTF_8));
  }

  /** Waits for the first request and returns its headers. */
  StompHeaders awaitRequest() {
    Awaitility.await().until(() -> !requests.isEmpty());
    return requests.get(0);
  }

  /** Returns what the broker complained of. */
  List<String> errors() {
    return errors;
  }

  @Override
  public void close() {
    session.disconnect();
    client.shutdown();
  }

  private final class Errors extends StompSessionHandlerAdapter {
    @Override
    public void handleFrame(StompHeaders headers, Object payload) {
      errors.add(headers.toString());
    }

    @Override
    public void handleException(
        StompSession broken,
        StompCommand command,
        StompHeaders headers,
        byte[] payload,
        Throwable exception) {
      errors.add(exception.toString());
    }
  }
}
