package io.longspan.bayeux;

import io.longspan.budget.MemoryBudget;
import io.longspan.identity.Identity;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.cometd.bayeux.Channel;
import org.cometd.bayeux.Promise;
import org.cometd.bayeux.server.BayeuxContext;
import org.cometd.bayeux.server.ServerMessage;
import org.cometd.server.BayeuxServerImpl;
import org.cometd.server.CometDRequest;
import org.cometd.server.CometDResponse;
import org.cometd.server.HttpException;
import org.cometd.server.ServerSessionImpl;
import org.cometd.server.http.JSONHttpTransport;
import org.cometd.server.http.TransportContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The long-polling transport. It assigns each request to its user before CometD looks a session up.
 * Never blocks.
 */
final class LongPollingTransport extends JSONHttpTransport {
  /**
   * Maximum number of held {@code /meta/connect} of one browser. With HTTP/1.1 a browser has six
   * connections to a host for all its tabs. Held requests occupy connections that the tabs need for
   * sending. Sessions of further tabs poll every two seconds.
   */
  static final int HELD_PER_BROWSER = 4;

  private static final Logger LOG = LoggerFactory.getLogger(LongPollingTransport.class);

  /** Marks a session that polls at intervals because the browser holds too many requests. */
  private static final String POLLING = LongPollingTransport.class.getName() + ".polling";

  private final RequestAdmission admission;
  private final MemoryBudget memory;

  LongPollingTransport(BayeuxServerImpl server, RequestAdmission admission, MemoryBudget memory) {
    super(server);
    this.admission = admission;
    this.memory = memory;
  }

  /**
   * Charges the body to the account of the request's user; see {@link ChargedRequest}. Writes the
   * reply as a whole if the container allows it; see {@link WholeReply}.
   */
  @Override
  public void handle(
      BayeuxContext caller, CometDRequest request, CometDResponse response, Promise<Void> promise) {
    Optional<Identity> user = BayeuxIdentity.ofRequest(caller);
    if (user.isEmpty()) {
      super.handle(caller, request, response, promise);
      return;
    }
    ChargedRequest charged = new ChargedRequest(request, memory.user(user.get().user()));
    super.handle(
        caller,
        charged,
        caller.getRequestAttribute(ReplyBody.REQUEST_ATTRIBUTE) instanceof ReplyBody body
            ? new WholeReply(response, body)
            : response,
        new Ending(promise, charged));
  }

  /**
   * The end of a request. It may come on the thread that has the messages. So it must not throw
   * there if the client disconnects at the same time, and the container has ended the request.
   */
  private static final class Ending extends Promise.Wrapper<Void> {
    private final ChargedRequest charged;

    Ending(Promise<Void> promise, ChargedRequest charged) {
      super(promise);
      this.charged = charged;
    }

    @Override
    public void succeed(Void result) {
      end(() -> super.succeed(result));
    }

    @Override
    public void fail(Throwable failure) {
      end(() -> super.fail(failure));
    }

    private void end(Runnable completion) {
      charged.release();
      try {
        completion.run();
      } catch (IllegalStateException ended) {
        LOG.debug("request not completed, the client has disconnected", ended);
      }
    }
  }

  @Override
  protected void processMessages(TransportContext context, List<ServerMessage.Mutable> messages) {
    if (context.request() instanceof ChargedRequest charged) {
      charged.parsed();
    }
    switch (admission.admit(getName(), messages, context.bayeuxContext())) {
      case ADMITTED -> {
        posted(messages);
        ((CollectingContext) context)
            .receipts.collect(() -> super.processMessages(context, messages));
      }
      case TOO_LARGE -> refuse(context, 413, "too many messages");
      case MALFORMED -> refuse(context, 400, "not a Bayeux message");
    }
  }

  /** A request with the receipts that its response waits for. */
  private static final class CollectingContext extends TransportContext {
    private final RequestReceipts receipts = new RequestReceipts();

    CollectingContext(TransportContext context) {
      super(context.bayeuxContext(), context.request(), context.response(), context.promise());
    }
  }

  @Override
  protected void handle(TransportContext context) {
    super.handle(new CollectingContext(context));
  }

  @Override
  protected void flush(TransportContext context) {
    ((CollectingContext) context).receipts.whenAll(() -> super.flush(context));
  }

  private void posted(List<ServerMessage.Mutable> messages) {
    ServerMessage first = messages.get(0);
    if (!Channel.META_CONNECT.equals(first.getChannel())
        && getBayeuxServer().getSession(first.getClientId()) instanceof BridgeSession session) {
      session.channel().ifPresent(channel -> channel.lastRequests().posted(messages));
    }
  }

  /**
   * Returns true: a message in the reply to a publish could overtake messages in the reply to a
   * poll.
   */
  @Override
  public boolean isMetaConnectDeliveryOnly() {
    return true;
  }

  /** Answers the held poll of a session that the bridge has terminated like any later poll. */
  @Override
  protected void resume(
      TransportContext context, ServerMessage.Mutable message, Promise<Void> promise) {
    ServerSessionImpl session = context.session();
    if (session != null && session.isTerminated() && !session.isDisconnected()) {
      // Otherwise CometD would replace the advice to handshake by the session's own advice.
      session.takeAdvice(this);
      ((BridgeBayeuxServer) getBayeuxServer()).unknownSession(message.getAssociated());
    }
    super.resume(context, message, promise);
  }

  private static void refuse(TransportContext context, int status, String reason) {
    context.promise().fail(new HttpException(status, new IOException(reason)));
  }

  @Override
  public boolean incBrowserId(ServerSessionImpl session, boolean http2) {
    // CometD counts by browser, and a session that began over WebSocket has none.
    boolean held = session.getBrowserId() == null || super.incBrowserId(session, http2);
    if (!held) {
      session.setAttribute(POLLING, true);
    } else if (session.removeAttribute(POLLING) != null) {
      // Otherwise the session would continue to poll every two seconds.
      session.reAdvise();
    }
    return held;
  }
}
