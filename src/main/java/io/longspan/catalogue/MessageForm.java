package io.longspan.catalogue;

/** The form of the messages of a catalogue entry: its {@code envelope} (protocol section 14). */
public enum MessageForm {
  /** The headers and properties of JMS. */
  JMS,
  /** A request to a service of commlib. It is a message to a topic, because MQTT has no queues. */
  COMMLIB_REQUEST,
  /** A message to a topic of commlib. */
  COMMLIB_TOPIC;

  /** Returns whether the names of the entry are topics of MQTT. */
  public boolean isCommlib() {
    return this != JMS;
  }
}
