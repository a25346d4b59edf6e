import type { Reading } from './read-statements.ts'

/**
 * Whether a text may put rows in the place of others, which the trigger that marks rows takes for new ones: somebody else's row would carry
 * the run's mark then. In doubt it may.
 */
export function mayReplace({ statements, unreadable }: Reading, text: string): boolean {
  const onlyInserts = statements.every((one) => one.kind === 'insert' && one.verb === 'INSERT')
  return (unreadable !== undefined || !onlyInserts) && replacing.test(text)
}

const replacing = /\b(?:replace|call|execute)\b/i
