/** Whether a row was certainly inserted after the one that it refers to: it may be an older one that somebody pointed there since. */
import type { Target } from '@dustpan/core/driver'
import { quoteIdentifier } from '../names.ts'
import type { ServerClock } from './server-clock.ts'
import type { Reference } from './shapes.ts'
import type { Parameters } from './statement-parts.ts'

export interface Proving {
  /** The column that says when a row of the referring table was inserted. */
  readonly stampOf: (reference: Reference) => string | null
  /** What becomes of rows that name no test, by the option. */
  readonly unattributed: 'claim' | 'leave'
  readonly clock: ServerClock
}

interface Parents {
  readonly targets: readonly Target[]
  /** The number of the target that a row `c` refers to. */
  readonly number: string
}

/** The parent's time is that of its record: a test may write any time into the row itself. NULL: nobody can tell. */
export function cameAfter(
  reference: Reference,
  { targets, number }: Parents,
  { stampOf, unattributed, clock }: Proving,
  parameters: Parameters,
): string {
  const stamp = stampOf(reference)
  const isLogged = reference.log !== null
  if (isLogged ? reference.log === 'leave' || unattributed === 'leave' : stamp === null) return 'NULL'
  const times = parameters.add(targets.map((target) => insertedBy(target, clock)))
  const since = `to_timestamp((${times}::float8[])[(${number})::int])`
  return isLogged
    ? insertedByNobody(reference, since)
    : `c.${quoteIdentifier(stamp ?? '')} BETWEEN ${since} AND clock_timestamp()`
}

/**
 * By the server's clock, in seconds. Where its statement was announced, from then on: a trigger inserts with it. Milliseconds on record are
 * cut.
 */
function insertedBy({ createdAt, begunAt }: Target, { ahead, uncertain }: ServerClock): string | null {
  const at = begunAt === undefined ? createdAt + 1 + uncertain : begunAt - uncertain
  return createdAt > 0 ? String((at + ahead) / 1000) : null
}

/** The log has all that was done by this key since: one insertion, that named no test. What named one is that one's. */
function insertedByNobody({ key }: Reference, since: string): string {
  const values = key.map(({ name }) => `to_jsonb(c) ->> ${literal(name)}`)
  const isOfTable = (line: string) => `${rootOf(`${line}.rel`)} = ${rootOf('c.tableoid')}`
  return `EXISTS (SELECT FROM dustpan.log l WHERE l.key = jsonb_build_array(${values.join(', ')}) AND ${isOfTable('l')}
    AND l.op = 'i' AND l.run = '' AND l.at >= ${since} AND l.node IS NOT DISTINCT FROM pg_relation_filenode(l.rel)
    AND NOT EXISTS (SELECT FROM dustpan.log o WHERE l.key IN (o.key, o.key_now) AND ${isOfTable('o')}
      AND o.id <> l.id AND (o.op <> 'u' OR o.key_now IS NOT NULL)))`
}

const rootOf = (table: string): string => `coalesce(pg_partition_root(${table}), ${table})`

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`
