import type { Reading } from '../sql/read-statements.ts'

/**
 * Whether a text may replace existing rows: the marking trigger sees replacements as new rows, so an unrelated row would carry
 * the run's mark. True if unknown.
 */
export function mayReplace({ statements, unreadable }: Reading, text: string): boolean {
  const onlyInserts = statements.every((one) => one.kind === 'insert' && one.verb === 'INSERT')
  return (unreadable !== undefined || !onlyInserts) && replacing.test(text)
}

const replacing = /\b(?:replace|call|execute)\b/i
