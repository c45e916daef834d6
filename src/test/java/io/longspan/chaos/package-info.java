/**
 * Two bridges and a broker that are cut, frozen, killed and restarted at random while many clients
 * keep account of every message; see {@link io.longspan.chaos.ChaosIT}.
 */
package io.longspan.chaos;
