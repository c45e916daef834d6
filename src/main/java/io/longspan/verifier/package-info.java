/**
 * Verifies in a service who sent a message. The package ships as a separate jar, needs only the
 * JDK, and is not part of the bridge. Start with {@link
 * io.longspan.verifier.BridgeSignatureVerifier}.
 */
package io.longspan.verifier;
