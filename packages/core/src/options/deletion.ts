/** Decides whether rows are deleted or marked, from a driver's own option and the environment's profile. */
import { DustpanError } from '../errors/dustpan-error.ts'
import type { Profile } from '../resource/profile.ts'

/**
 * `hard`: deleted; `where-configured`: marked where the options say how, else deleted; `soft`: marked, with an error where the
 * options do not say how; `soft-only`: marked, and refused where the options do not say how.
 */
export type DeletionMode = 'hard' | 'where-configured' | 'soft' | 'soft-only'

/** The option may be softer than the profile, never harder. */
export function deletionWithin(
  { deletion }: Pick<Profile, 'deletion'> = { deletion: 'configured' },
  option?: 'hard' | 'soft',
): DeletionMode {
  return modes[deletion][option ?? 'none']
}

const modes: Readonly<Record<Profile['deletion'], Readonly<Record<'hard' | 'soft' | 'none', DeletionMode>>>> = {
  configured: { hard: 'hard', soft: 'soft', none: 'where-configured' },
  hard: { hard: 'hard', soft: 'soft', none: 'hard' },
  soft: { hard: 'where-configured', soft: 'soft', none: 'where-configured' },
  'soft-only': { hard: 'soft-only', soft: 'soft-only', none: 'soft-only' },
}

/** For a removal that would delete although resources may only be marked; `what` names the removal. */
export function onlyMarked(environment: string, what: string, hint: string): DustpanError {
  return new DustpanError(
    'DUSTPAN_PROFILE_REFUSED',
    `${what}: the profile of ${JSON.stringify(environment)} has deletion: 'soft-only', so resources may only be marked as deleted.`,
    { hint },
  )
}

/** For a table without a setting for how its rows are marked. */
export function rowsOnlyMarked(environment: string, table: string): DustpanError {
  const hint = `Say how they are marked: softDelete: { ${JSON.stringify(table)}: { deleted_at: 'now' } }`
  return onlyMarked(environment, `Rows of ${table} are not deleted`, hint)
}

/** For a user's own statement; undefined: it certainly deletes nothing. */
export function statementNotRun(sql: string, environment: string): DustpanError | undefined {
  const hint = 'A statement that begins with UPDATE is known to delete nothing.'
  return /^\s*update\b/i.test(sql) ? undefined : onlyMarked(environment, 'The statement is not run', hint)
}
