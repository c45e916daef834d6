package io.longspan.bayeux;

import io.longspan.concurrent.InternalErrors;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.ErrorCode;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.cometd.bayeux.Message;
import org.cometd.bayeux.Promise;
import org.cometd.bayeux.server.ServerMessage;
import org.cometd.server.ServerMessageImpl;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Bayeux reply to a publish. Either way CometD is told that the message ends here, so that it
 * is neither serialised again nor sent to anybody.
 */
final class PublishReply {
  private static final Logger LOG = LoggerFactory.getLogger(PublishReply.class);

  private final ServerMessageImpl reply;
  private final Promise<Boolean> promise;

  PublishReply(ServerMessage.Mutable message, Promise<Boolean> promise) {
    this.reply = (ServerMessageImpl) message.getAssociated();
    this.promise = promise;
  }

  /** Returns the id of the message, which CometD has taken off the message itself. */
  String id() {
    return reply.getId();
  }

  void succeed() {
    set(true);
    promise.succeed(false);
  }

  /** Replies that a message was refused; a fault is reported and reads {@code internalError}. */
  void fail(Throwable failure) {
    refuse(failure);
    promise.succeed(false);
  }

  /**
   * Replies what a receipt says. CometD goes on with what follows in the request at once where the
   * request collects its receipts, else when the receipt is there.
   */
  void follow(CompletionStage<Void> receipt) {
    CompletionStage<Void> replied =
        receipt.handle(
            (sent, failure) -> {
              if (failure == null) {
                set(true);
              } else {
                refuse(failure);
              }
              return null;
            });
    RequestReceipts.current()
        .ifPresentOrElse(
            request -> {
              reply.setHandled(true);
              request.add(replied);
              promise.succeed(false);
            },
            () -> replied.thenRun(() -> promise.succeed(false)));
  }

  private void refuse(Throwable failure) {
    BridgeException refusal =
        BridgeException.from(failure, fault -> InternalErrors.report("a publish", fault));
    if (refusal.getCause() != null && refusal.code() != ErrorCode.INTERNAL_ERROR) {
      LOG.warn("not sent error={}", refusal.toBayeuxError(), refusal.getCause());
    }
    reply.put(Message.ERROR_FIELD, refusal.toBayeuxError());
    reply.getExt(true).put("bridge", Map.of("temporary", refusal.code().isTemporary()));
    set(false);
  }

  private void set(boolean successful) {
    reply.setSuccessful(successful);
    reply.setHandled(true);
  }
}
