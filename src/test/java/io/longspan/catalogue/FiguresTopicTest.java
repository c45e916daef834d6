package io.longspan.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.catalogue.BrokerDestination.Kind;
import io.longspan.identity.Identity;
import io.longspan.protocol.DestinationName;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class FiguresTopicTest {
  private static final Identity OPERATOR = new Identity("carol", Set.of("sysadmin"));
  private static final Identity USER = new Identity("bob", Set.of("editor"));

  /** Entries that a careless or hostile author of a catalogue could write. */
  private static final DestinationCatalogue GENEROUS =
      new CatalogueParser()
          .parse(
              "destinations: [{name: '{all...}', kind: topic, send: ['*'], subscribe: ['*']},"
                  + " {name: '{a}/{b}', kind: local, send: ['*'], subscribe: ['*'], wildcards:"
                  + " true}]");

  private static NameReport report(Identity who, String name) {
    return NameReport.of(GENEROUS, who, name);
  }

  @Test
  void onlyOperatorsMaySubscribeWhateverTheCatalogueSays() {
    assertThat(report(USER, FiguresTopic.NAME).allowed()).isFalse();
    NameReport operator = report(OPERATOR, FiguresTopic.NAME);
    assertThat(operator.destination())
        .contains(new BrokerDestination(Kind.TOPIC, FiguresTopic.NAME, false, "local"));
    assertThat(operator.rights())
        .extracting(right -> right.right() + " " + right.decision())
        .containsExactly("send REFUSED", "subscribe GRANTED");
  }

  @Test
  void noPatternReachesIt() {
    DestinationCatalogue local =
        new CatalogueParser()
            .parse(
                "destinations: [{name: '{a}/{b}', kind: local, subscribe: ['*'], wildcards: true}]");
    for (String pattern : new String[] {"*/figures", "bridge/*", "*/*", "**"}) {
      assertThat(local.logicalName(USER, DestinationName.parsePattern(pattern), FiguresTopic.NAME))
          .as(pattern)
          .isEmpty();
    }
  }

  @Test
  void onlyOperatorsAreToldOfIt() {
    assertThat(GENEROUS.describe(OPERATOR))
        .extracting(DestinationDescription::name)
        .contains(FiguresTopic.NAME);
    assertThat(GENEROUS.describe(USER))
        .extracting(DestinationDescription::name)
        .doesNotContain(FiguresTopic.NAME);
  }
}
