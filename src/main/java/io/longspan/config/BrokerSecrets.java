package io.longspan.config;

import io.longspan.config.LongspanConfig.Provider;
import io.longspan.tls.ClientTls;
import io.longspan.tls.StoreFile;
import io.longspan.tls.TlsFileException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The keys of {@code broker.tls}, and {@code broker.passwordFile}. Reads each file once, so that a
 * wrong one stops the start; the bridge reads them again at each connect.
 */
final class BrokerSecrets {
  private static final List<Setting<?>> TLS =
      List.of(
          Settings.BROKER_TLS_TRUST_STORE,
          Settings.BROKER_TLS_TRUST_STORE_PASSWORD,
          Settings.BROKER_TLS_KEY_STORE,
          Settings.BROKER_TLS_KEY_STORE_PASSWORD,
          Settings.BROKER_TLS_VERIFY_HOSTNAME);

  private final Values values;
  private final ConfiguredFiles files;
  private final Provider provider;

  BrokerSecrets(Values values, ConfiguredFiles files, Provider provider) {
    this.values = values;
    this.files = files;
    this.provider = provider;
  }

  /** Returns the TLS settings; empty if no key of {@code broker.tls} is set. */
  Optional<ClientTls> tls() {
    Optional<Setting<?>> given = TLS.stream().filter(values::isGiven).findFirst();
    if (given.isEmpty()) {
      return Optional.empty();
    }
    if (provider == Provider.EMBEDDED) {
      throw values.refused(
          given.get(), "no value with broker.provider embedded, which has no network connection");
    }
    if (provider == Provider.NONE) {
      throw values.refused(given.get(), "no value with broker.provider none");
    }
    if (provider == Provider.JNDI) {
      throw values.refused(
          given.get(),
          "no value with broker.provider jndi; the connection factory in JNDI has its own TLS"
              + " settings");
    }
    ClientTls tls =
        new ClientTls(
            store(Settings.BROKER_TLS_TRUST_STORE, Settings.BROKER_TLS_TRUST_STORE_PASSWORD),
            store(Settings.BROKER_TLS_KEY_STORE, Settings.BROKER_TLS_KEY_STORE_PASSWORD),
            values.get(Settings.BROKER_TLS_VERIFY_HOSTNAME));
    check(Settings.BROKER_TLS_TRUST_STORE, tls::requireTrustStore);
    check(Settings.BROKER_TLS_KEY_STORE, tls::context);
    return Optional.of(tls);
  }

  private Optional<StoreFile> store(Setting<Path> file, Setting<String> password) {
    if (!values.isGiven(file) && values.isGiven(password)) {
      throw values.missing(file, file.type().allowed(), password);
    }
    return files
        .find(values, file)
        .map(path -> new StoreFile(path, values.find(password).orElse("")));
  }

  private interface Check {
    void run() throws TlsFileException;
  }

  private void check(Setting<Path> setting, Check check) {
    try {
      check.run();
    } catch (TlsFileException unusable) {
      throw values.refused(setting, setting.type().allowed() + "; " + unusable.getMessage());
    }
  }

  /** Returns the file of the password; empty if the key is not set. */
  Optional<Path> passwordFile() {
    Setting<Path> setting = Settings.BROKER_PASSWORD_FILE;
    if (!values.isGiven(setting)) {
      return Optional.empty();
    }
    if (provider == Provider.EMBEDDED) {
      throw values.refused(
          setting, "no value with broker.provider embedded, which has no accounts");
    }
    if (provider == Provider.NONE) {
      throw values.refused(setting, "no value with broker.provider none");
    }
    if (values.isGiven(Settings.BROKER_PASSWORD)) {
      throw values.refused(setting, "only one of broker.password and broker.passwordFile");
    }
    if (values.find(Settings.BROKER_USER).orElse("").isEmpty()) {
      throw values.missing(Settings.BROKER_USER, Settings.BROKER_USER.type().allowed(), setting);
    }
    Optional<Path> file = files.find(values, setting);
    try {
      SecretFile.read(file.orElseThrow());
    } catch (IOException unusable) {
      throw values.refused(setting, setting.type().allowed() + "; " + unusable.getMessage());
    }
    return file;
  }
}
