package io.longspan.server;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.http2.ErrorCode;
import org.eclipse.jetty.http2.HTTP2Stream;
import org.eclipse.jetty.http2.api.Stream;
import org.eclipse.jetty.http2.api.server.ServerSessionListener;
import org.eclipse.jetty.http2.frames.DataFrame;
import org.eclipse.jetty.http2.frames.HeadersFrame;
import org.eclipse.jetty.http2.frames.ResetFrame;
import org.eclipse.jetty.http2.frames.WindowUpdateFrame;
import org.eclipse.jetty.http2.server.internal.HTTP2ServerConnection;
import org.eclipse.jetty.http2.server.internal.HTTP2ServerSession;
import org.eclipse.jetty.io.AbstractEndPoint;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.NanoTime;

/**
 * A connection of HTTP/2 whose memory is bounded. The connection and each of its streams have
 * places of their own in {@link StrangerConnections}. Jetty limits the rate of frames that ask for
 * an answer or reset a stream; this class bounds what such frames leave in memory, for a client
 * that reads nothing:
 *
 * <ul>
 *   <li>data that was received and is not read,
 *   <li>frames that wait to be sent, and changes of windows,
 *   <li>streams that are closed while their data cannot be sent.
 * </ul>
 *
 * <p>One thread at a time parses frames; requests and the sweep run on other threads. Never blocks.
 */
final class BoundedHttp2Connection extends HTTP2ServerConnection {
  /** Maximum number of concurrent requests and WebSockets. */
  static final int MAX_STREAMS = 128;

  /** Weight of a connection: its buffers, the tables of HPACK, and an incomplete header block. */
  private static final long BASE_BYTES = 96 << 10;

  /** Maximum weight of received data that is not read. A window full of small messages has room. */
  private static final long MAX_UNREAD_BYTES = 256 << 10;

  /** Weight of a frame of data in addition to the data. */
  private static final int FRAME_BYTES = 160;

  /** Maximum number of frames that wait until an earlier one is written. */
  private static final int MAX_WAITING_FRAMES = 1024;

  /** Maximum number of window updates while nothing is written. */
  private static final int MAX_WINDOW_UPDATES = 1024;

  /** What Jetty writes at once; the client may need this long for it before anything is known. */
  private static final long WRITE_BYTES = 64 << 10;

  private final StrangerPlace place;
  private final StrangerConnections strangers;
  private final AtomicLong unread = new AtomicLong();

  /** Places of the requests that are not answered. */
  private final Map<Integer, StrangerPlace> requests = new ConcurrentHashMap<>();

  /** Actions at the end of a stream. */
  private final Map<Integer, Runnable> atEnd = new ConcurrentHashMap<>();

  private volatile boolean closed;

  /** Owned by the parser's thread, like the next field. */
  private int windowUpdates;

  private long bytesOutBefore;

  /** Closed streams that Jetty still had at the last sweep. Owned by the sweep, like the rest. */
  private Set<Integer> leftBefore = Set.of();

  private boolean stuck;
  private long stuckSince;
  private long bytesOutWhenStuck;

  BoundedHttp2Connection(
      Connector connector,
      EndPoint endPoint,
      HttpConfiguration configuration,
      HTTP2ServerSession session,
      ServerSessionListener listener,
      StrangerConnections strangers) {
    super(connector, endPoint, configuration, session, listener);
    this.strangers = strangers;
    this.place = strangers.connection(endPoint, getId(), BASE_BYTES);
  }

  @Override
  public void onOpen() {
    place.open(StrangerConnections.IDLE_BYTES);
    super.onOpen();
  }

  @Override
  public void onClose(Throwable cause) {
    closed = true;
    super.onClose(cause);
    place.close();
    requests.keySet().forEach(this::streamEnds);
    atEnd.keySet().forEach(this::streamEnds);
  }

  @Override
  public void onNewStream(HTTP2Stream stream, HeadersFrame frame) {
    // The connection is not displaced before its older requests.
    place.renew(StrangerConnections.IDLE_BYTES + unread.get());
    occupy(stream.getId(), getRemoteSocketAddress());
    if (!isOver(stream.getId())) {
      super.onNewStream(stream, frame);
    }
  }

  private void occupy(int id, SocketAddress client) {
    StrangerPlace request =
        strangers.stream(client, getId() + "-" + id, displaced -> reset(id, displaced));
    requests.put(id, request);
    request.open(StrangerConnections.REQUEST_BYTES);
    if (isOver(id)) {
      requestEnds(id);
    }
  }

  private boolean isOver(int id) {
    HTTP2Stream stream = getSession().getStream(id);
    return closed || stream == null || stream.isClosed();
  }

  /**
   * Called when a trusted proxy has named the client of a request: the bound of that client's
   * address applies from now on.
   *
   * @param id id of the request
   */
  void requestOf(String id, SocketAddress client) {
    if (client instanceof InetSocketAddress known && !known.isUnresolved()) {
      requestEnds(Integer.parseInt(id));
      occupy(Integer.parseInt(id), client);
    }
  }

  /** Called when a request of a user is authenticated. */
  void signedIn(String id, String user) {
    place.signedIn(user);
    StrangerPlace request = requests.get(Integer.valueOf(id));
    if (request != null) {
      request.signedIn(user);
    }
  }

  /** Called when an answer is complete; then a WebSocket may begin. */
  void requestEnds(String id) {
    requestEnds(Integer.parseInt(id));
    place.renew(StrangerConnections.IDLE_BYTES + unread.get());
  }

  private void requestEnds(int id) {
    StrangerPlace request = requests.remove(id);
    if (request != null) {
      request.close();
    }
  }

  /** Runs an action at the end of a request, or of its WebSocket. */
  void atEndOf(String id, Runnable action) {
    int stream = Integer.parseInt(id);
    atEnd.put(stream, action);
    if (isOver(stream)) {
      streamEnds(stream);
    }
  }

  /** Called when a stream is closed. Idempotent. */
  void streamEnds(int id) {
    requestEnds(id);
    Runnable action = atEnd.remove(id);
    if (action != null) {
      action.run();
    }
  }

  /** Resets the stream of a request; the others continue. */
  void reset(String id, TimeoutException cause) {
    reset(Integer.parseInt(id), cause);
  }

  private void reset(int id, TimeoutException cause) {
    if (getSession().getStream(id) != null) {
      getSession().onStreamFailure(id, ErrorCode.ENHANCE_YOUR_CALM_ERROR.code, cause.getMessage());
    }
  }

  /** Copies the data. Jetty would retain its network buffers, which may be almost empty. */
  @Override
  public void onData(DataFrame frame) {
    long waiting = unread.get() + FRAME_BYTES + frame.remaining();
    if (waiting > MAX_UNREAD_BYTES) {
      onConnectionFailure(ErrorCode.ENHANCE_YOUR_CALM_ERROR.code, "too much unread data");
      return;
    }
    place.weigh(StrangerConnections.IDLE_BYTES + waiting);
    ByteBuffer copy = ByteBuffer.allocate(frame.remaining()).put(frame.getByteBuffer()).flip();
    getSession()
        .onData(
            new UnreadData(
                new DataFrame(frame.getStreamId(), copy, frame.isEndStream(), frame.padding())));
  }

  private final class UnreadData extends Stream.Data {
    private final long weight;
    private final AtomicInteger holders = new AtomicInteger();

    UnreadData(DataFrame frame) {
      super(frame);
      this.weight = (long) FRAME_BYTES + frame.remaining();
    }

    @Override
    public boolean canRetain() {
      return true;
    }

    @Override
    public boolean isRetained() {
      return holders.get() > 1;
    }

    @Override
    public void retain() {
      if (holders.getAndIncrement() == 0) {
        unread.addAndGet(weight);
      }
    }

    @Override
    public boolean release() {
      boolean last = holders.decrementAndGet() == 0;
      if (last) {
        unread.addAndGet(-weight);
      }
      return last;
    }
  }

  @Override
  public void onReset(ResetFrame frame) {
    if (parser().rates().onClientReset(frame)) {
      super.onReset(frame);
    } else {
      onConnectionFailure(ErrorCode.ENHANCE_YOUR_CALM_ERROR.code, "too many resets");
    }
  }

  /** Jetty does not limit these frames. They wait while earlier frames are written. */
  @Override
  public void onWindowUpdate(WindowUpdateFrame frame) {
    long bytesOut = getBytesOut();
    windowUpdates = bytesOut == bytesOutBefore ? windowUpdates + 1 : 0;
    bytesOutBefore = bytesOut;
    if (windowUpdates > MAX_WINDOW_UPDATES) {
      onConnectionFailure(ErrorCode.ENHANCE_YOUR_CALM_ERROR.code, "too many window updates");
    } else {
      super.onWindowUpdate(frame);
    }
  }

  /** Called after each frame; ends the connection if too many answers wait. */
  boolean hasRoomForAnswers() {
    if (getSession().getFrameQueueSize() <= MAX_WAITING_FRAMES) {
      return true;
    }
    onConnectionFailure(ErrorCode.ENHANCE_YOUR_CALM_ERROR.code, "answers are not read");
    return false;
  }

  /** Returns whether a part is incomplete that must not take long. */
  boolean isIncomplete() {
    return parser().isIncomplete();
  }

  /** Returns how many such parts were completed. */
  long completed() {
    return parser().completed();
  }

  private BoundedHttp2Parser parser() {
    return (BoundedHttp2Parser) getSession().getParser();
  }

  /**
   * Closes the connection if its client accepts less than a minimum rate after a grace period, and
   * drops what closed streams still want to send. Called periodically on one thread.
   */
  void sweep(Duration grace, long bytesPerSecond) {
    Set<Integer> left = new HashSet<>();
    for (Stream stream : getSession().getStreams()) {
      if (stream.isClosed()) {
        left.add(stream.getId());
        if (leftBefore.contains(stream.getId())) {
          stream.reset(
              new ResetFrame(stream.getId(), ErrorCode.CANCEL_STREAM_ERROR.code), Callback.NOOP);
        }
      }
    }
    leftBefore = left;
    requests.keySet().stream().filter(this::isOver).forEach(this::streamEnds);
    atEnd.keySet().stream().filter(this::isOver).forEach(this::streamEnds);
    sweepWrites(grace, bytesPerSecond);
  }

  private void sweepWrites(Duration grace, long bytesPerSecond) {
    long bytesOut = getBytesOut();
    long now = NanoTime.now();
    if (!isStuck()) {
      stuck = false;
      return;
    }
    long elapsed = NanoTime.elapsed(stuckSince, now);
    long accepted = bytesOut - bytesOutWhenStuck;
    if (!stuck || accepted >= bytesPerSecond * TimeUnit.NANOSECONDS.toSeconds(elapsed) + 1) {
      stuck = true;
      stuckSince = now;
      bytesOutWhenStuck = bytesOut;
    } else if (elapsed
        > grace.toNanos() + TimeUnit.SECONDS.toNanos(1) * WRITE_BYTES / bytesPerSecond) {
      getEndPoint().close(new TimeoutException("the connection is read too slowly"));
    }
  }

  /** Returns whether the client lets nothing pass: neither TCP nor the window of all streams. */
  private boolean isStuck() {
    if (getSession().getSendWindow() <= 0) {
      return true;
    }
    EndPoint endPoint = getEndPoint();
    while (endPoint != null) {
      if (endPoint instanceof AbstractEndPoint known && known.getWriteFlusher().isPending()) {
        return true;
      }
      endPoint = endPoint instanceof EndPoint.Wrapper wrapper ? wrapper.unwrap() : null;
    }
    return false;
  }
}
