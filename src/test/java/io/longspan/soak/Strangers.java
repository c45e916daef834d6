package io.longspan.soak;

import io.longspan.chaos.HonestCrowd;
import io.longspan.wire.RawHttp;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/** Attacks that need no account, and those on the way to one. */
final class Strangers {
  private static final int HALF_A_MESSAGE = 580_000;
  private static final int HALF_A_HEADER = 7_000;

  private Strangers() {}

  static List<Attack> attacks() {
    return List.of(
        Attack.every(50, "half-sent WebSocket messages", Strangers::halfMessage),
        Attack.every(100, "half-sent headers", Strangers::halfHeader),
        Attack.every(200, "slow forms", Strangers::slowForm),
        Attack.every(250, "wrong passwords from the users' address", Strangers::wrongPasswords),
        Attack.every(50, "sign-in flood", Strangers::signIns));
  }

  /** Sockets without a user that send the first fragment of a message. */
  private static void halfMessage(Target target, Hoard hoard) throws IOException {
    byte[] half = "x".repeat(HALF_A_MESSAGE).getBytes(StandardCharsets.US_ASCII);
    for (int i = 0; i < target.scaled(40); i++) {
      RawHttp http = hoard.keep(target.connect(Target.STRANGE_ADDRESS), target.scaled(240));
      int status = http.upgrade().status();
      if (status != 101) {
        throw new IOException("upgrade refused: " + status);
      }
      http.frame(false, false, RawHttp.TEXT, half);
    }
  }

  private static void halfHeader(Target target, Hoard hoard) throws IOException {
    for (int i = 0; i < 20; i++) {
      RawHttp http = hoard.keep(target.connect(Target.STRANGE_ADDRESS), target.scaled(2_000));
      http.write(
          ("GET /cometd HTTP/1.1\r\nHost: localhost\r\nX-Filler: " + "x".repeat(HALF_A_HEADER))
              .getBytes(StandardCharsets.US_ASCII));
    }
  }

  /** Forms whose body comes byte by byte: one more, and a byte on each that is open. */
  private static void slowForm(Target target, Hoard hoard) throws IOException {
    for (Closeable open : hoard.all()) {
      try {
        ((RawHttp) open).write("1\r\nx\r\n".getBytes(StandardCharsets.US_ASCII));
      } catch (java.io.UncheckedIOException cut) {
        hoard.drop(open);
      }
    }
    hoard
        .keep(target.connect(Target.STRANGE_ADDRESS), target.scaled(210))
        .write(
            ("POST /login HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"
                    + "Content-Type: application/x-www-form-urlencoded\r\n\r\n5\r\nuser=\r\n")
                .getBytes(StandardCharsets.US_ASCII));
  }

  /** Some guesses at users that do not exist, one at a user that does. */
  private static void wrongPasswords(Target target, Hoard hoard) throws IOException {
    int number = ThreadLocalRandom.current().nextInt(1_000_000);
    for (int i = 0; i < 4; i++) {
      login(target, Target.SHARED_ADDRESS, "nobody-" + (number + i), "guess");
    }
    login(target, Target.SHARED_ADDRESS, HonestCrowd.user(number % 10), "guess" + number);
  }

  private static void signIns(Target target, Hoard hoard) throws IOException {
    for (int i = 0; i < 20; i++) {
      login(
          target, Target.STRANGE_ADDRESS, SoakStage.hostile("signer"), SoakStage.hostile("signer"));
    }
  }

  private static void login(Target target, String from, String user, String password) {
    byte[] form = ("user=" + user + "&password=" + password).getBytes(StandardCharsets.US_ASCII);
    try (RawHttp http = target.connect(from)) {
      http.request("POST", "/login", form, "Content-Type: application/x-www-form-urlencoded");
      http.answer();
    }
  }
}
