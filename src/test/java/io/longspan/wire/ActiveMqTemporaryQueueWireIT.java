package io.longspan.wire;

import io.longspan.config.LongspanConfig.ReplyMode;

final class ActiveMqTemporaryQueueWireIT extends ActiveMqWireIT {
  @Override
  public ReplyMode replies() {
    return ReplyMode.TEMPORARY_QUEUE;
  }
}
