package io.longspan.external;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * A TCP link between a program and its server that a test can spoil and mend. The threads of a
 * connection read little more than they have written on, so a slow end slows the other one down.
 * All methods may be called from any thread and return at once.
 */
public final class LinkProxy implements AutoCloseable {
  private static final int BUFFER = 16 * 1024;

  /** How many parts of an answer may be on their way to a program. */
  private static final int PARTS = 512;

  private static final Part END = new Part(new byte[0], 0);

  /** What the server has said, and when, in nanoseconds. */
  private record Part(byte[] bytes, long since) {}

  /** What the link does with what it gets. */
  private enum State {
    OPEN,
    FROZEN,
    BLOCKED,
    CLOSED
  }

  private final String targetHost;
  private volatile int targetPort;
  private final ServerSocket listener;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final Object gate = new Object();

  /** Guarded by {@code gate}. */
  private State state = State.OPEN;

  /** Guarded by {@code gate}; nanoseconds. */
  private long answerDelay;

  /** Listens on a free port of 127.0.0.1 and forwards to a target, which need not run yet. */
  public LinkProxy(String targetHost, int targetPort) {
    this.targetHost = targetHost;
    this.targetPort = targetPort;
    try {
      listener = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
    } catch (IOException x) {
      throw new UncheckedIOException(x);
    }
    start("accept", this::accept);
  }

  /** Returns the port of 127.0.0.1 on which the link begins. */
  public int port() {
    return listener.getLocalPort();
  }

  /** From now on new connections are forwarded to another port of the same host. */
  public void redirect(int port) {
    targetPort = port;
  }

  /** Resets all open connections; new ones are treated as before. */
  public void cut() {
    sockets.forEach(this::reset);
  }

  /** Resets all open connections and, until {@link #heal}, each new one as well. */
  public void block() {
    enter(State.BLOCKED);
    cut();
  }

  /**
   * Until {@link #heal}, open connections stay open and nothing is forwarded on them in either
   * direction; new ones are accepted and not answered: a link that is half dead.
   */
  public void freeze() {
    enter(State.FROZEN);
  }

  /** Undoes {@link #block} and {@link #freeze}: frozen connections go on where they were. */
  public void heal() {
    enter(State.OPEN);
  }

  /**
   * From now on all that the server says arrives later by that time, in its order; what the program
   * says does not. {@link Duration#ZERO} lets go what is still on its way.
   */
  public void delayAnswers(Duration delay) {
    synchronized (gate) {
      answerDelay = delay.toNanos();
      gate.notifyAll();
    }
  }

  /** Returns how many connections are open. */
  public int connections() {
    return (int) sockets.stream().filter(socket -> socket.getLocalPort() == port()).count();
  }

  @Override
  public void close() {
    enter(State.CLOSED);
    try {
      listener.close();
    } catch (IOException x) {
      throw new UncheckedIOException(x);
    }
    cut();
  }

  private void enter(State wanted) {
    synchronized (gate) {
      if (state != State.CLOSED) {
        state = wanted;
        gate.notifyAll();
      }
    }
  }

  /** Waits for the end of a freeze; throws where the link is blocked or closed. */
  private void awaitOpen() throws IOException {
    synchronized (gate) {
      while (state == State.FROZEN) {
        try {
          gate.wait();
        } catch (InterruptedException x) {
          throw new IOException(x);
        }
      }
      if (state != State.OPEN) {
        throw new IOException("the link is " + state);
      }
    }
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket near = listener.accept();
        sockets.add(near);
        start("connect", () -> connect(near));
      } catch (IOException x) {
        // Closed, or a connection that was gone before it was accepted.
        continue;
      }
    }
  }

  private void connect(Socket near) {
    try {
      awaitOpen();
      Socket far = new Socket(targetHost, targetPort);
      sockets.add(far);
      near.setTcpNoDelay(true);
      far.setTcpNoDelay(true);
      BlockingQueue<Part> answers = new ArrayBlockingQueue<>(PARTS);
      start("answers", () -> collect(far, near, answers));
      start("back", () -> deliver(answers, far, near));
      pump(near, far);
    } catch (IOException x) {
      reset(near);
    }
  }

  /** Forwards until one end says that it has said all; once both have, both are closed. */
  private void pump(Socket from, Socket to) {
    byte[] buffer = new byte[BUFFER];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      int length;
      while ((length = in.read(buffer)) >= 0) {
        awaitOpen();
        out.write(buffer, 0, length);
      }
      awaitOpen();
      finish(from, to);
    } catch (IOException x) {
      reset(from);
      reset(to);
    }
  }

  private void finish(Socket from, Socket to) throws IOException {
    to.shutdownOutput();
    if (from.isOutputShutdown()) {
      end(from);
      end(to);
    }
  }

  /** Notes when each part of the answers came. */
  private void collect(Socket from, Socket to, BlockingQueue<Part> answers) {
    byte[] buffer = new byte[BUFFER];
    try {
      InputStream in = from.getInputStream();
      int length;
      while ((length = in.read(buffer)) >= 0) {
        put(answers, new Part(Arrays.copyOf(buffer, length), System.nanoTime()), to);
      }
      put(answers, END, to);
    } catch (IOException x) {
      reset(from);
      reset(to);
      answers.clear();
      answers.add(END);
    }
  }

  private static void put(BlockingQueue<Part> answers, Part part, Socket to) throws IOException {
    try {
      while (!answers.offer(part, 1, TimeUnit.SECONDS)) {
        if (to.isClosed()) {
          throw new IOException("nobody takes the answers");
        }
      }
    } catch (InterruptedException x) {
      throw new IOException(x);
    }
  }

  private void deliver(BlockingQueue<Part> answers, Socket from, Socket to) {
    try {
      OutputStream out = to.getOutputStream();
      for (Part part = answers.take(); part != END; part = answers.take()) {
        awaitDue(part.since);
        awaitOpen();
        out.write(part.bytes);
      }
      awaitOpen();
      finish(from, to);
    } catch (IOException | InterruptedException x) {
      reset(from);
      reset(to);
    }
  }

  /** Waits until an answer is late enough. */
  private void awaitDue(long since) throws InterruptedException {
    synchronized (gate) {
      for (long left = left(since); left > 0 && state != State.CLOSED; left = left(since)) {
        TimeUnit.NANOSECONDS.timedWait(gate, left);
      }
    }
  }

  private long left(long since) {
    return since + answerDelay - System.nanoTime();
  }

  private void reset(Socket socket) {
    try {
      socket.setSoLinger(true, 0);
      socket.close();
    } catch (IOException x) {
      // It is closed already.
    } finally {
      sockets.remove(socket);
    }
  }

  private void end(Socket socket) throws IOException {
    socket.close();
    sockets.remove(socket);
  }

  private void start(String job, Runnable work) {
    Thread thread = new Thread(work, "link-proxy-" + port() + "-" + job);
    thread.setDaemon(true);
    thread.start();
  }
}
