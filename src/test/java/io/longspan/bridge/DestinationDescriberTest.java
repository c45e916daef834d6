package io.longspan.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.longspan.catalogue.DestinationDescription;
import io.longspan.identity.Identity;
import io.longspan.protocol.Notice;
import io.longspan.protocol.PayloadEncoder;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class DestinationDescriberTest {
  private static final Identity ALICE = new Identity("alice", Set.of());

  private static Notice.Described describe(int entries, int schemaCharacters) {
    List<DestinationDescription> all =
        IntStream.range(0, entries)
            .mapToObj(
                i ->
                    new DestinationDescription(
                        "services/" + i,
                        "queue",
                        List.of(DestinationDescription.SEND),
                        List.of(),
                        false,
                        false,
                        false,
                        Optional.empty(),
                        Optional.of(
                            JsonNodeFactory.instance
                                .objectNode()
                                .put("title", "x".repeat(schemaCharacters)))))
            .toList();
    return new DestinationDescriber(user -> all, 8 << 20).describe(ALICE, "d-1");
  }

  @Test
  void aSmallCatalogueIsDescribedCompletely() {
    Notice.Described answer = describe(10, 100);
    assertThat(answer.complete()).isTrue();
    assertThat(answer.destinations()).hasSize(10).allMatch(d -> d.containsKey("schema"));
  }

  @Test
  void largeSchemasAreLeftOutBeforeEntries() {
    Notice.Described answer = describe(10, 100_000);
    assertThat(answer.complete()).isFalse();
    assertThat(answer.destinations()).hasSize(10);
    assertThat(answer.destinations().stream().filter(d -> d.containsKey("schema"))).hasSize(2);
  }

  @Test
  void anAnswerIsBounded() {
    Notice.Described answer = describe(100_000, 10);
    assertThat(answer.complete()).isFalse();
    assertThat(new PayloadEncoder().encode(answer).size())
        .isLessThan(DestinationDescriber.MAX_CHARACTERS + 1000);
  }
}
