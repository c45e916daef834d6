package io.longspan.wire;

import io.longspan.config.LongspanConfig.ReplyMode;

final class AmqpToActiveMqReplyQueueWireIT extends AmqpToActiveMqWireIT {
  @Override
  public ReplyMode replies() {
    return ReplyMode.QUEUE;
  }
}
