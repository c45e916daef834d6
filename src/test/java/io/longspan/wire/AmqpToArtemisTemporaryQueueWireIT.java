package io.longspan.wire;

import io.longspan.config.LongspanConfig.ReplyMode;

final class AmqpToArtemisTemporaryQueueWireIT extends AmqpToArtemisWireIT {
  @Override
  public ReplyMode replies() {
    return ReplyMode.TEMPORARY_QUEUE;
  }
}
