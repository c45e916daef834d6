/**
 * What a back end uses to check who a message is from: one public class that needs the JDK only. It
 * ships as a jar of its own and is not part of the bridge.
 */
package io.longspan.verifier;
