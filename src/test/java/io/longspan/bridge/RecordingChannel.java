package io.longspan.bridge;

import io.longspan.protocol.Payload;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A channel that takes what it is woken for, at once or when it is told to, and keeps it. */
final class RecordingChannel implements ClientChannel {
  final List<Outgoing> taken = new CopyOnWriteArrayList<>();
  volatile String ended;
  volatile boolean stalled;

  /** Called whenever something was taken. */
  volatile Runnable whenTaken = () -> {};

  /** As whom it takes: a proxy that stands for it is another object. */
  volatile ClientChannel self = this;

  /** Called when the session is ended. */
  volatile Runnable whenEnded = () -> {};

  private volatile ClientOutbox outbox;

  @Override
  public void use(ClientOutbox next) {
    outbox = next;
    if (next.hasWaiting()) {
      wake();
    }
  }

  @Override
  public void wake() {
    if (!stalled) {
      take();
    }
  }

  @Override
  public void wakeHere() {
    wake();
  }

  @Override
  public void wakeSoon() {
    wake();
  }

  /** Takes what waits, and returns it. */
  List<Outgoing> take() {
    List<Outgoing> now = outbox.take(self);
    taken.addAll(now);
    whenTaken.run();
    return now;
  }

  @Override
  public void disconnect(String reason) {
    ended = reason;
    whenEnded.run();
  }

  @Override
  public Status status() {
    return new Status("test", "127.0.0.1");
  }

  List<Payload> payloads() {
    return taken.stream().map(Outgoing::payload).toList();
  }

  List<String> texts() {
    return new ArrayList<>(payloads().stream().map(Payload::members).toList());
  }

  List<Long> numbers() {
    return taken.stream().map(Outgoing::seq).toList();
  }
}
