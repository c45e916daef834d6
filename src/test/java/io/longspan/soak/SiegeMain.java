package io.longspan.soak;

import java.net.URI;
import java.util.List;
import java.util.stream.Stream;

/**
 * The attackers as a program of its own, which runs until it is told to end and then says what it
 * did: a line of {@code attack}, name and tally for each, and a line of {@code broken} for each
 * that failed by itself, with tabs between.
 */
final class SiegeMain {
  private SiegeMain() {}

  public static void main(String[] arguments) throws InterruptedException {
    Target target = new Target(URI.create(arguments[0]), Integer.parseInt(arguments[1]));
    String only = arguments.length > 2 ? arguments[2] : "";
    Siege siege =
        new Siege(
            target,
            Stream.of(Strangers.attacks(), Hoarders.attacks(), Flooders.attacks())
                .flatMap(List::stream)
                .filter(attack -> attack.name().contains(only))
                .toList());
    Runtime.getRuntime().addShutdownHook(new Thread(() -> end(siege)));
    System.out.println("the siege has begun");
    Thread.currentThread().join();
  }

  private static void end(Siege siege) {
    siege.close();
    siege.tally().forEach((name, text) -> System.out.println("attack\t" + name + '\t' + text));
    siege.broken().forEach(line -> System.out.println("broken\t" + line));
  }
}
