/**
 * Accounts of memory: the process, each user, strangers in all and by address. Everything that
 * holds or queues something on somebody's behalf charges an account first.
 */
package io.longspan.budget;
