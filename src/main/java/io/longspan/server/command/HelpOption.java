package io.longspan.server.command;

import picocli.CommandLine.Option;

/** The option {@code --help}. */
final class HelpOption {
  @Option(names = "--help", usageHelp = true, description = "shows this and exits")
  private boolean asked;
}
