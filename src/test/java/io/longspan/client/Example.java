package io.longspan.client;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** The example of {@code clients/java/README.md}. */
public final class Example {
  private Example() {}

  /** Runs against a bridge whose services and topics the tests have. */
  public static void main(String[] args) throws Exception {
    ClientListener notices =
        new ClientListener() {
          @Override
          public void gap(List<MissedTopic> topics, String reason) {
            System.out.println("missed " + topics + ", " + reason);
          }
        };
    try (LongspanClient client =
        LongspanClient.builder(URI.create(args[0]))
            .user("alice", "alice")
            .listener(notices)
            .build()) {
      client.connect().join();

      SendOptions soon = SendOptions.NONE.withTimeout(Duration.ofSeconds(5));
      Message answer = client.request("services/echo", Map.of("greeting", "hello"), soon).join();
      System.out.println(answer.json());

      TopicSubscription subscription =
          client
              .subscribe(
                  List.of("prices/london/ABC", "prices/*/XYZ"),
                  message -> System.out.println(message.topic() + " " + message.text()))
              .join();
      System.out.println(subscription.failed());
      client.publish("prices/paris/XYZ", "42", SendOptions.NONE).join();
      subscription.unsubscribe().join();

      // Acknowledged when the stage completes, released if it fails.
      QueueSubscription work =
          client
              .consume(
                  "work/render",
                  QueueOptions.NONE.withPrefetch(4),
                  job -> CompletableFuture.runAsync(() -> System.out.println(job.text())))
              .join();
      work.unsubscribe().join();
    }
  }
}
