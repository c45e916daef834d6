package io.longspan.deploy;

/** How a container's bridge is told where its configuration is. */
enum ConfigurationName {
  SYSTEM_PROPERTY,
  ENVIRONMENT,
  CONTEXT_PARAMETER
}
