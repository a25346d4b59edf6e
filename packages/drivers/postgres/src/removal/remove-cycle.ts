import {
  each,
  idsNumbered,
  type Outcomes,
  oneByOne,
  type ResourceId,
  type Target,
  withoutLocked,
  withTheRest,
} from '@dustpan/core/driver'
import { quoteTable, readableTable } from '../names.ts'
import type { Batch } from './batches.ts'
import type { Answer, Sql } from './exchange.ts'
import { explain } from './explain.ts'
import { hiddenFrom, takesHiddenAlong, touchedIn } from './hidden-dependents.ts'
import { failed, isLockTimeout, isPassing } from './outcomes.ts'
import type { StoreClient } from './own-client.ts'
import { looksAt } from './present-targets.ts'
import { fileOf, noteFiles } from './row-files.ts'
import { refuseSeveral, severalIn } from './several-rows.ts'
import { forgetShapes } from './shapes.ts'
import { isNumbered, isOurs, isTarget, numbered, Parameters, refersTo, tableOf } from './statement-parts.ts'
import { begin, commit, rollback } from './transaction.ts'

/**
 * Removes rows that refer to each other, in one statement: foreign keys are checked at its end. A row that somebody else's row refers to stays,
 * and with it every row that it refers to.
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
    const [touched, hiding] = hiddenTouched(batches)
    const statements = [...touched, cycleSql(batches), ...touched]
    const answers = (await client.run([begin, ...batches.map(lockOf), ...statements], signal)).slice(-statements.length)
    const numbers = JSON.parse(answers[touched.length]?.rows[0]?.[0] ?? '[]') as readonly (Gone[] | null)[]
    const own = batches.reduce(
      (sum, { shape }, at) => sum + (hiding.has(shape.oid) ? (numbers[at]?.length ?? 0) : 0),
      0,
    )
    if (touched.length > 0 && !hasGrownBy(own, answers[0], answers[2])) throw new HiddenAlong()
    const several = batches.flatMap((batch, at) => severalIn(batch, numbers[at] ?? []))
    if (several.length > 0) throw new SeveralRows(several)
    await client.run([commit], signal)
    const gone = batches.flatMap((batch, index) => {
      const its = numbers[index] ?? []
      noteFiles(batch, its)
      return idsNumbered(batch, its)
    })
    return new Set(gone)
  } catch (error) {
    await client.run([rollback], signal).catch(() => {})
    throw error
  }
}

/** Rows went along that row-level security hides from our look. */
class HiddenAlong extends Error {}

/** Rows went that only another one's record names. */
class SeveralRows extends Error {
  readonly targets: readonly Target[]

  constructor(targets: readonly Target[]) {
    super()
    this.targets = targets
  }
}

function hiddenTouched(batches: readonly Batch[]): readonly [readonly Sql[], ReadonlySet<number>] {
  const hiding = new Set(batches.flatMap(({ shape }) => hiddenFrom(shape).map(({ oid }) => oid)))
  return [hiding.size === 0 ? [] : [touchedIn([...hiding])], hiding]
}

/** False as well where the server does not count. */
function hasGrownBy(own: number, before: Answer | undefined, after: Answer | undefined): boolean {
  const [first, last] = [before?.rows[0]?.[0], after?.rows[0]?.[0]]
  return typeof first === 'string' && typeof last === 'string' && Number(last) - Number(first) === own
}

/** The number of a target, and the file that its row names. */
type Gone = readonly [number: number, file?: string | null]

async function afterFailure(
  client: StoreClient,
  batches: readonly Batch[],
  error: unknown,
  signal: AbortSignal,
): Promise<Outcomes> {
  forgetShapes(client.store.id)
  const all = batches.flatMap(({ targets }) => targets)
  const what = `DELETE FROM ${batches.map(({ shape }) => readableTable(shape)).join(', ')}`
  const remove = (rest: readonly Batch[]) => removeCycle(client, rest, signal)
  const singly = () => oneByOne(batches, (single) => remove([single]))
  if (error instanceof SeveralRows) return refuseSeveral(batches, error.targets, remove)
  if (error instanceof HiddenAlong) return batches[0] && all.length === 1 ? takesHiddenAlong(batches[0]) : singly()
  if (isPassing(error)) return each(all, failed(what, error))
  if (isLockTimeout(error)) return withoutLocked(batches, looksAt(client, signal), remove)
  return all.length === 1 ? each(all, failed(what, error)) : singly()
}

function lockOf(batch: Batch): Sql {
  const parameters = new Parameters()
  const text = `SELECT FROM ${tableOf(batch.shape)} t WHERE ${isTarget(batch, parameters)} FOR UPDATE`
  return { text, values: parameters.values }
}

/** Rows are told apart by table and place, which the locks hold fast; `refs` are the references to rows of the batches, from wherever they come. */
function cycleSql(batches: readonly Batch[]): Sql {
  const parameters = new Parameters()
  const rows = batches.map((batch) => {
    const targets = numbered(batch, parameters)
    return `SELECT t.tableoid, t.ctid, k.n FROM ${tableOf(batch.shape)} t, ${targets} WHERE ${isNumbered(batch)} AND ${isOurs(batch, parameters)}`
  })
  const refs = batches.flatMap(({ shape }) =>
    shape.referencedBy.map(
      (
        reference,
      ) => `SELECT c.tableoid, c.ctid, t.tableoid, t.ctid FROM batch b, ${quoteTable(shape)} t, ${quoteTable(reference)} c
        WHERE t.tableoid = b.t AND t.ctid = b.r AND ${refersTo(reference, 't')}`,
    ),
  )
  const removals = batches.map(
    (
      batch,
      index,
    ) => `d${index} AS (DELETE FROM ${tableOf(batch.shape)} t USING batch b WHERE b.t = t.tableoid AND b.r = t.ctid
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
