/** What {@link io.longspan.external.DroppedInJar} packs into a jar of its own. */
package io.longspan.external.dropin;
