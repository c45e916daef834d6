package io.longspan.bridge;

import io.longspan.access.AccessPolicy;
import io.longspan.concurrent.InternalErrors;
import io.longspan.presence.PresenceTopic;
import io.longspan.presence.PresenceView;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.ControlCommand;
import io.longspan.protocol.DestinationName;
import io.longspan.protocol.Notice;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/** The use case of asking who is present (protocol section 18). Never blocks. */
final class ClientPresence {
  /** Maximum number of users that an answer names for one topic. */
  static final int MAX_USERS = 10_000;

  /** Maximum size of the names in an answer, in characters. */
  private static final int MAX_CHARACTERS = 1024 * 1024;

  private final AccessPolicy accessPolicy;
  private final BridgePresence presence;
  private final Executor commandPool;
  private final int topicsPerClient;
  private final long maxCharacters;

  /**
   * Creates the use case.
   *
   * @param queueBytes {@code limits.queueBytes}; an answer takes a small part of it
   */
  ClientPresence(
      AccessPolicy accessPolicy,
      BridgePresence presence,
      Executor commandPool,
      int topicsPerClient,
      long queueBytes) {
    this.accessPolicy = accessPolicy;
    this.presence = presence;
    this.commandPool = commandPool;
    this.topicsPerClient = topicsPerClient;
    this.maxCharacters = Math.min(MAX_CHARACTERS, queueBytes / 8);
  }

  /**
   * Answers who is present on topics. Runs as a command of the client's mailbox.
   *
   * @return completes when the answer is queued
   * @throws BridgeException {@code limitExceeded} if the message alone has too many topics
   */
  CompletionStage<?> answer(ConnectedClient client, ControlCommand.Presence command) {
    Set<String> topics = new LinkedHashSet<>(command.topics());
    if (topics.size() > topicsPerClient) {
      throw BridgeException.tooLarge(
          "a message may name at most %d topics".formatted(topicsPerClient));
    }
    return presence
        .settled()
        .thenComposeAsync(known -> answer(client, command.correlationId(), topics), commandPool);
  }

  /** The right to one topic; one of the two is null. */
  private record Right(PresenceTopic topic, BridgeException refusal) {}

  private CompletionStage<?> answer(
      ConnectedClient client, String correlationId, Set<String> topics) {
    Map<String, CompletableFuture<Right>> rights = new LinkedHashMap<>();
    topics.forEach(topic -> rights.put(topic, right(client, topic)));
    return CompletableFuture.allOf(rights.values().toArray(CompletableFuture[]::new))
        .thenAcceptAsync(all -> client.tell(notice(correlationId, rights)), commandPool);
  }

  private CompletableFuture<Right> right(ConnectedClient client, String topic) {
    CompletionStage<PresenceTopic> decision;
    try {
      DestinationName name = DestinationName.parse(topic);
      decision =
          accessPolicy
              .maySeePresence(client.identity(), name)
              .thenApply(destination -> new PresenceTopic(topic, destination.name()));
    } catch (RuntimeException | Error failure) {
      decision = CompletableFuture.failedFuture(failure);
    }
    return decision
        .handle(
            (found, failure) ->
                new Right(
                    found,
                    failure == null
                        ? null
                        : BridgeException.from(
                            failure,
                            fault -> InternalErrors.report("the presence on a topic", fault))))
        .toCompletableFuture();
  }

  /**
   * Returns why a client may not see who is present on a topic; completes with null if it may.
   *
   * @param topic the name from the client
   */
  CompletableFuture<BridgeException> refusal(ConnectedClient client, String topic) {
    return right(client, topic).thenApply(Right::refusal);
  }

  private Notice notice(String correlationId, Map<String, CompletableFuture<Right>> rights) {
    List<Notice.TopicPresence> topics = new ArrayList<>();
    Map<String, BridgeException> failures = new LinkedHashMap<>();
    long characters = maxCharacters;
    for (Map.Entry<String, CompletableFuture<Right>> entry : rights.entrySet()) {
      Right right = entry.getValue().join();
      if (right.refusal() != null) {
        failures.put(entry.getKey(), right.refusal());
        continue;
      }
      PresenceView view = presence.view(right.topic(), MAX_USERS, characters);
      characters -= view.users().stream().mapToLong(String::length).sum();
      topics.add(
          new Notice.TopicPresence(entry.getKey(), view.clients(), view.users(), view.more()));
    }
    return new Notice.Presence(correlationId, topics, failures);
  }
}
