/**
 * Memory accounts: one for the process, one for each user, and separate ones for strangers. A
 * stranger is a connection whose user is not known yet.
 *
 * <p>Code that holds or queues bytes for somebody charges an account first, and releases the bytes
 * later.
 */
package io.longspan.budget;
