import {
  DustpanError,
  deletionWithin,
  isDustpanError,
  onlyMarked,
  onlyMarks,
  type Profile,
  type Removal,
} from '@dustpan/core/driver'
import { parseTableName, type TableName, typeOf } from '../names.ts'
import type { Settings } from '../options.ts'
import type { RowArgs, SetColumns } from './batches.ts'
import type { SqlArgs } from './sql-removal.ts'

/** The columns that mark a row as deleted, or undefined where it is deleted. */
export type SoftDeletion = (removal: Removal, table: TableName) => SetColumns | undefined

/**
 * What the options say, for the environment that removes, not the one that created, as far as its profile lets them.
 * @throws DustpanError `DUSTPAN_CONFIG_INVALID`, `DUSTPAN_PROFILE_REFUSED` where rows must only be marked, and nothing says how.
 */
export function softDeletion(
  driver: string,
  { softDelete = {}, deletion }: Settings,
  environment: string,
  profile?: Profile,
): SoftDeletion {
  const tables = new Map(Object.entries(softDelete).map(([name, set]) => [normalName(name), set]))
  const mode = deletionWithin(profile, typeof deletion === 'object' ? deletion[environment] : deletion)
  return (removal, table) => {
    if (removal.op === 'soft-delete') return (removal.args as { readonly set?: SetColumns }).set
    if (mode === 'hard') return undefined
    const set = tables.get(typeOf(table))
    if (mode === 'soft' && !set) throw unmarkable(driver, environment, table)
    if (mode === 'soft-only' && !set) throw notMarked(environment, table)
    return set
  }
}

function normalName(name: string): string {
  const { schema = 'public', table = name } = parseTableName(name) ?? {}
  return typeOf({ schema, table })
}

function unmarkable(driver: string, environment: string, table: TableName): DustpanError {
  const name = typeOf(table)
  return new DustpanError(
    'DUSTPAN_CONFIG_INVALID',
    `drivers.${driver}.options.deletion is soft in "${environment}", but softDelete does not say how rows of ${name} are marked`,
    {
      hint: `Add softDelete: { ${JSON.stringify(name)}: { deleted_at: 'now' } }, or deletion: 'hard'`,
    },
  )
}

function notMarked(environment: string, table: TableName): DustpanError {
  const name = typeOf(table)
  const hint = `Say how they are marked: softDelete: { ${JSON.stringify(name)}: { deleted_at: 'now' } }`
  return onlyMarked(environment, `Rows of ${name} are not deleted`, hint)
}

/** Why a removal is refused where rows may only be marked; undefined: it marks them. */
export const beyondMarking =
  (softly: SoftDeletion, environment: string) =>
  (removal: Removal): DustpanError | undefined => {
    if (removal.op === 'sql') return unseen(removal.args as unknown as SqlArgs, environment)
    if (removal.op === 'restore-row') return undefined
    try {
      softly(removal, tableNameOf(removal))
      return undefined
    } catch (error) {
      if (isDustpanError(error)) return error
      throw error
    }
  }

function unseen({ sql }: SqlArgs, environment: string): DustpanError | undefined {
  const hint = 'A statement that begins with UPDATE can be seen to delete nothing.'
  return onlyMarks(sql) ? undefined : onlyMarked(environment, 'The statement is not run', hint)
}

/** Without a schema, as the search path usually has it. */
export function tableNameOf(removal: Removal): TableName {
  const { schema, table } = removal.args as unknown as RowArgs
  return { schema: schema ?? 'public', table }
}
