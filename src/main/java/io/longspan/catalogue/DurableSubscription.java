package io.longspan.catalogue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/**
 * A durable subscription at a broker (protocol section 16).
 *
 * @param topic the JMS topic
 * @param name the name at the broker. It identifies the user, the topic and the client's name of
 *     the subscription, so two subscriptions never have the same name. It has no character of a
 *     client, and so nothing that a broker would take for syntax
 */
public record DurableSubscription(BrokerDestination topic, String name) {
  /** The beginning of all names, which no catalogue entry can reach. */
  public static final String PREFIX = "longspan-durable-";

  /**
   * Returns the subscription of a user.
   *
   * @param topic a topic that the catalogue has granted to the user, not a pattern
   * @param given the client's name of the subscription
   */
  public static DurableSubscription of(String user, BrokerDestination topic, String given) {
    return new DurableSubscription(
        topic,
        PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(hash(user, topic, given)));
  }

  /** Each text follows its length, so that no two lists of texts are the same bytes. */
  private static byte[] hash(String user, BrokerDestination topic, String given) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (String text : new String[] {user, topic.name(), given}) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).array());
        digest.update(bytes);
      }
      return digest.digest();
    } catch (NoSuchAlgorithmException x) {
      throw new IllegalStateException("Java has SHA-256", x);
    }
  }
}
