import type { Removal } from '@dustpan/core/driver'
import { type RemovalSpec, sqlRemoval } from '@dustpan/core/rows'
import { parseTableName } from '../names.ts'

/**
 * A removal from the arguments of `track()`: `{ table: 'users', store: 'main', key: 'email' }`, or `{ sql, params, store }` with
 * `'{id}'` for the key.
 * @throws TypeError on wrong input.
 */
export function removalOf(driver: string, spec: RemovalSpec): Removal {
  return sqlRemoval(driver, spec, { product: 'MySQL', parseTableName })
}
