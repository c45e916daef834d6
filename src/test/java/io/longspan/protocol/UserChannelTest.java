package io.longspan.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class UserChannelTest {

  @ParameterizedTest
  @CsvSource({
    "alice, alice",
    "a/b, a~2Fb",
    "*, ~2A",
    "'**', ~2A~2A",
    "'a b', a~20b",
    "a~2Fb, a~7E2Fb",
    "bob@example.org, bob@example.org",
    "zoë, zo~C3~AB",
    "A-z_0!()$.9, A-z_0!()$.9"
  })
  void aUserNameIsOneSegmentWithoutWildcards(String user, String segment) {
    assertThat(UserChannel.encode(user)).isEqualTo(segment);
  }

  @Test
  void aSurrogatePairIsItsFourBytes() {
    assertThat(UserChannel.encode("😀")).isEqualTo("~F0~9F~98~80");
  }

  @Test
  void theChannelNamesUserAndClient() {
    assertThat(UserChannel.of("/anzo", "a/b", "1x2")).isEqualTo("/anzo/user/a~2Fb/1x2");
  }

  /** Encoded by Java alone, each half would be a question mark. */
  @Test
  void halvesOfSurrogatePairsAndAQuestionMarkAreThreeUsers() {
    assertThat(UserChannel.encode("\ud800")).isEqualTo("~ED~A0~80");
    assertThat(UserChannel.encode("\udc00")).isEqualTo("~ED~B0~80");
    assertThat(UserChannel.encode("?")).isEqualTo("~3F");
  }
}
