/** SQL that proves that a row was inserted after its parent: an older row may have been pointed at the parent later. */
import type { Target } from '@dustpan/core/driver'
import { quoteIdentifier } from '../names.ts'
import type { ServerClock } from './server-clock.ts'
import type { Parameters } from './statement-parts.ts'
import type { Reference } from './tables.ts'

export interface AgeProof {
  /** The column that holds the insertion time of rows of the referring table. */
  readonly stampOf: (reference: Reference) => string | null
  /** What happens to rows that name no test: the option `unattributed`. */
  readonly unattributed: 'claim' | 'leave'
  readonly clock: ServerClock
}

interface Parents {
  readonly targets: readonly Target[]
  /** SQL for the number of the target that a row `c` refers to. */
  readonly number: string
}

/**
 * SQL that is true when the row is certainly younger, and NULL when that cannot be proved. The insertion time of the parent
 * comes from its record, because a test may write any time into the row itself.
 */
export function cameAfter(
  reference: Reference,
  { targets, number }: Parents,
  { stampOf, unattributed, clock }: AgeProof,
  parameters: Parameters,
): string {
  const stamp = stampOf(reference)
  const isLogged = reference.log !== null
  if (isLogged ? reference.log === 'leave' || unattributed === 'leave' : stamp === null) return 'NULL'
  const times = parameters.add(targets.map((target) => parentTime(target, clock)))
  const since = `to_timestamp((${times}::float8[])[(${number})::int])`
  return isLogged
    ? hasUnnamedInsertion(reference, since)
    : `c.${quoteIdentifier(stamp ?? '')} BETWEEN ${since} AND clock_timestamp()`
}

/**
 * In seconds by the server's clock. Where the statement was announced, from the announcement on: triggers insert along with
 * it. Recorded times are truncated to milliseconds.
 */
function parentTime({ createdAt, begunAt }: Target, { ahead, uncertain }: ServerClock): string | null {
  const at = begunAt === undefined ? createdAt + 1 + uncertain : begunAt - uncertain
  return createdAt > 0 ? String((at + ahead) / 1000) : null
}

/**
 * Condition: since then the log has exactly one insertion under this key, without a test's name, and no deletion or key
 * change. A row whose insertion names a test belongs to that test.
 */
function hasUnnamedInsertion({ key }: Reference, since: string): string {
  const values = key.map(({ name }) => `to_jsonb(c) ->> ${literal(name)}`)
  const isSameTable = (line: string) => `${rootOf(`${line}.rel`)} = ${rootOf('c.tableoid')}`
  return `EXISTS (SELECT FROM dustpan.log l WHERE l.key = jsonb_build_array(${values.join(', ')}) AND ${isSameTable('l')}
    AND l.op = 'i' AND l.run = '' AND l.at >= ${since} AND l.node IS NOT DISTINCT FROM pg_relation_filenode(l.rel)
    AND NOT EXISTS (SELECT FROM dustpan.log o WHERE l.key IN (o.key, o.key_now) AND ${isSameTable('o')}
      AND o.id <> l.id AND (o.op <> 'u' OR o.key_now IS NOT NULL)))`
}

const rootOf = (table: string): string => `coalesce(pg_partition_root(${table}), ${table})`

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`
