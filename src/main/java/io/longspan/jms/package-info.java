/**
 * The JMS edge: one shared connection that is watched and made anew, sender lanes and consumer
 * lanes on it, the message codec, and one small class per provider. {@code jakarta.jms} is imported
 * here only; {@code docs/concurrency.md} says which thread does what.
 */
package io.longspan.jms;
