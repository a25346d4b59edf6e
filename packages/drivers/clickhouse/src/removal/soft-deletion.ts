/** Soft deletion: updates that mark rows instead of deleting them. */
import { DustpanError, isDustpanError, type Profile, type Removal } from '@dustpan/core/driver'
import { deletionWithin, onlyMarked } from '@dustpan/core/rows'
import type { Settings, SoftDeleteColumns } from '../options.ts'
import { bareType, literal } from '../sql/literal.ts'
import { quoteName, quoteText } from '../sql/quote.ts'
import type { Table } from '../sql/table.ts'
import { sqlArgs, tableOf } from './spec.ts'

/** The columns that mark a table's rows as deleted; undefined: they are deleted. */
export type SoftDeletion = (table: string) => SoftDeleteColumns | undefined

/**
 * The configured deletion for the environment, limited by its profile.
 * @throws DustpanError `DUSTPAN_CONFIG_INVALID`, `DUSTPAN_PROFILE_REFUSED` if rows may only be marked and no columns are configured.
 */
export function softDeletion(
  driver: string,
  { softDelete = {}, deletion }: Pick<Settings, 'softDelete' | 'deletion'>,
  environment: string,
  profile?: Profile,
): SoftDeletion {
  const mode = deletionWithin(profile, typeof deletion === 'object' ? deletion[environment] : deletion)
  return (table) => {
    const set = Object.hasOwn(softDelete, table) ? softDelete[table] : undefined
    if (mode === 'hard') return undefined
    if (set || mode === 'where-configured') return set
    const hint = `Say how they are marked: softDelete: { ${JSON.stringify(table)}: { deleted_at: 'now' } }`
    if (mode === 'soft-only') throw onlyMarked(environment, `Rows of ${table} are not deleted`, hint)
    const message = `drivers.${driver}.options.deletion is soft in "${environment}", but softDelete does not say how rows of ${table} are marked`
    throw new DustpanError('DUSTPAN_CONFIG_INVALID', message, { hint })
  }
}

/** Where rows may only be marked: why a removal is refused; undefined if it marks them. */
export const refusalOf =
  (softColumnsOf: SoftDeletion, environment: string) =>
  (removal: Removal): DustpanError | undefined => {
    const sql = sqlArgs(removal)?.sql
    if (sql !== undefined) {
      const hint = 'A statement such as ALTER TABLE … UPDATE can be seen to delete nothing.'
      return /^\s*(?:ALTER\s+TABLE\s+\S+\s+)?UPDATE\b/i.test(sql)
        ? undefined
        : onlyMarked(environment, 'The statement is not run', hint)
    }
    try {
      softColumnsOf(tableOf(removal) ?? '')
      return undefined
    } catch (error) {
      if (isDustpanError(error)) return error
      throw error
    }
  }

/** `a = 1, b = now()` */
export function assignments(table: Table, set: SoftDeleteColumns): string {
  return Object.entries(set)
    .map(
      ([column, value]) =>
        `${quoteName(column)} = ${value === 'now' ? nowFor(table, column) : typed(table, column, value)}`,
    )
    .join(', ')
}

/** Casts the value, since an old server does not accept a string for a time. */
function typed(table: Table, column: string, value: SoftDeleteColumns[string]): string {
  const type = table.columns.get(column)?.type ?? 'String'
  return value === null ? 'NULL' : `CAST(${literalOf(table, column, value)} AS ${type})`
}

/** The condition that a row is not marked yet. */
export function unmarked(table: Table, set: SoftDeleteColumns): string {
  const marks = Object.entries(set).map(([column, value]) => {
    const name = quoteName(column)
    if (value === null) return `isNull(${name})`
    if (value !== 'now') return `${name} = ${literalOf(table, column, value)}`
    return isNullable(table, column) ? `isNotNull(${name})` : `toUInt32(${name}) != 0`
  })
  return `NOT ifNull(${marks.join(' AND ')}, 0)`
}

function literalOf(table: Table, column: string, value: SoftDeleteColumns[string]): string {
  if (value === null) return 'NULL'
  return literal(table.columns.get(column)?.type ?? '', value) ?? quoteText(String(value))
}

function nowFor(table: Table, column: string): string {
  return /^U?Int/.test(bareType(table.columns.get(column)?.type ?? '')) ? 'toUnixTimestamp(now())' : 'now()'
}

const isNullable = (table: Table, column: string): boolean => /Nullable\(/.test(table.columns.get(column)?.type ?? '')
