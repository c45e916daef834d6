package io.longspan.config;

import io.longspan.tls.ServerTls;
import io.longspan.tls.TlsFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The keys of {@code http.tls}. Reads both files once, so that wrong ones stop the start; the
 * server reads them again when they change.
 */
final class HttpsFiles {
  private static final Setting<Path> CERTIFICATE = Settings.HTTP_TLS_CERTIFICATE;
  private static final Setting<Path> KEY = Settings.HTTP_TLS_KEY;

  private final Values values;
  private final ConfiguredFiles files;

  HttpsFiles(Values values, ConfiguredFiles files) {
    this.values = values;
    this.files = files;
  }

  /** Returns the files; empty if neither key is set. */
  Optional<ServerTls> tls() {
    Optional<Path> certificate = files.find(values, CERTIFICATE);
    Optional<Path> key = files.find(values, KEY);
    if (certificate.isEmpty() && key.isEmpty()) {
      return Optional.empty();
    }
    if (certificate.isEmpty()) {
      throw values.missing(CERTIFICATE, CERTIFICATE.type().allowed(), KEY);
    }
    if (key.isEmpty()) {
      throw values.missing(KEY, KEY.type().allowed(), CERTIFICATE);
    }
    ServerTls tls = new ServerTls(certificate.get(), key.get());
    check(CERTIFICATE, tls::chain);
    check(KEY, tls::identity);
    return Optional.of(tls);
  }

  private interface Check {
    Object run() throws TlsFileException;
  }

  private void check(Setting<Path> setting, Check check) {
    try {
      check.run();
    } catch (TlsFileException unusable) {
      throw values.refused(setting, setting.type().allowed() + "; " + unusable.getMessage());
    }
  }
}
