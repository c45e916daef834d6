/**
 * The destination catalogue (protocol section 10): the logical names of destinations, their JMS
 * names, and who may use them. A name that could be syntax for a broker is refused.
 *
 * <p>Start with {@link io.longspan.catalogue.DestinationCatalogue}. {@link
 * io.longspan.catalogue.CatalogueSource} reloads it when its file changes.
 */
package io.longspan.catalogue;
