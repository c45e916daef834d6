package io.longspan.catalogue;

import io.longspan.catalogue.BrokerDestination.Kind;
import io.longspan.catalogue.CatalogueEntry.Granted;
import io.longspan.catalogue.TopicPolicy.Keep;
import io.longspan.catalogue.TopicPolicy.SlowConsumer;
import io.longspan.identity.Identity;
import java.util.Optional;
import java.util.Set;

/**
 * The topic of the bridge itself that shows operators what happens now. It is inside this process.
 * Every catalogue has this entry before its own ones, so no catalogue can give the topic to others.
 */
public final class FiguresTopic {
  /** The logical name of the topic. */
  public static final String NAME = "bridge/figures";

  static final CatalogueEntry ENTRY =
      new CatalogueEntry(
          NameTemplate.parse(NAME),
          Kind.TOPIC,
          BrokerDestination.LOCAL_BROKER,
          Optional.empty(),
          new Granted(Set.of()),
          new Granted(Set.of(Identity.SYSADMIN)),
          false,
          new TopicPolicy(SlowConsumer.DROP_OLDEST, Optional.empty(), Keep.NOTHING),
          SendPolicy.DEFAULT,
          new EntryDescription(Optional.of("What happens on this bridge now"), Optional.empty()),
          Optional.empty(),
          ReceivePolicy.NOBODY);

  private FiguresTopic() {}
}
