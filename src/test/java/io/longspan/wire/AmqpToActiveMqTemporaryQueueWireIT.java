package io.longspan.wire;

import io.longspan.config.LongspanConfig.ReplyMode;

final class AmqpToActiveMqTemporaryQueueWireIT extends AmqpToActiveMqWireIT {
  @Override
  public ReplyMode replies() {
    return ReplyMode.TEMPORARY_QUEUE;
  }
}
