package io.longspan.chaos;

import java.util.function.Function;

/**
 * How one kind of event is carried out.
 *
 * @param target to what it is done; nothing else is done to it meanwhile
 * @param name names the target in the log of the run
 * @param work does it and undoes it again; blocks for as long as the event lasts
 */
record Action(
    Function<ChaosPlan.Event, ?> target, Function<ChaosPlan.Event, String> name, Work work) {
  /** What an action does. */
  @FunctionalInterface
  interface Work {
    void perform(ChaosPlan.Event event) throws Exception;
  }
}
