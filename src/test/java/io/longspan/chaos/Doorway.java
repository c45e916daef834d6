package io.longspan.chaos;

import java.net.URI;

/**
 * Where a client reaches a bridge.
 *
 * @param bridgeId the bridge behind it
 * @param url its Bayeux endpoint
 */
record Doorway(String bridgeId, URI url) {}
