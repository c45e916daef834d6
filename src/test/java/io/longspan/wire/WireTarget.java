package io.longspan.wire;

/** The bridge that the tests of a protocol section use, with a broker behind it. */
interface WireTarget {

  /** Returns the bridge that all tests share, with the users and the catalogue of its class. */
  TestBridge bridge();

  /** Starts a service, which is another client of the bridge's broker. */
  TestService service();

  /** Returns a name that no other test uses. */
  static String unique(String prefix) {
    return prefix + Long.toHexString(System.nanoTime());
  }
}
