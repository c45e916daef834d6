package io.longspan.local.broker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class TopicTreeTest {
  private final TopicTree<String> tree = new TopicTree<>();

  @Test
  void aTopicFindsItselfAndThePatternsThatMatch() {
    for (String pattern : new String[] {"a/b", "a/*", "*/b", "a/**", "**", "a/b/c", "*", "b/**"}) {
      tree.add(pattern, pattern);
    }
    assertThat(tree.find("a/b")).containsExactlyInAnyOrder("a/b", "a/*", "*/b", "a/**", "**");
    assertThat(tree.find("a")).containsExactlyInAnyOrder("*", "**");
    assertThat(tree.find("a/b/c")).containsExactlyInAnyOrder("a/b/c", "a/**", "**");
    assertThat(tree.find("x/y/z")).containsExactly("**");
  }

  @Test
  void aSubscriberThatWasRemovedIsNotFoundAndOthersStay() {
    tree.add("a/b", "one");
    tree.add("a/b", "two");
    tree.add("a/b/c", "three");
    tree.remove("a/b", "one");
    tree.remove("a/b", "one");
    tree.remove("never/added", "one");
    assertThat(tree.find("a/b")).containsExactly("two");
    tree.remove("a/b", "two");
    assertThat(tree.find("a/b")).isEmpty();
    assertThat(tree.find("a/b/c")).containsExactly("three");
  }
}
