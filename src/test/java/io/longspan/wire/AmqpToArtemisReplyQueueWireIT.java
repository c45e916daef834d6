package io.longspan.wire;

import io.longspan.config.LongspanConfig.ReplyMode;

final class AmqpToArtemisReplyQueueWireIT extends AmqpToArtemisWireIT {
  @Override
  public ReplyMode replies() {
    return ReplyMode.QUEUE;
  }
}
