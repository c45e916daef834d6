package io.longspan.bridge;

import io.longspan.access.AccessPolicy;
import io.longspan.access.TopicGrant;
import io.longspan.identity.Identity;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.ControlCommand.History;
import io.longspan.protocol.DestinationName;
import io.longspan.protocol.Notice;
import io.longspan.protocol.PayloadEncoder;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/** The use case of asking for retained messages (protocol section 17). Never blocks. */
final class ClientHistory {
  /** Maximum number of messages in an answer. */
  static final int MAX_MESSAGES = 1000;

  /** Maximum size of the messages in an answer, in bytes; one message may be larger. */
  private static final int MAX_BYTES = 1024 * 1024;

  private final AccessPolicy accessPolicy;
  private final TopicSubscriptions subscriptions;
  private final PayloadEncoder encoder;
  private final Executor commandPool;
  private final long maxBytes;

  /**
   * Creates the use case.
   *
   * @param queueBytes {@code limits.queueBytes}; an answer takes a small part of it
   */
  ClientHistory(
      AccessPolicy accessPolicy,
      TopicSubscriptions subscriptions,
      PayloadEncoder encoder,
      Executor commandPool,
      long queueBytes) {
    this.accessPolicy = accessPolicy;
    this.subscriptions = subscriptions;
    this.encoder = encoder;
    this.commandPool = commandPool;
    this.maxBytes = Math.min(MAX_BYTES, queueBytes / 8);
  }

  /**
   * Answers with retained messages. Runs as a command of the client's mailbox.
   *
   * @return completes when the answer is queued; fails with {@code BridgeException}, with the codes
   *     of subscribing
   * @throws BridgeException {@code badRequest} if the name is invalid
   */
  CompletionStage<?> answer(ConnectedClient client, History command) {
    DestinationName name = DestinationName.parsePattern(command.topic());
    Identity identity = client.identity();
    return accessPolicy
        .maySubscribe(identity, name)
        .thenAcceptAsync(grant -> answer(client, command, identity, grant), commandPool);
  }

  private void answer(
      ConnectedClient client, History command, Identity identity, TopicGrant grant) {
    History bounded =
        new History(
            command.correlationId(),
            command.topic(),
            Math.min(command.limit(), MAX_MESSAGES),
            command.before(),
            command.after());
    Optional<KeptMessages.Page> page = subscriptions.page(grant, bounded, maxBytes);
    if (page.isEmpty()) {
      throw BridgeException.badRequest("the message that before or after names is not kept here");
    }
    client
        .outbox()
        .deliver(
            encoder.encode(
                new Notice.History(
                    command.correlationId(), page.get().messages(), page.get().complete())),
            new HistoryRight(
                grant.name(),
                () -> accessPolicy.isCurrent(identity, grant) && client.identity() == identity,
                () -> commandPool.execute(() -> again(client, command))));
  }

  /** Decides again, because rights have changed while the answer was waiting. */
  private void again(ConnectedClient client, History command) {
    client.inMailbox(
        () ->
            answer(client, command)
                .exceptionally(
                    failure -> {
                      client.tell(
                          new Notice.ControlFailed(
                              Optional.of(command.correlationId()), BridgeException.from(failure)));
                      return null;
                    }));
  }
}
