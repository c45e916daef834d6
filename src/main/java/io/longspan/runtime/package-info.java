/**
 * The composition root: builds the bridge from its configuration, connects its parts, and stops
 * them. Start with {@link io.longspan.runtime.BridgeRuntime}.
 */
package io.longspan.runtime;
