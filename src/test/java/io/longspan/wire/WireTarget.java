package io.longspan.wire;

import io.longspan.config.LongspanConfig.ReplyMode;
import java.util.Map;

/** The bridge that the tests of a protocol section use, with a broker behind it. */
interface WireTarget {

  /** Returns the bridge that all tests share, with the users and the catalogue of its class. */
  TestBridge bridge();

  /** Returns the settings of the bridge, with which a test can start another one. */
  Map<String, String> settings();

  /** Returns how answers come back to the bridge. */
  ReplyMode replies();

  /** Starts a service, which is another client of the bridge's broker. */
  TestService service();

  /** Returns a name that no other test uses. */
  static String unique(String prefix) {
    return prefix + Long.toHexString(System.nanoTime());
  }
}
