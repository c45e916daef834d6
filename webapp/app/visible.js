/**
 * Texts that somebody else chose, such as the names of users, so that no two of them look alike by characters that show
 * nothing or reorder what stands beside them.
 */

/** Controls, format and unassigned characters, what a font need not show, spaces other than single ones between words. */
const HIDDEN =
  /[\p{C}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}\u2800]|(?! )\p{Zs}|^ | $| (?= )|\\(?=u\{)/gu;

/** Scripts that are written from right to left. */
const RIGHT_TO_LEFT =
  /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/** The text with each hidden character as an escape such as \u{202E}. @param {string} text */
export const visible = (text) =>
  text.replace(
    HIDDEN,
    (hidden) => `\\u{${(hidden.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}}`,
  );

/** Characters that reorder others, and controls other than the ends of lines and tabs. */
const REORDERING = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]|(?![\n\r\t])\p{Cc}/gu;

/** A text of any length, as {@link visible}; what writing systems need, joiners and spaces, stays. @param {string} text */
export const marked = (text) =>
  text.replace(
    REORDERING,
    (hidden) => `\\u{${(hidden.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}}`,
  );

/** The same, within a sentence that must keep its order. @param {string} text */
export const quoted = (text) =>
  RIGHT_TO_LEFT.test(text) ? `\u2068${visible(text)}\u2069` : visible(text);
