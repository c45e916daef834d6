/**
 * The bridge's configuration: one immutable tree of records, loaded and validated once, then
 * sealed.
 *
 * <p>A value's way: {@code YamlSource} and {@code Overrides} read texts with their origin, {@code
 * Values} reads each as the type that {@code Settings} gives its key, {@code ConfigAssembly} puts
 * the tree together and checks what concerns several keys.
 *
 * <p>Every key, its unit, range and default are listed in {@code docs/configuration.md}.
 */
package io.longspan.config;
