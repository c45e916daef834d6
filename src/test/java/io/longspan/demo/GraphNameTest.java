package io.longspan.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GraphNameTest {

  @Test
  void everyByteThatIsNotUnreservedIsEscaped() {
    assertThat(GraphName.topic("http://x.org/a-_.~?ü#(*>)"))
        .isEqualTo("namedgraphs/(http%3A%2F%2Fx.org%2Fa-_.~%3F%C3%BC%23%28%2A%3E%29)");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"urn:x:y", "https://example.org/ü?a=%20b#c", "urn:x:𝄞", "http://x/y#a*b"})
  void aTopicLeadsBackToItsGraph(String uri) {
    assertThat(GraphName.of(uri).getURI()).isEqualTo(uri);
    assertThat(GraphName.ofTopic(GraphName.topic(uri))).contains(uri);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "a b:c", "urn:x y", "<urn:x>", "http://[", "//host/x"})
  void whatIsNoAbsoluteUriIsABadRequest(String uri) {
    assertThatThrownBy(() -> GraphName.of(uri))
        .isInstanceOfSatisfying(
            ServiceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.badRequest));
  }

  @Test
  void aNameMayBeAsLongAsItsTopicCanBeSubscribedTo() {
    assertThat(GraphName.of("urn:" + "x".repeat(492)).isURI()).isTrue();
    assertThatThrownBy(() -> GraphName.of("urn:" + "x".repeat(493)))
        .isInstanceOf(ServiceException.class);
  }
}
