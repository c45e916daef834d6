package io.longspan.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What holds for every property name and every user's channel; a failure prints its seed. */
final class PropertyNameProperties {
  private final SendDecoder decoder = new SendDecoder(1 << 16, 1 << 16, 8);

  /** Each letter in one of the forms that Unicode has for it. */
  @Provide
  Arbitrary<String> disguised() {
    return Arbitraries.of(
            "runAsUser", "bridgeId", "bridgeClientId", "bridgeSignature", "JMSReplyTo")
        .flatMap(
            name ->
                Arbitraries.integers()
                    .between(0, 5)
                    .list()
                    .ofSize(name.length())
                    .map(
                        forms -> {
                          StringBuilder text = new StringBuilder();
                          for (int i = 0; i < name.length(); i++) {
                            text.append(disguise(name.charAt(i), forms.get(i)));
                          }
                          return text.toString();
                        }));
  }

  private static String disguise(char letter, int form) {
    return switch (form) {
      case 1 -> String.valueOf(Character.toUpperCase(letter));
      case 2 -> String.valueOf(Character.toLowerCase(letter));
      case 3 -> String.valueOf((char) (letter + 0xFEE0));
      case 4 -> letter + "\u0301";
      case 5 ->
          switch (letter) {
            case 'i' -> "\u0131";
            case 'I' -> "\u0130";
            case 's' -> "\u017f";
            default -> String.valueOf(letter);
          };
      default -> String.valueOf(letter);
    };
  }

  @Property(tries = 3000)
  void noDisguiseOfAReservedNameIsForwarded(@ForAll("disguised") String name) {
    SendCommand command =
        decoder.decode(Map.of("destination", "a", "properties", Map.of(name, "root")));
    assertThat(command.properties()).isEmpty();
    assertThat(command.stripped()).isEqualTo(1);
  }

  @Property(tries = 3000)
  void whateverIsForwardedIsAnIdentifierThatOnlyClientsSet(@ForAll String name) {
    try {
      decoder
          .decode(Map.of("destination", "a", "properties", Map.of(name, "x")))
          .properties()
          .keySet()
          .forEach(
              kept -> assertThat(Character.isJavaIdentifierStart(kept.codePointAt(0))).isTrue());
    } catch (BridgeException refusal) {
      assertThat(refusal.code()).isEqualTo(ErrorCode.BAD_REQUEST);
    }
  }

  @Property(tries = 3000)
  void twoUsersNeverShareAChannel(@ForAll String one, @ForAll String other) {
    String channel = UserChannel.encode(one);
    assertThat(channel).matches("(?:[A-Za-z0-9_!()$@.-]|~[0-9A-F]{2})*");
    if (!one.equals(other)) {
      assertThat(UserChannel.encode(other)).isNotEqualTo(channel);
    }
  }
}
