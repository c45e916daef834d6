package io.longspan.external;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A TCP link between a program and its server that a test can spoil and mend. Each connection has
 * two threads that read only what they have written on, so a slow end slows the other one down. All
 * methods may be called from any thread and return at once.
 */
public final class LinkProxy implements AutoCloseable {
  private static final int BUFFER = 16 * 1024;

  /** What the link does with what it gets. */
  private enum State {
    OPEN,
    FROZEN,
    BLOCKED,
    CLOSED
  }

  private final String targetHost;
  private final int targetPort;
  private final ServerSocket listener;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final Object gate = new Object();

  /** Guarded by {@code gate}. */
  private State state = State.OPEN;

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
      start("back", () -> pump(far, near));
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
      to.shutdownOutput();
      if (from.isOutputShutdown()) {
        end(from);
        end(to);
      }
    } catch (IOException x) {
      reset(from);
      reset(to);
    }
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
