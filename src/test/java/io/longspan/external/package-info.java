/**
 * Longspan with brokers in processes of their own, run as its users run it, and with services that
 * are written by others.
 */
package io.longspan.external;
