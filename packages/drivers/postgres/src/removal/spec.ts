import { invalidArgument, type Json, type Removal } from '@dustpan/core/driver'
import { parseTableName } from '../names.ts'

type Spec = { readonly [key: string]: Json }

/**
 * A removal from what `track()` was given: `{ table: 'users', store: 'main', key: 'email' }`, or `{ sql, params, store }` with `'{id}'` for the key.
 * Without `key` the table's own key is meant, as it is when the row is removed.
 * @throws TypeError on wrong input.
 */
export function removalOf(driver: string, { store: _, ...spec }: Spec): Removal {
  if ('sql' in spec) return { driver, op: 'sql', v: 1, args: sqlArgs(spec) }
  return { driver, op: 'delete-row', v: 1, args: rowArgs(spec) }
}

function sqlArgs({ sql, params = [], ...rest }: Spec): Json {
  refuseOthers(rest, 'sql, params, store')
  if (typeof sql !== 'string' || sql.trim() === '') throw wrong('sql', 'a statement', sql)
  if (!Array.isArray(params)) throw wrong('params', "a list such as ['{id}']", params)
  return { sql, params }
}

function rowArgs({ table, key, ...rest }: Spec): Json {
  refuseOthers(rest, 'table, key, store')
  const name = typeof table === 'string' ? parseTableName(table) : undefined
  if (!name) throw wrong('table', "a table's name: users, shop.users", table)
  const columns = typeof key === 'string' ? [key] : key
  if (columns !== undefined && !isColumns(columns)) throw wrong('key', 'a column, or a list of columns', key)
  return { schema: name.schema ?? null, table: name.table, ...(columns === undefined ? {} : { columns }) }
}

function isColumns(value: unknown): value is readonly string[] {
  return (
    Array.isArray(value) && value.length > 0 && value.every((column) => typeof column === 'string' && column !== '')
  )
}

function refuseOthers(rest: Spec, known: string): void {
  const [other] = Object.keys(rest)
  if (other !== undefined)
    throw invalidArgument(
      `track(): remove.${other}: there is no such option`,
      `With a PostgreSQL store these are known: ${known}`,
    )
}

function wrong(option: string, expected: string, found: Json | undefined): TypeError {
  return invalidArgument(`track(): remove.${option}: expected ${expected}, got ${JSON.stringify(found) ?? 'nothing'}`)
}
