package io.longspan.catalogue;

import io.longspan.config.LongspanConfig.Replies;

/**
 * The JMS name under which bridges have reply destinations (protocol section 14). No catalogue
 * entry can reach a name under it.
 *
 * @param name the prefix, for example {@code longspan.reply}
 */
record ReplyPrefix(String name) {
  static final ReplyPrefix DEFAULT = new ReplyPrefix(Replies.DEFAULT.prefix());

  /** Returns whether a JMS name is the prefix or is under it, in any case of letters. */
  boolean covers(String jmsName) {
    return jmsName.regionMatches(true, 0, name, 0, name.length())
        && (jmsName.length() == name.length() || jmsName.charAt(name.length()) == '.');
  }

  /** Returns whether some name that begins like this, dot included, is under the prefix. */
  boolean isReachedBy(String beginning) {
    return (name + '.').regionMatches(true, 0, beginning, 0, beginning.length());
  }

  /**
   * Returns a name of a catalogue entry unchanged.
   *
   * @throws IllegalArgumentException if it is under the prefix; the message is one sentence
   */
  String requireOutside(String jmsName) {
    if (covers(jmsName)) {
      throw new IllegalArgumentException(
          "'" + jmsName + "' is under broker.replyPrefix, which no entry can reach");
    }
    return jmsName;
  }
}
