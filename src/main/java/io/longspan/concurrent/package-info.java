/** Threads as a container wants them: named, daemons, and gone when the application has ended. */
package io.longspan.concurrent;
