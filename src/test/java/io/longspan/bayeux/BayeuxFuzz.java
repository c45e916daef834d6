package io.longspan.bayeux;

import io.longspan.config.ConfigLoader;
import io.longspan.config.LongspanConfig.Limits;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.ControlDecoder;
import io.longspan.protocol.ErrorCode;
import io.longspan.protocol.SendCommand;
import io.longspan.protocol.SendDecoder;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.cometd.bayeux.server.ServerMessage;

/** A request's bytes, through the same JSON codec, envelope check and decoders as at the wire. */
public final class BayeuxFuzz {
  private static final Limits LIMITS =
      ConfigLoader.load(Optional.empty(), Map.of("longspan.limits.messageBytes", "4KiB"), Map.of())
          .limits();
  private static final LimitedJsonContext JSON = new LimitedJsonContext(LIMITS);
  private static final ControlDecoder CONTROL = new ControlDecoder();
  private static final SendDecoder SEND =
      new SendDecoder(LIMITS.messageBytes(), LIMITS.propertyBytes(), LIMITS.jsonDepth());
  private static final Set<String> BRIDGE_ONLY =
      Set.of("RUNASUSER", "BRIDGEID", "BRIDGECLIENTID", "BRIDGESIGNATURE", "BODYFORMAT");

  private BayeuxFuzz() {}

  /** Called by the fuzzer. */
  public static void fuzzerTestOneInput(byte[] input) {
    List<ServerMessage.Mutable> messages;
    try {
      messages = parse(new String(input, StandardCharsets.UTF_8));
    } catch (ParseException notJson) {
      return;
    }
    if (BayeuxEnvelope.isWellFormed(messages)) {
      messages.forEach(BayeuxFuzz::handle);
    }
  }

  private static List<ServerMessage.Mutable> parse(String text) throws ParseException {
    return JSON.parse(text);
  }

  private static void handle(ServerMessage.Mutable message) {
    // What CometD reads, and casts.
    message.getChannel();
    message.getClientId();
    message.getId();
    message.getExt();
    message.getAdvice();
    Object data = message.getData();
    try {
      CONTROL.correlationIdOf(data);
      CONTROL.decode(data);
    } catch (BridgeException refusal) {
      requireCode(refusal);
    }
    try {
      SEND.correlationIdOf(data);
      check(SEND.decode(data));
    } catch (BridgeException refusal) {
      requireCode(refusal);
    }
  }

  private static void requireCode(BridgeException refusal) {
    if (refusal.code() == ErrorCode.INTERNAL_ERROR || refusal.getMessage().isEmpty()) {
      throw new AssertionError("a refusal without its reason", refusal);
    }
  }

  private static void check(SendCommand command) {
    command
        .properties()
        .forEach(
            (name, value) -> {
              String upper = name.toUpperCase(Locale.ROOT);
              if (BRIDGE_ONLY.contains(upper) || upper.startsWith("JMS") || upper.isEmpty()) {
                throw new AssertionError("kept " + name);
              }
              if (!(value instanceof String || value instanceof Number || value instanceof Boolean)
                  || value.equals(Double.POSITIVE_INFINITY)) {
                throw new AssertionError("kept a value of " + value.getClass());
              }
            });
    if (command.body().size() > LIMITS.messageBytes()) {
      throw new AssertionError("a body of " + command.body().size());
    }
  }
}
