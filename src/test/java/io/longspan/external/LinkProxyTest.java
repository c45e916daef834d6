package io.longspan.external;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
final class LinkProxyTest {
  private static final int SILENCE = 300;
  private static final int PATIENCE = 60_000;

  private CountDownLatch mayRead = new CountDownLatch(0);
  private ServerSocket server;
  private LinkProxy link;

  @BeforeEach
  void start() throws IOException {
    server = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
    Thread echo = new Thread(this::serve, "echo");
    echo.setDaemon(true);
    echo.start();
    link = new LinkProxy("127.0.0.1", server.getLocalPort());
  }

  @AfterEach
  void stop() throws IOException {
    link.close();
    server.close();
  }

  private void serve() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        Thread one = new Thread(() -> echo(socket), "echo");
        one.setDaemon(true);
        one.start();
      } catch (IOException x) {
        return;
      }
    }
  }

  private void echo(Socket socket) {
    try (socket) {
      InputStream in = socket.getInputStream();
      byte[] buffer = new byte[1024];
      int length;
      mayRead.await();
      while ((length = in.read(buffer)) >= 0) {
        socket.getOutputStream().write(buffer, 0, length);
      }
    } catch (IOException | InterruptedException x) {
      return;
    }
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket("127.0.0.1", link.port());
    socket.setSoTimeout(PATIENCE);
    return socket;
  }

  private static void assertEchoes(Socket socket, int value) throws IOException {
    socket.getOutputStream().write(value);
    assertThat(socket.getInputStream().read()).isEqualTo(value);
  }

  private static void assertSilent(Socket socket) throws IOException {
    socket.setSoTimeout(SILENCE);
    assertThatThrownBy(() -> socket.getInputStream().read())
        .isInstanceOf(SocketTimeoutException.class);
    socket.setSoTimeout(PATIENCE);
  }

  private static void assertReset(Socket socket) {
    assertThatThrownBy(() -> socket.getInputStream().read())
        .isInstanceOf(IOException.class)
        .isNotInstanceOf(SocketTimeoutException.class);
  }

  @Test
  void itForwardsBothWaysAndTellsEachEndOfTheOthersEnd() throws IOException {
    try (Socket socket = connect()) {
      assertEchoes(socket, 1);
      assertThat(link.connections()).isEqualTo(1);
      socket.shutdownOutput();
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }
    Awaitility.await().until(() -> link.connections() == 0);
  }

  @Test
  void aCutResetsWhatIsOpenAndNothingElse() throws IOException {
    try (Socket old = connect()) {
      assertEchoes(old, 1);
      link.cut();
      assertReset(old);
      try (Socket later = connect()) {
        assertEchoes(later, 2);
      }
    }
  }

  @Test
  void aBlockedLinkResetsNewConnectionsToo() throws IOException {
    try (Socket old = connect()) {
      assertEchoes(old, 1);
      link.block();
      assertReset(old);
      try (Socket refused = connect()) {
        assertReset(refused);
      }
      link.heal();
      try (Socket later = connect()) {
        assertEchoes(later, 2);
      }
    }
  }

  @Test
  void aFrozenLinkIsSilentAndGoesOnWhereItWas() throws IOException {
    try (Socket old = connect()) {
      assertEchoes(old, 1);
      link.freeze();
      old.getOutputStream().write(2);
      try (Socket later = connect()) {
        later.getOutputStream().write(3);
        assertSilent(old);
        assertSilent(later);
        link.heal();
        assertThat(old.getInputStream().read()).isEqualTo(2);
        assertThat(later.getInputStream().read()).isEqualTo(3);
        assertEchoes(old, 4);
      }
    }
  }

  @Test
  void aTargetThatIsNotThereResetsTheConnection() throws IOException {
    try (LinkProxy nowhere = new LinkProxy("127.0.0.1", FreePort.find());
        Socket socket = new Socket("127.0.0.1", nowhere.port())) {
      socket.setSoTimeout(PATIENCE);
      assertReset(socket);
    }
  }

  @Test
  void itReadsNoMoreThanTheOtherEndTakes() throws Exception {
    mayRead = new CountDownLatch(1);
    AtomicLong written = new AtomicLong();
    try (Socket socket = connect()) {
      Thread writer =
          new Thread(
              () -> {
                try {
                  while (true) {
                    socket.getOutputStream().write(new byte[64 * 1024]);
                    written.addAndGet(64 * 1024);
                  }
                } catch (IOException x) {
                  return;
                }
              });
      writer.setDaemon(true);
      writer.start();
      AtomicLong before = new AtomicLong(-1);
      Awaitility.await()
          .pollInterval(Duration.ofMillis(SILENCE))
          .until(() -> before.getAndSet(written.get()) == written.get() && written.get() > 0);
      // What the operating system keeps on the way, and no more.
      assertThat(written.get()).isLessThan(64L * 1024 * 1024);
    } finally {
      mayRead.countDown();
    }
  }

  @Test
  void answersThatAreDelayedArriveInTheirOrderOnceTheDelayEnds() throws Exception {
    try (Socket socket = connect()) {
      assertEchoes(socket, 1);
      link.delayAnswers(Duration.ofHours(1));
      socket.getOutputStream().write(2);
      socket.getOutputStream().write(3);
      assertSilent(socket);
      link.delayAnswers(Duration.ZERO);
      assertThat(socket.getInputStream().read()).isEqualTo(2);
      assertThat(socket.getInputStream().read()).isEqualTo(3);
      assertEchoes(socket, 4);
      link.delayAnswers(Duration.ofHours(1));
      link.cut();
      assertReset(socket);
    }
    Awaitility.await().until(() -> link.connections() == 0);
  }
}
