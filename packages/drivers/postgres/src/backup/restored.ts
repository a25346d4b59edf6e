import { type BackedUp, messageOf, type RestoreOutcome, rowNotBack } from '@dustpan/core/driver'
import { readable } from '../names.ts'
import { isServerError } from '../pg.ts'

/** The server's own message names constraints and keys, and its detail values: that is left out. */
export function refusedBy(backedUp: BackedUp, error: unknown): RestoreOutcome {
  if (!isServerError(error)) return rowNotBack(backedUp, messageOf(error), error)
  const constraint = readable(error.constraint ?? '')
  const why = reasons[error.code]?.(constraint) ?? (/^22/.test(error.code) ? unfit : messageOf(error))
  return rowNotBack(backedUp, `${why} (SQLSTATE ${error.code})`, error)
}

/** The server's message has the value itself. */
const unfit = 'a column does not take its value any more'

const reasons: { readonly [code: string]: (constraint: string) => string } = {
  23505: (constraint) => `another row has what must be unique (${constraint})`,
  '23P01': (constraint) => `another row is in its way (${constraint})`,
  23503: (constraint) => `what it refers to is not there (${constraint})`,
  '42P01': () => 'its table no longer exists',
  '42501': () => 'the role may not insert it',
}

/** Whether the server never said anything of it. */
export const isUnsent = (error: unknown): boolean => !isServerError(error)
