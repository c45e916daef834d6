package io.longspan.wire;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SignatureException;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Set;

/** The verifier as a back end has it: the jar alone, with nothing beside it but the JDK. */
final class VerifierJar implements AutoCloseable {
  private static final String NAME = "io.longspan.verifier.BridgeSignatureVerifier";

  private final URLClassLoader classes;
  private final Object verifier;
  private final Constructor<?> received;

  VerifierJar(String jwks, Clock clock) {
    this(jwks, Set.of("bridge-1"), clock);
  }

  VerifierJar(String jwks, Set<String> bridges, Clock clock) {
    try {
      Path jar =
          Path.of(System.getProperty("verifier.jar", "target/longspan-verifier.jar"))
              .toAbsolutePath();
      if (!Files.isRegularFile(jar)) {
        throw new IllegalStateException(jar + " is missing: mvn jar:jar@verifier-jar makes it");
      }
      classes =
          new URLClassLoader(new URL[] {jar.toUri().toURL()}, ClassLoader.getPlatformClassLoader());
      verifier =
          classes
              .loadClass(NAME)
              .getConstructor(String.class, Set.class, Duration.class, Duration.class, Clock.class)
              .newInstance(jwks, bridges, Duration.ofMinutes(5), Duration.ofSeconds(30), clock);
      received = classes.loadClass(NAME + "$Received").getConstructors()[0];
    } catch (Exception x) {
      throw new IllegalStateException(x);
    }
  }

  /** A message as the back end describes it to the verifier. */
  record Received(
      String destination,
      String correlationId,
      String replyTo,
      Map<String, ?> properties,
      byte[] body) {}

  /** Verifies a signature; returns the sender's components by their names. */
  Map<String, Object> verify(String signature, Received message) throws SignatureException {
    try {
      Object argument =
          received.newInstance(
              message.destination(),
              message.correlationId(),
              message.replyTo(),
              message.properties(),
              message.body());
      Method verify =
          verifier.getClass().getMethod("verify", String.class, received.getDeclaringClass());
      Object sender = verify.invoke(verifier, signature, argument);
      Map<String, Object> components = new java.util.HashMap<>();
      for (var component : sender.getClass().getRecordComponents()) {
        components.put(component.getName(), component.getAccessor().invoke(sender));
      }
      return components;
    } catch (InvocationTargetException x) {
      if (x.getCause() instanceof SignatureException refusal) {
        throw refusal;
      }
      throw new IllegalStateException(x.getCause());
    } catch (ReflectiveOperationException x) {
      throw new IllegalStateException(x);
    }
  }

  @Override
  public void close() {
    try {
      classes.close();
    } catch (java.io.IOException x) {
      throw new java.io.UncheckedIOException(x);
    }
  }
}
