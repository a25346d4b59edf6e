import { type Removal, type RemovalSpec, sqlRemoval } from '@dustpan/core/driver'
import { parseTableName } from '../names.ts'

/**
 * A removal from what `track()` was given: `{ table: 'users', store: 'main', key: 'email' }`, or `{ sql, params, store }` with `'{id}'` for the key.
 * @throws TypeError on wrong input.
 */
export function removalOf(driver: string, spec: RemovalSpec): Removal {
  return sqlRemoval(driver, spec, { product: 'PostgreSQL', parseTableName })
}
