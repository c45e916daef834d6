package io.longspan.runtime;

import io.longspan.bridge.BrokerStatus;
import java.util.LinkedHashMap;
import java.util.Map;

/** What operators are shown of a broker, as the members of a JSON object. */
public final class BrokerFields {
  private BrokerFields() {}

  /** Returns a new map, to which the caller may add. Any thread; never blocks. */
  public static Map<String, Object> of(BrokerStatus broker) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("name", broker.name());
    fields.put("connected", broker.isConnected());
    broker.address().ifPresent(address -> fields.put("address", address));
    broker.trouble().ifPresent(trouble -> fields.put("trouble", trouble));
    return fields;
  }
}
