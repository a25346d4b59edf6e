/** Decides whether rows are deleted or only marked, from a driver's options, the environment's profile and the removal itself. */
import { DustpanError, isDustpanError } from '../errors/dustpan-error.ts'
import { deletionWithin, rowsOnlyMarked, statementNotRun } from '../options/deletion.ts'
import type { RowOptions } from '../options/row-options.ts'
import type { Profile } from '../resource/profile.ts'
import type { Removal } from '../resource/resource.ts'
import type { SetColumns, SqlArgs } from './sql-removals.ts'

/** The columns that mark a row as deleted; undefined: it is deleted. */
export type MarksOf<Table> = (removal: Removal, table: Table) => SetColumns | undefined

/** A driver's options for marking. */
export interface MarkedTables<Table> {
  readonly deletion: RowOptions['deletion'] | undefined
  setFor(table: Table): SetColumns | undefined
  /** Its name in the option `softDelete`. */
  nameOf(table: Table): string
}

/** The driver and environment that remove. */
export interface MarkedWhere {
  readonly driver: string
  readonly environment: string
  readonly profile: Profile | undefined
}

/**
 * Applies the options for the environment that removes (not the one that created), within its profile.
 * @throws DustpanError `DUSTPAN_CONFIG_INVALID`, `DUSTPAN_PROFILE_REFUSED` if rows may only be marked, and the options do not say how.
 */
export function marksOf<Table>(
  { deletion, setFor, nameOf }: MarkedTables<Table>,
  { driver, environment, profile }: MarkedWhere,
): MarksOf<Table> {
  const mode = deletionWithin(profile, typeof deletion === 'object' ? deletion[environment] : deletion)
  return (removal, table) => {
    if (removal.op === 'soft-delete') return (removal.args as { readonly set?: SetColumns }).set
    if (mode === 'hard') return undefined
    const set = setFor(table)
    if (mode === 'soft' && !set) throw unmarkable(driver, environment, nameOf(table))
    if (mode === 'soft-only' && !set) throw rowsOnlyMarked(environment, nameOf(table))
    return set
  }
}

function unmarkable(driver: string, environment: string, table: string): DustpanError {
  return new DustpanError(
    'DUSTPAN_CONFIG_INVALID',
    `drivers.${driver}.options.deletion is soft in "${environment}", but softDelete does not say how rows of ${table} are marked`,
    { hint: `Add softDelete: { ${JSON.stringify(table)}: { deleted_at: 'now' } }, or deletion: 'hard'` },
  )
}

/** Why a removal is refused where rows may only be marked; undefined: it marks them, or restores one. */
export const beyondMarking =
  <Table>(marks: MarksOf<Table>, environment: string, tableOf: (removal: Removal) => Table) =>
  (removal: Removal): DustpanError | undefined => {
    if (removal.op === 'sql') return statementNotRun((removal.args as unknown as SqlArgs).sql, environment)
    if (removal.op === 'restore-row') return undefined
    try {
      marks(removal, tableOf(removal))
      return undefined
    } catch (error) {
      if (isDustpanError(error)) return error
      throw error
    }
  }
