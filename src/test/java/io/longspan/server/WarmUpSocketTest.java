package io.longspan.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a client of the warm-up sends, to a server that follows a script. */
@Timeout(60)
final class WarmUpSocketTest {
  private static final String HANDSHAKEN =
      "[{\"channel\":\"/meta/handshake\",\"clientId\":\"c1\",\"successful\":true,"
          + "\"ext\":{\"bridge\":{\"userChannel\":\"/anzo/user/warm-up/c1\"}}}]";

  private static final String ANSWER =
      "{\"channel\":\"/anzo/user/warm-up/c1\",\"data\":"
          + "{\"properties\":{\"JMSCorrelationID\":\"r-1\"}}}";

  private ServerSocket server;
  private WarmUpSocket client;
  private Socket accepted;
  private DataInputStream in;
  private OutputStream out;

  @BeforeEach
  void accept() throws IOException {
    server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    URI endpoint = URI.create("http://127.0.0.1:" + server.getLocalPort() + "/cometd");
    client =
        new WarmUpSocket(endpoint, "warm-up", "secret", 0, List.of("services/a", "services/b"));
    accepted = server.accept();
    in = new DataInputStream(accepted.getInputStream());
    out = accepted.getOutputStream();
  }

  @AfterEach
  void close() throws Exception {
    accepted.close();
    server.close();
    client.close();
  }

  private String head() throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      head.append((char) in.readUnsignedByte());
    }
    return head.toString();
  }

  private String frame() throws IOException {
    assertThat(in.readUnsignedByte()).isEqualTo(0x81);
    int length = in.readUnsignedByte();
    assertThat(length & 0x80).as("masked").isEqualTo(0x80);
    length &= 0x7f;
    byte[] text = new byte[length == 126 ? in.readUnsignedShort() : length];
    assertThat(in.readInt()).as("key").isZero();
    in.readFully(text);
    return new String(text, StandardCharsets.UTF_8);
  }

  private List<String> frames(int count) throws IOException {
    List<String> frames = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      frames.add(frame());
    }
    return frames;
  }

  private void send(String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.write(0x81);
    out.write(126);
    out.write(bytes.length >> 8);
    out.write(bytes.length);
    out.write(bytes);
  }

  private void upgrade() throws IOException {
    assertThat(head()).startsWith("GET /cometd HTTP/1.1\r\n").contains("\r\nAuthorization: Basic ");
    out.write("HTTP/1.1 101 Switching Protocols\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    assertThat(frame()).contains("/meta/handshake");
  }

  @Test
  void eachAnswerIsFollowedByOneRequestToTheNextService() throws Exception {
    upgrade();
    send(HANDSHAKEN);
    List<String> begin = frames(8);
    assertThat(begin.get(0)).contains("/meta/subscribe", "\"/anzo/user/warm-up/c1\"");
    assertThat(begin.get(1)).contains("/anzo/control", "\"connect\"");
    assertThat(begin.get(2)).contains("\"topicSubscribe\"", "\"topics/0\"");
    assertThat(begin.get(3)).contains("/meta/connect");
    assertThat(begin.subList(4, 8)).allMatch(request -> request.contains("/anzo/bridge"));
    send("[" + ANSWER + "," + ANSWER + "]");
    List<String> next = frames(2);
    assertThat(next.get(0)).contains("\"services/b\"", "\"r-5\"");
    assertThat(next.get(1)).contains("\"services/a\"", "\"r-6\"");
    assertThat(client.answers()).isEqualTo(2);
  }

  @Test
  void aPollIsFollowedByThatAfterIt() throws Exception {
    upgrade();
    send(HANDSHAKEN);
    frames(8);
    send("[{\"channel\":\"/meta/connect\",\"successful\":true}]");
    assertThat(frame()).contains("/meta/connect");
    assertThat(client.answers()).isZero();
  }

  @Test
  void aRefusedUpgradeEndsItSilently() throws Exception {
    head();
    out.write("HTTP/1.1 401 Unauthorized\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    Awaitility.await().until(() -> in.read() < 0);
    assertThat(client.answers()).isZero();
  }
}
