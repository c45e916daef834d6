/**
 * The bridge's configuration: one immutable tree of records, loaded and validated once at the
 * start.
 *
 * <p>Start reading at {@link io.longspan.config.ConfigLoader}. {@code YamlSource} and {@code
 * Overrides} read texts and remember their origin. {@code Values} converts each text to the type
 * that {@code Settings} declares for its key. {@code ConfigAssembly} builds {@link
 * io.longspan.config.LongspanConfig} and validates what concerns several keys.
 *
 * <p>{@code docs/configuration.md} lists every key with its unit, range and default.
 */
package io.longspan.config;
