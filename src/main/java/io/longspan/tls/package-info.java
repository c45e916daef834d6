/**
 * TLS towards servers that the bridge connects to, and of the embedded server: certificates and
 * keys from files, and the cause of a failed handshake in words.
 *
 * <p>Start reading at {@link io.longspan.tls.ClientTls} and {@link io.longspan.tls.ServerTls}.
 * Nothing here reads or changes settings of the whole JVM.
 */
package io.longspan.tls;
