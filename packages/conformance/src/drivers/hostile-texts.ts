/**
 * Texts that break careless code, for names, keys and values. A store that accepts no NUL, or no text this long, leaves these
 * out.
 */
export const hostileTexts: readonly string[] = [
  `'; DROP TABLE things; --`,
  `" OR ""="`,
  '`; DELETE FROM things; `',
  '\\',
  `$1 {id} %s $\{x} :id ? @p1`,
  '{"$gt": ""}',
  '*',
  '?[a-z]*',
  'a b\tc\r\nd',
  ' leading and trailing ',
  '%_',
  'NULL',
  '0',
  '../../etc/passwd',
  '__proto__',
  'ünï©ödé 漢字 😀 \u0301',
  '\u202Ereversed',
]

/** A text of exactly this length. */
export const longText = (length: number): string => 'long '.repeat(Math.ceil(length / 5)).slice(0, length)
