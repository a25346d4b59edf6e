import { DustpanError, type Removal } from '@dustpan/core/driver'
import { parseTableName, type TableName, typeOf } from '../names.ts'
import type { Settings } from '../options.ts'
import type { SetColumns } from './batches.ts'

/** The columns that mark a row as deleted, or undefined where it is deleted. */
export type SoftDeletion = (removal: Removal, table: TableName) => SetColumns | undefined

/**
 * What the options say, for the environment that removes, not the one that created.
 * @throws DustpanError `DUSTPAN_CONFIG_INVALID` where rows must only be marked, and nothing says how.
 */
export function softDeletion(
  driver: string,
  { softDelete = {}, deletion }: Settings,
  environment: string,
): SoftDeletion {
  const tables = new Map(Object.entries(softDelete).map(([name, set]) => [normalName(name), set]))
  const chosen = typeof deletion === 'object' ? deletion[environment] : deletion
  return (removal, table) => {
    if (removal.op === 'soft-delete') return (removal.args as { readonly set?: SetColumns }).set
    if (chosen === 'hard') return undefined
    const set = tables.get(typeOf(table))
    if (chosen === 'soft' && !set) throw unmarkable(driver, environment, table)
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
