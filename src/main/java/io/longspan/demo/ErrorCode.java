package io.longspan.demo;

/** Why a demo service refused a request; the names are literal in the error's body. */
enum ErrorCode {
  badRequest,
  forbidden,
  notFound,
  syntax,
  tooLarge,
  internal
}
