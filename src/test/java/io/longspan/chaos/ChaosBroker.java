package io.longspan.chaos;

import io.longspan.external.ActiveMqPair;
import io.longspan.external.ArtemisPair;
import io.longspan.external.BreakableBroker;
import io.longspan.external.ExternalActiveMq;
import io.longspan.external.ExternalArtemis;
import io.longspan.wire.TestService;
import io.longspan.wire.UnreadableMessages;
import jakarta.jms.Message;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

/** The pairings of the bridge's JMS client and a broker, as {@code -Dchaos.broker} names them. */
enum ChaosBroker {
  ACTIVEMQ(ExternalActiveMq::new, BreakableBroker::settings, UnreadableMessages.ofActiveMq()),
  ARTEMIS(ExternalArtemis::new, BreakableBroker::settings, UnreadableMessages.ofArtemis()),
  AMQP_TO_ACTIVEMQ(
      ExternalActiveMq::new, BreakableBroker::amqpSettings, UnreadableMessages.ofAmqp()),
  AMQP_TO_ARTEMIS(ExternalArtemis::new, BreakableBroker::amqpSettings, UnreadableMessages.ofAmqp()),
  ACTIVEMQ_PAIR(ActiveMqPair::new, BreakableBroker::settings, UnreadableMessages.ofActiveMq()),
  ARTEMIS_PAIR(ArtemisPair::replicated, BreakableBroker::settings, UnreadableMessages.ofArtemis());

  /** The pairings that a run has if none is named: those with one broker. */
  static final Set<ChaosBroker> SINGLE =
      EnumSet.complementOf(EnumSet.of(ACTIVEMQ_PAIR, ARTEMIS_PAIR));

  private final Supplier<BreakableBroker> starter;
  private final Function<BreakableBroker, Map<String, String>> settings;
  private final List<TestService.Work<Message>> unreadable;

  ChaosBroker(
      Supplier<BreakableBroker> starter,
      Function<BreakableBroker, Map<String, String>> settings,
      List<TestService.Work<Message>> unreadable) {
    this.starter = starter;
    this.settings = settings;
    this.unreadable = unreadable;
  }

  /** Returns the pairing of a name such as {@code amqp-to-artemis}. */
  static ChaosBroker named(String name) {
    return valueOf(name.toUpperCase(Locale.ROOT).replace('-', '_'));
  }

  /** Returns what can be done to it. */
  Set<ChaosKind> kinds() {
    return SINGLE.contains(this) ? ChaosKind.OF_ONE_BROKER : EnumSet.allOf(ChaosKind.class);
  }

  /** Starts the broker and waits until it can be used. */
  BreakableBroker start() {
    return starter.get();
  }

  /** Returns the keys of the bridge's configuration that name the started broker. */
  Map<String, String> settings(BreakableBroker started) {
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
