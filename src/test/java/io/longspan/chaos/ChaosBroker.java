package io.longspan.chaos;

import io.longspan.external.ExternalActiveMq;
import io.longspan.external.ExternalArtemis;
import io.longspan.external.ExternalBroker;
import io.longspan.wire.TestService;
import io.longspan.wire.UnreadableMessages;
import jakarta.jms.Message;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;

/** The pairings of the bridge's JMS client and a broker, as {@code -Dchaos.broker} names them. */
enum ChaosBroker {
  ACTIVEMQ(ExternalActiveMq::new, ExternalBroker::settings, UnreadableMessages.ofActiveMq()),
  ARTEMIS(ExternalArtemis::new, ExternalBroker::settings, UnreadableMessages.ofArtemis()),
  AMQP_TO_ACTIVEMQ(
      ExternalActiveMq::new, ExternalBroker::amqpSettings, UnreadableMessages.ofAmqp()),
  AMQP_TO_ARTEMIS(ExternalArtemis::new, ExternalBroker::amqpSettings, UnreadableMessages.ofAmqp());

  private final Supplier<ExternalBroker> starter;
  private final Function<ExternalBroker, Map<String, String>> settings;
  private final List<TestService.Work<Message>> unreadable;

  ChaosBroker(
      Supplier<ExternalBroker> starter,
      Function<ExternalBroker, Map<String, String>> settings,
      List<TestService.Work<Message>> unreadable) {
    this.starter = starter;
    this.settings = settings;
    this.unreadable = unreadable;
  }

  /** Returns the pairing of a name such as {@code amqp-to-artemis}. */
  static ChaosBroker named(String name) {
    return valueOf(name.toUpperCase(Locale.ROOT).replace('-', '_'));
  }

  /** Starts the broker and waits until it can be used. */
  ExternalBroker start() {
    return starter.get();
  }

  /** Returns the keys of the bridge's configuration that name the started broker. */
  Map<String, String> settings(ExternalBroker started) {
    return settings.apply(started);
  }

  /** Returns messages that the bridge cannot read, sent by the broker's own client. */
  List<TestService.Work<Message>> unreadable() {
    return unreadable;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
