package io.longspan.bayeux;

import io.longspan.concurrent.InternalErrors;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.ErrorCode;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.cometd.bayeux.Message;
import org.cometd.bayeux.Promise;
import org.cometd.bayeux.server.ServerMessage;
import org.cometd.server.ServerMessageImpl;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Bayeux reply to a published message. In every case CometD stops there: it neither serialises
 * the message again nor delivers it to subscribers.
 */
final class PublishReply {
  private static final Logger LOG = LoggerFactory.getLogger(PublishReply.class);

  private final ServerMessageImpl reply;
  private final Promise<Boolean> promise;

  PublishReply(ServerMessage.Mutable message, Promise<Boolean> promise) {
    this.reply = (ServerMessageImpl) message.getAssociated();
    this.promise = promise;
  }

  /**
   * Returns the Bayeux message id. It is read from the reply, because CometD has removed it from
   * the message.
   */
  String id() {
    return reply.getId();
  }

  void succeed() {
    set(true);
    promise.succeed(false);
  }

  /**
   * Completes the reply with an error. A failure of the bridge itself is reported, and its code is
   * {@code internalError}.
   */
  void fail(Throwable failure) {
    refuse(failure);
    promise.succeed(false);
  }

  /**
   * Completes the reply when the receipt is known; never blocks.
   *
   * <p>If the request collects its receipts, CometD handles the next message of the request at
   * once. Otherwise it handles the next message after this receipt.
   */
  void follow(CompletionStage<Void> receipt) {
    Optional<RequestReceipts> current = RequestReceipts.current();
    CompletionStage<Void> replied =
        receipt.handle(
            (sent, failure) -> {
              if (failure == null) {
                set(true);
              } else {
                refuse(failure);
                current.ifPresent(RequestReceipts::refused);
              }
              return null;
            });
    current.ifPresentOrElse(
        request -> {
          reply.setHandled(true);
          request.add(replied);
          promise.succeed(false);
        },
        () -> replied.thenRun(() -> promise.succeed(false)));
  }

  private void refuse(Throwable failure) {
    BridgeException refusal =
        BridgeException.from(
            failure, fault -> InternalErrors.report("the handling of a published message", fault));
    if (refusal.getCause() != null && refusal.code() != ErrorCode.INTERNAL_ERROR) {
      LOG.warn("message not sent error={}", refusal.toBayeuxError(), refusal.getCause());
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
