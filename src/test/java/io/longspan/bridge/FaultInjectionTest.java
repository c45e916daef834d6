package io.longspan.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.access.AccessPolicy;
import io.longspan.access.RightsChange;
import io.longspan.budget.MemoryBudget;
import io.longspan.catalogue.TopicPolicy;
import io.longspan.concurrent.InternalErrors;
import io.longspan.config.ConfigLoader;
import io.longspan.config.LongspanConfig.Replies;
import io.longspan.identity.Identity;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.ControlCommand;
import io.longspan.protocol.DestinationName;
import io.longspan.protocol.ErrorCode;
import io.longspan.protocol.MessageBody;
import io.longspan.protocol.SendCommand;
import io.longspan.signing.IdentitySigner;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The same life of a client, again and again, and each time another call of the bridge to the world
 * around it fails: whatever it is, the client's commands go on, each message has its receipt, and
 * the next client is served.
 */
final class FaultInjectionTest {
  private static final String TOPIC = "news";

  /** What a port throws. */
  enum Fault {
    EXCEPTION(() -> new IllegalStateException("injected")),
    ERROR(() -> new AssertionError("injected"));

    private final Supplier<Throwable> made;

    Fault(Supplier<Throwable> made) {
      this.made = made;
    }
  }

  /** A bridge of which one call to the world around it fails. */
  private static final class World {
    private final FakeBroker broker = new FakeBroker();
    private final List<Runnable> later = new ArrayList<>();
    private final Fault fault;
    private final int failing;
    private int calls;

    /** Whether the bridge has been made: what fails before has no client. */
    private boolean lives;

    private String failed = "nothing";
    private final BayeuxJMSBridge bridge;

    World(Fault fault, int failing) {
      this.fault = fault;
      this.failing = failing;
      Scheduler scheduler = (task, delay) -> later.add(task);
      MessageBroker guarded = port(MessageBroker.class, broker);
      bridge =
          new BayeuxJMSBridge(
              ConfigLoader.load(Optional.empty(), Map.of(), Map.of()),
              new MemoryBudget(1L << 30, 1L << 30),
              BridgeBrokers.of(
                  guarded, Map.of(), port(Scheduler.class, scheduler), BridgeMetrics.NONE),
              new BrokerRequests("bridge-1", Replies.DEFAULT, guarded, scheduler),
              port(AccessPolicy.class, new GrantingPolicy(() -> TopicPolicy.DEFAULT)),
              port(IdentitySigner.class, IdentitySigner.NONE),
              port(BridgeMetrics.class, BridgeMetrics.NONE),
              Runnable::run,
              port(Scheduler.class, scheduler),
              () -> 0);
      lives = true;
    }

    /** A port of which the call whose turn it is fails. */
    private <T> T port(Class<T> type, T real) {
      return type.cast(
          Proxy.newProxyInstance(
              type.getClassLoader(),
              new Class<?>[] {type},
              (self, method, arguments) -> {
                if (method.getDeclaringClass() == Object.class) {
                  return method.invoke(real, arguments);
                }
                if (lives && ++calls == failing) {
                  failed = type.getSimpleName() + "." + method.getName();
                  throw fault.made.get();
                }
                try {
                  return method.invoke(real, arguments);
                } catch (InvocationTargetException thrown) {
                  throw thrown.getCause();
                }
              }));
    }

    /** What is injected may come out where the caller is the transport, which answers for it. */
    private void step(Runnable step) {
      try {
        step.run();
      } catch (IllegalStateException | AssertionError injected) {
        if (!"injected".equals(injected.getMessage())) {
          throw injected;
        }
      }
    }

    private void runLater() {
      List<Runnable> due = List.copyOf(later);
      later.clear();
      // As the bridge's scheduler does.
      due.forEach(task -> InternalErrors.guard("a scheduled task", task));
    }
  }

  /** One client of a world. */
  private static final class Client {
    private final World world;
    private final RecordingChannel channel = new RecordingChannel();
    private final List<CompletableFuture<Void>> receipts = new ArrayList<>();
    private ClientSession session;
    private int commands;

    Client(World world, String user) {
      this.world = world;
      channel.self = world.port(ClientChannel.class, channel);
      world.step(
          () -> session = world.bridge.join(user, new Identity(user, Set.of()), channel.self));
    }

    private String id() {
      return "c-" + ++commands;
    }

    void connect() {
      control(new ControlCommand.Connect(id(), Optional.empty()));
    }

    void subscribe() {
      control(new ControlCommand.TopicSubscribe(id(), List.of(TOPIC), Optional.empty(), Map.of()));
    }

    void control(ControlCommand command) {
      world.step(() -> world.bridge.control(session, command));
    }

    void send() {
      SendCommand command =
          new SendCommand(
              new SendCommand.Destination(DestinationName.parse("echo")),
              new SendCommand.Headers(Optional.of(id()), Optional.empty(), 4, true, 0),
              Map.of(),
              new MessageBody.Text("x", "text"),
              0);
      world.step(
          () ->
              receipts.add(
                  world
                      .bridge
                      .send(session, () -> command, () -> Optional.of("r"))
                      .toCompletableFuture()));
    }

    boolean hears(String text) {
      return channel.texts().stream().anyMatch(message -> message.contains(text));
    }
  }

  private static void publish(World world, String text) {
    world
        .broker
        .open(TOPIC)
        .forEach(c -> world.step(() -> c.listener.accept(FakeBroker.text(TOPIC, text))));
  }

  /** A life: coming, asking, hearing, an outage, coming back, leaving. */
  private static Client live(World world) {
    world.step(world.bridge::start);
    if (world.broker.listener == null) {
      world.step(world.bridge::start);
    }
    InternalErrors.guard("a connection", world.broker.listener::brokerConnected);
    Client alice = new Client(world, "alice");
    if (alice.session == null) {
      return alice;
    }
    alice.connect();
    alice.subscribe();
    alice.send();
    publish(world, "first");
    world.broker.connected = false;
    InternalErrors.guard("an outage", world.broker.listener::brokerLost);
    alice.send();
    world.broker.connected = true;
    world.broker.consumers.forEach(c -> c.closed = true);
    InternalErrors.guard("a connection", world.broker.listener::brokerConnected);
    world.runLater();
    publish(world, "second");
    world.step(() -> world.bridge.rightsChanged(RightsChange.EVERYTHING));
    world.runLater();
    alice.send();
    return alice;
  }

  @ParameterizedTest
  @EnumSource(Fault.class)
  void aMessageThatTheBridgeFailsToDecodeIsAnInternalError(Fault fault) {
    World world = new World(fault, 0);
    Client alice = live(world);
    long errors = InternalErrors.count();
    CompletableFuture<Void> receipt =
        world
            .bridge
            .send(alice.session, () -> sneaky(fault.made.get()), () -> Optional.of("r"))
            .toCompletableFuture();
    assertThat(BridgeException.from(receipt.handle((sent, failure) -> failure).join()).code())
        .isEqualTo(ErrorCode.INTERNAL_ERROR);
    assertThat(alice.hears("\"errorCode\":\"internalError\"")).isTrue();
    assertThat(InternalErrors.count()).isEqualTo(errors + 1);
  }

  @SuppressWarnings("unchecked")
  private static <T, X extends Throwable> T sneaky(Throwable failure) throws X {
    throw (X) failure;
  }

  @ParameterizedTest
  @EnumSource(Fault.class)
  void whateverFailsTheRestGoesOn(Fault fault) {
    World sound = new World(fault, 0);
    Client unharmed = live(sound);
    assertThat(unharmed.hears("first")).isTrue();
    assertThat(unharmed.hears("second")).isTrue();
    int calls = sound.calls;
    assertThat(calls).isGreaterThan(40);
    for (int failing = 1; failing <= calls; failing++) {
      World world = new World(fault, failing);
      Client alice = live(world);
      String where = "after " + world.failed + ", call " + failing;
      assertThat(alice.receipts).as(where).allMatch(CompletableFuture::isDone);
      // What fails inside the bridge is no refusal of the broker.
      assertThat(alice.hears("sendFailed")).as(where).isFalse();
      if (alice.session != null && alice.channel.ended == null) {
        alice.control(new ControlCommand.Disconnect("the last"));
        assertThat(alice.hears("the last")).as(where).isTrue();
      }
      Client bob = new Client(world, "bob");
      bob.connect();
      bob.subscribe();
      publish(world, "third");
      bob.send();
      assertThat(bob.hears("third")).as(where).isTrue();
      assertThat(bob.receipts)
          .as(where)
          .allMatch(receipt -> receipt.isDone() && !receipt.isCompletedExceptionally());
    }
  }
}
