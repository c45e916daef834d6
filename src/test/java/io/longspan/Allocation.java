package io.longspan;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** Counts what code allocates, exactly. */
public final class Allocation {
  private static final int WARM_UP = 600;
  private static final int MEASURED = 200;

  private Allocation() {}

  /**
   * Returns how many bytes a call allocates on this thread, on average of some hundred.
   *
   * @param call called some hundred times before, until what it keeps for itself has its size
   */
  public static long bytesPerCall(Runnable call) {
    repeat(call, WARM_UP);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    repeat(call, MEASURED);
    return (threads.getCurrentThreadAllocatedBytes() - before) / MEASURED;
  }

  private static void repeat(Runnable call, int times) {
    for (int i = 0; i < times; i++) {
      call.run();
    }
  }
}
