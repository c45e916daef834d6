package io.longspan.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TraceContextTest {
  private static final String PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

  @ParameterizedTest
  @ValueSource(
      strings = {
        PARENT,
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00",
        "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-comes-later",
        "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
      })
  void aParentIsRecognised(String parent) {
    assertThat(TraceContext.isParent(parent)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "trace",
        PARENT + "-",
        PARENT + "0",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01x",
        "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\n"
      })
  void anythingElseIsNone(String parent) {
    assertThat(TraceContext.isParent(parent)).isFalse();
  }

  @Test
  void aStateHasEntriesAndABound() {
    assertThat(TraceContext.isState("")).isTrue();
    assertThat(TraceContext.isState("congo=t61rcWkgMzE, rojo=00f067aa0ba902b7,,a@b=x")).isTrue();
    assertThat(TraceContext.isState("a=" + "x".repeat(256))).isTrue();
    assertThat(TraceContext.isState("a=1" + ",a=1".repeat(31))).isTrue();
    assertThat(TraceContext.isState("a=1" + ",a=1".repeat(32))).isFalse();
    assertThat(TraceContext.isState("a=" + "x".repeat(257))).isFalse();
    assertThat(TraceContext.isState("a=1,".repeat(32) + "b=" + "x".repeat(400))).isFalse();
    assertThat(TraceContext.isState("no entry")).isFalse();
    assertThat(TraceContext.isState("a=é")).isFalse();
    assertThat(TraceContext.isState("A=1")).isFalse();
    assertThat(TraceContext.isState("a=1\r\nX: y")).isFalse();
  }

  private static Map<String, Object> cleaned(int removed, Object... namesAndValues) {
    Map<String, Object> properties = new HashMap<>(Map.of("n", 1));
    for (int i = 0; i < namesAndValues.length; i += 2) {
      properties.put((String) namesAndValues[i], namesAndValues[i + 1]);
    }
    assertThat(TraceContext.removeInvalid(properties)).isEqualTo(removed);
    return properties;
  }

  @Test
  void onlyAValidContextStays() {
    assertThat(cleaned(0)).containsOnlyKeys("n");
    assertThat(cleaned(0, "traceparent", PARENT, "tracestate", "a=1"))
        .containsOnlyKeys("n", "traceparent", "tracestate");
    assertThat(cleaned(1, "traceparent", PARENT, "tracestate", 5))
        .containsOnlyKeys("n", "traceparent");
    assertThat(cleaned(2, "traceparent", "x", "tracestate", "a=1")).containsOnlyKeys("n");
    assertThat(cleaned(1, "traceparent", true)).containsOnlyKeys("n");
    assertThat(cleaned(1, "tracestate", "a=1")).containsOnlyKeys("n");
  }
}
