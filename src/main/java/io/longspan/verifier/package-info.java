/**
 * What a back end takes to check who a message is from: one class, which needs nothing but the JDK.
 * It ships as a jar of its own and is no part of the bridge.
 */
package io.longspan.verifier;
