/**
 * Coverage-guided fuzzing of what reads a client's bytes. Each target is a method that must end
 * well, or in the refusal that its callers expect, for every input.
 */
package io.longspan.fuzz;
