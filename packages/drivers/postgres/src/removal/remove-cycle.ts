import type { ResourceId, Target } from '@dustpan/core/driver'
import { each, idsNumbered, type Outcomes, oneByOne, withoutLocked, withTheRest } from '@dustpan/core/rows'
import { quoteTable, readableTable } from '../names.ts'
import type { Batch } from './batches.ts'
import type { Answer, Sql } from './exchange.ts'
import { explain } from './explain.ts'
import { affectsHidden, hiddenFrom, touchedCountSql } from './hidden-dependents.ts'
import { failed, isLockTimeout, isTransient } from './outcomes.ts'
import type { StoreClient } from './own-client.ts'
import { lockLookup } from './present-targets.ts'
import { fileOf, noteFiles } from './row-files.ts'
import { refuseSeveral, severalIn } from './several-rows.ts'
import { isNumbered, isOurs, isTarget, numbered, Parameters, refersTo, tableSql } from './statement-parts.ts'
import { forgetTables } from './tables.ts'
import { begin, commit, rollback } from './transaction.ts'

/**
 * Removes rows that refer to each other in one statement: foreign keys are checked at its end. A row that a foreign row
 * refers to stays, and so does every row that it refers to.
 */
export async function removeCycle(
  client: StoreClient,
  batches: readonly Batch[],
  signal: AbortSignal,
): Promise<Outcomes> {
  try {
    const gone = await attempt(client, batches, signal)
    return await withTheRest(batches, gone, (left) => explain(client, left, signal))
  } catch (error) {
    return afterFailure(client, batches, error, signal)
  }
}

async function attempt(
  client: StoreClient,
  batches: readonly Batch[],
  signal: AbortSignal,
): Promise<ReadonlySet<ResourceId>> {
  try {
    const [counters, hiddenOids] = hiddenCounters(batches)
    const statements = [...counters, cycleSql(batches), ...counters]
    const answers = (await client.run([begin, ...batches.map(lockOf), ...statements], signal)).slice(-statements.length)
    const numbers = JSON.parse(answers[counters.length]?.rows[0]?.[0] ?? '[]') as readonly (Gone[] | null)[]
    const own = batches.reduce(
      (sum, { table }, at) => sum + (hiddenOids.has(table.oid) ? (numbers[at]?.length ?? 0) : 0),
      0,
    )
    if (counters.length > 0 && !hasGrownBy(own, answers[0], answers[2])) throw new HiddenAffected()
    const several = batches.flatMap((batch, at) => severalIn(batch, numbers[at] ?? []))
    if (several.length > 0) throw new SeveralRows(several)
    await client.run([commit], signal)
    const gone = batches.flatMap((batch, index) => {
      const removed = numbers[index] ?? []
      noteFiles(batch, removed)
      return idsNumbered(batch, removed)
    })
    return new Set(gone)
  } catch (error) {
    await client.run([rollback], signal).catch(() => {})
    throw error
  }
}

/** Rows that row-level security hides from us would have been removed too. */
class HiddenAffected extends Error {}

/** One key matched several rows. */
class SeveralRows extends Error {
  readonly targets: readonly Target[]

  constructor(targets: readonly Target[]) {
    super()
    this.targets = targets
  }
}

function hiddenCounters(batches: readonly Batch[]): readonly [readonly Sql[], ReadonlySet<number>] {
  const hiddenOids = new Set(batches.flatMap(({ table }) => hiddenFrom(table).map(({ oid }) => oid)))
  return [hiddenOids.size === 0 ? [] : [touchedCountSql([...hiddenOids])], hiddenOids]
}

/** Whether the count has grown by exactly the rows removed; false as well where the server does not count. */
function hasGrownBy(own: number, before: Answer | undefined, after: Answer | undefined): boolean {
  const [first, last] = [before?.rows[0]?.[0], after?.rows[0]?.[0]]
  return typeof first === 'string' && typeof last === 'string' && Number(last) - Number(first) === own
}

/** The number of a removed target, and the file that its row names. */
type Gone = readonly [number: number, file?: string | null]

async function afterFailure(
  client: StoreClient,
  batches: readonly Batch[],
  error: unknown,
  signal: AbortSignal,
): Promise<Outcomes> {
  forgetTables(client.store.id)
  const all = batches.flatMap(({ targets }) => targets)
  const statement = `DELETE FROM ${batches.map(({ table }) => readableTable(table)).join(', ')}`
  const remove = (rest: readonly Batch[]) => removeCycle(client, rest, signal)
  const removeSingly = () => oneByOne(batches, (single) => remove([single]))
  if (error instanceof SeveralRows) return refuseSeveral(batches, error.targets, remove)
  if (error instanceof HiddenAffected)
    return batches[0] && all.length === 1 ? affectsHidden(batches[0]) : removeSingly()
  if (isTransient(error)) return each(all, failed(statement, error))
  if (isLockTimeout(error)) return withoutLocked(batches, lockLookup(client, signal), remove)
  return all.length === 1 ? each(all, failed(statement, error)) : removeSingly()
}

function lockOf(batch: Batch): Sql {
  const parameters = new Parameters()
  const text = `SELECT FROM ${tableSql(batch.table)} t WHERE ${isTarget(batch, parameters)} FOR UPDATE`
  return { text, values: parameters.values }
}

/**
 * Rows are identified by table and ctid, which the locks keep stable; `refs` are all references to rows of the batches,
 * from any table.
 */
function cycleSql(batches: readonly Batch[]): Sql {
  const parameters = new Parameters()
  const rows = batches.map((batch) => {
    const targets = numbered(batch, parameters)
    return `SELECT t.tableoid, t.ctid, k.n FROM ${tableSql(batch.table)} t, ${targets} WHERE ${isNumbered(batch)} AND ${isOurs(batch, parameters)}`
  })
  const refs = batches.flatMap(({ table }) =>
    table.referencedBy.map(
      (
        reference,
      ) => `SELECT c.tableoid, c.ctid, t.tableoid, t.ctid FROM batch b, ${quoteTable(table)} t, ${quoteTable(reference)} c
        WHERE t.tableoid = b.t AND t.ctid = b.r AND ${refersTo(reference, 't')}`,
    ),
  )
  const removals = batches.map(
    (
      batch,
      index,
    ) => `d${index} AS (DELETE FROM ${tableSql(batch.table)} t USING batch b WHERE b.t = t.tableoid AND b.r = t.ctid
      AND NOT EXISTS (SELECT FROM blocked x WHERE x.t = b.t AND x.r = b.r) RETURNING json_build_array(b.n${fileOf(batch)}) AS gone)`,
  )
  const text = `WITH RECURSIVE batch(t, r, n) AS MATERIALIZED (${rows.join(' UNION ALL ')}),
    refs(ct, cr, t, r) AS MATERIALIZED (${refs.join(' UNION ALL ')}),
    blocked(t, r) AS (
      SELECT t, r FROM refs WHERE NOT EXISTS (SELECT FROM batch b WHERE b.t = ct AND b.r = cr)
      UNION SELECT refs.t, refs.r FROM refs JOIN blocked x ON x.t = ct AND x.r = cr),
    ${removals.join(', ')}
    SELECT json_build_array(${batches.map((_, index) => `(SELECT json_agg(gone) FROM d${index})`).join(', ')})`
  return { text, values: parameters.values }
}
