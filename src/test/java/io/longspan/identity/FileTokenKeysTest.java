package io.longspan.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.jwk.JWKMatcher;
import io.longspan.config.ConfigException;
import io.longspan.wire.TokenIssuer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file of keys that changes. */
final class FileTokenKeysTest {
  @TempDir private Path folder;
  private long changes;

  private Path write(String text) throws IOException {
    Path file = Files.writeString(folder.resolve("issuer.jwks"), text);
    // Two writes may fall into one tick of the file system's clock.
    return Files.setLastModifiedTime(file, FileTime.fromMillis(1_000_000L * ++changes));
  }

  private static boolean knows(TokenKeys keys, String kid) {
    return !keys.matching(new JWKMatcher.Builder().keyID(kid).build()).isEmpty();
  }

  @Test
  void newKeysAreTakenAndOldOnesLetGo() throws IOException {
    FileTokenKeys keys = new FileTokenKeys(write(TokenIssuer.jwks(TokenIssuer.RSA)));
    assertThat(knows(keys, "rsa-1")).isTrue();
    write(TokenIssuer.jwks(TokenIssuer.EC));
    keys.refresh();
    assertThat(knows(keys, "ec-1")).isTrue();
    assertThat(knows(keys, "rsa-1")).isFalse();
  }

  @Test
  void aBrokenFileOrNoneChangesNothing() throws IOException {
    FileTokenKeys keys = new FileTokenKeys(write(TokenIssuer.jwks(TokenIssuer.RSA)));
    String ec = TokenIssuer.jwks(TokenIssuer.EC);
    for (String broken :
        new String[] {"", ec.substring(0, 40), "{\"keys\":[]}", ec + " ".repeat(256 << 10)}) {
      write(broken);
      keys.refresh();
      assertThat(knows(keys, "rsa-1")).isTrue();
      assertThat(knows(keys, "ec-1")).isFalse();
    }
    Files.delete(folder.resolve("issuer.jwks"));
    keys.refresh();
    assertThat(knows(keys, "rsa-1")).isTrue();
    write(ec);
    keys.refresh();
    assertThat(knows(keys, "ec-1")).isTrue();
  }

  @Test
  void aFileThatStaysBrokenWithdrawsItsKeysAfterAMinute() throws IOException {
    AtomicLong now = new AtomicLong();
    FileTokenKeys keys = new FileTokenKeys(write(TokenIssuer.jwks(TokenIssuer.RSA)), now::get);
    write("{\"keys\":");
    keys.refresh();
    now.addAndGet(FileTokenKeys.BROKEN_NANOS - 1);
    keys.refresh();
    assertThat(knows(keys, "rsa-1")).isTrue();
    now.addAndGet(1);
    keys.refresh();
    assertThat(knows(keys, "rsa-1")).isFalse();
    assertThat(keys.failures()).isEqualTo(3);
    write(TokenIssuer.jwks(TokenIssuer.RSA));
    keys.refresh();
    assertThat(knows(keys, "rsa-1")).isTrue();
    // The minute begins anew.
    Files.delete(folder.resolve("issuer.jwks"));
    keys.refresh();
    assertThat(knows(keys, "rsa-1")).isTrue();
  }

  /** The second half may be written within the same tick of the file system's clock. */
  @Test
  void aHalfWrittenFileIsTriedAgainThoughItsAttributesStay() throws IOException {
    String ec = TokenIssuer.jwks(TokenIssuer.EC);
    FileTokenKeys keys = new FileTokenKeys(write(TokenIssuer.jwks(TokenIssuer.RSA)));
    Path file = write(ec.substring(0, 40) + " ".repeat(ec.length() - 40));
    FileTime tick = Files.getLastModifiedTime(file);
    keys.refresh();
    assertThat(knows(keys, "rsa-1")).isTrue();
    Files.writeString(file, ec);
    Files.setLastModifiedTime(file, tick);
    keys.refresh();
    assertThat(knows(keys, "ec-1")).isTrue();
    assertThat(knows(keys, "rsa-1")).isFalse();
  }

  @Test
  void atTheStartThereHasToBeAKey() throws IOException {
    Path file = write("{\"keys\":[]}");
    assertThatThrownBy(() -> new FileTokenKeys(file))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("tokens.keys");
  }
}
