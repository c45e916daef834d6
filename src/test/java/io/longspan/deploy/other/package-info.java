/** A web application that registers a service at the bridge; it shares no class of ours. */
package io.longspan.deploy.other;
