package io.longspan.benchmark;

import io.longspan.external.ChildProcess;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/** L1 in a process of its own. */
final class BareCometd implements ServerUnderLoad {
  private final String name;
  private final String[] arguments;
  private ChildProcess process;
  private URI base;

  private BareCometd(String name, String... arguments) {
    this.name = name;
    this.arguments = arguments;
    start();
  }

  /** Returns L1: CometD with its defaults. */
  static BareCometd withDefaults() {
    return new BareCometd("L1");
  }

  /**
   * Returns L1 with the bridge's promise over long polling: messages come in the replies to polls
   * only. By default CometD puts them in the reply to a publish as well, where they may overtake
   * others.
   */
  static BareCometd inOrder() {
    return new BareCometd("L1 in order", BareCometdMain.IN_ORDER);
  }

  private void start() {
    process = Cores.MEASURED.startMain(BareCometdMain.class, arguments);
    base = URI.create("http://127.0.0.1:" + process.await("^ready port=(\\d+)$").group(1));
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Dialect dialect() {
    return Dialect.BARE;
  }

  @Override
  public URI endpoint() {
    return base.resolve("/cometd");
  }

  @Override
  public Login cookie(int client) {
    return Login.NONE;
  }

  /** Nobody checks it. */
  @Override
  public Login password(int client) {
    return Login.NONE;
  }

  @Override
  public ProcessMeter meter() {
    return new ProcessMeter(process.pid());
  }

  @Override
  public void publish(int topics, double perSecond) {
    control("?topics=" + topics + "&rate=" + perSecond);
  }

  @Override
  public long stopPublishing() {
    return Long.parseLong(control(""));
  }

  private String control(String query) {
    try (InputStream answer = base.resolve("/control" + query).toURL().openStream()) {
      return new String(answer.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException x) {
      throw new UncheckedIOException(x);
    }
  }

  @Override
  public void restart() {
    process.kill();
    start();
  }

  @Override
  public void close() {
    process.kill();
  }
}
