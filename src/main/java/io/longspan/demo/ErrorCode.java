package io.longspan.demo;

/** Reason of an error answer. The names are literal in the answer's body. */
enum ErrorCode {
  badRequest,
  forbidden,
  notFound,
  syntax,
  tooLarge,
  internal
}
