import { type BackedUp, messageOf, type RestoreOutcome } from '@dustpan/core/driver'
import { rowNotBack } from '@dustpan/core/rows'
import { readable } from '../names.ts'
import { isServerError } from '../pg.ts'

/**
 * Messages for rows that the server refuses: its own message includes constraints and keys, and its detail includes values,
 * so both are left out.
 */
export function refusedBy(backedUp: BackedUp, error: unknown): RestoreOutcome {
  if (!isServerError(error)) return rowNotBack(backedUp, messageOf(error), error)
  const constraint = readable(error.constraint ?? '')
  const why = reasons[error.code]?.(constraint) ?? (/^22/.test(error.code) ? unfit : messageOf(error))
  return rowNotBack(backedUp, `${why} (SQLSTATE ${error.code})`, error)
}

/** The server's message would include the value. */
const unfit = 'a column does not take its value any more'

const reasons: { readonly [code: string]: (constraint: string) => string } = {
  23505: (constraint) => `another row has what must be unique (${constraint})`,
  '23P01': (constraint) => `another row is in its way (${constraint})`,
  23503: (constraint) => `what it refers to is not there (${constraint})`,
  '42P01': () => 'its table no longer exists',
  '42501': () => 'the role may not insert it',
}

/** Whether the server never answered. */
export const isUnanswered = (error: unknown): boolean => !isServerError(error)
