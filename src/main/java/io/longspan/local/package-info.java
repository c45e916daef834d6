/**
 * What a service inside the bridge's process implements and uses: {@link
 * io.longspan.local.LocalService} and its messages. It needs nothing but the JDK. {@code
 * docs/local-services.md} shows how to write and install one.
 */
package io.longspan.local;
