/**
 * The forms in which services expect the headers of a message (protocol section 14). {@link
 * io.longspan.envelope.Envelope} is the port; it knows neither the broker nor the catalogue.
 */
package io.longspan.envelope;
