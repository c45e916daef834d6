package io.longspan.catalogue;

import io.longspan.config.LongspanConfig.ReplyMode;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * What a catalogue entry sets on each message that a client sends to it. The client cannot choose
 * it (protocol section 14).
 *
 * @param priority {@code JMSPriority}, 0 to 9; empty: the client chooses
 * @param timeToLive zero: the message never expires; empty: the client chooses
 * @param persistent whether the delivery mode is {@code PERSISTENT}; empty: the client chooses
 * @param groupId {@code JMSXGroupID}; empty: none
 * @param properties strings, booleans and numbers by name
 * @param correlation how an answer names its request
 * @param replies how answers come back; empty: as the broker's setting says
 * @param form the form in which services expect the message
 * @param schema what the body must fit; empty: it is not checked
 */
public record SendPolicy(
    Optional<Integer> priority,
    Optional<Duration> timeToLive,
    Optional<Boolean> persistent,
    Optional<String> groupId,
    Map<String, Object> properties,
    Correlation correlation,
    Optional<ReplyMode> replies,
    MessageForm form,
    Optional<BodySchema> schema) {

  /** Policy of an entry that sets nothing. */
  public static final SendPolicy DEFAULT =
      new SendPolicy(
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Map.of(),
          Correlation.BY_CORRELATION_ID,
          Optional.empty(),
          MessageForm.JMS,
          Optional.empty());

  public SendPolicy {
    properties = Map.copyOf(properties);
  }

  /** Returns a copy with another {@code JMSXGroupID}. */
  SendPolicy withGroupId(String other) {
    return new SendPolicy(
        priority,
        timeToLive,
        persistent,
        Optional.of(other),
        properties,
        correlation,
        replies,
        form,
        schema);
  }

  /** Returns a copy with another schema. */
  SendPolicy withSchema(Optional<BodySchema> other) {
    return new SendPolicy(
        priority, timeToLive, persistent, groupId, properties, correlation, replies, form, other);
  }

  /** How an answer names its request. */
  public sealed interface Correlation {
    /** The answer repeats the {@code JMSCorrelationID}. */
    Correlation BY_CORRELATION_ID = new ByCorrelationId();

    /** The {@code JMSCorrelationID} of the answer is the {@code JMSMessageID} of the request. */
    Correlation BY_MESSAGE_ID = new ByMessageId();
  }

  /** See {@link Correlation#BY_CORRELATION_ID}. */
  public record ByCorrelationId() implements Correlation {}

  /** See {@link Correlation#BY_MESSAGE_ID}. */
  public record ByMessageId() implements Correlation {}

  /**
   * The answer repeats a property, whose value in the request is the correlation id.
   *
   * @param name a JMS property name
   */
  public record ByProperty(String name) implements Correlation {}
}
