import type { ResourceId } from '@dustpan/core/driver'
import { quoteTable, readableTable } from '../names.ts'
import type { Batch } from './batches.ts'
import type { Answer, Sql } from './exchange.ts'
import { explain } from './explain.ts'
import { hiddenFrom, takesHiddenAlong, touchedIn } from './hidden-dependents.ts'
import { each, failed, isLockTimeout, isPassing, locked, type Outcomes, removed, together } from './outcomes.ts'
import type { StoreClient } from './own-client.ts'
import { presentTargets } from './present-targets.ts'
import { fileOf, noteFiles } from './row-files.ts'
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
    const parts: Outcomes[] = []
    for (const [index, batch] of batches.entries()) {
      const [done, left] = split(batch, (id) => gone[index]?.has(id) === true)
      parts.push(each(done.targets, removed), await explain(client, left, signal))
    }
    return together(parts)
  } catch (error) {
    return afterFailure(client, batches, error, signal)
  }
}

async function attempt(
  client: StoreClient,
  batches: readonly Batch[],
  signal: AbortSignal,
): Promise<readonly ReadonlySet<ResourceId>[]> {
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
    await client.run([commit], signal)
    return batches.map((batch, index) => {
      const gone = numbers[index] ?? []
      noteFiles(batch, gone)
      return new Set(gone.flatMap(([number]) => batch.targets[Number(number) - 1]?.id ?? []))
    })
  } catch (error) {
    await client.run([rollback], signal).catch(() => {})
    throw error
  }
}

/** Rows went along that row-level security hides from our look. */
class HiddenAlong extends Error {}

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
  if (error instanceof HiddenAlong)
    return batches[0] && all.length === 1 ? takesHiddenAlong(batches[0]) : oneByOne(client, batches, signal)
  if (isPassing(error)) return each(all, failed(what, error))
  if (isLockTimeout(error)) return withoutLocked(client, batches, signal)
  return all.length === 1 ? each(all, failed(what, error)) : oneByOne(client, batches, signal)
}

async function withoutLocked(client: StoreClient, batches: readonly Batch[], signal: AbortSignal): Promise<Outcomes> {
  const held: Outcomes[] = []
  const rest: Batch[] = []
  for (const batch of batches) {
    const present = await presentTargets(client, batch, '', signal)
    const free = await presentTargets(client, batch, ' FOR UPDATE OF t SKIP LOCKED', signal)
    const [its, others] = split(batch, (id) => present.has(id) && !free.has(id))
    held.push(each(its.targets, locked))
    if (others.targets.length > 0) rest.push(others)
  }
  const nothingHeld = held.every((outcomes) => outcomes.size === 0)
  if (nothingHeld)
    return each(
      batches.flatMap(({ targets }) => targets),
      locked,
    )
  return together([...held, rest.length > 0 ? await removeCycle(client, rest, signal) : new Map()])
}

/** Round after round as long as one goes: what a row refers to can only go after it. */
async function oneByOne(client: StoreClient, batches: readonly Batch[], signal: AbortSignal): Promise<Outcomes> {
  const outcomes: Outcomes = new Map()
  let left = batches.flatMap((batch) => batch.targets.map((target) => ({ ...batch, targets: [target] })))
  let before: number
  do {
    before = left.length
    for (const single of left)
      for (const [id, outcome] of await removeCycle(client, [single], signal)) outcomes.set(id, outcome)
    left = left.filter(({ targets }) => targets.some(({ id }) => outcomes.get(id)?.state === 'refused'))
  } while (left.length > 0 && left.length < before)
  return outcomes
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

function split(batch: Batch, holds: (id: ResourceId) => boolean): readonly [Batch, Batch] {
  const part = (wanted: boolean) => ({ ...batch, targets: batch.targets.filter(({ id }) => holds(id) === wanted) })
  return [part(true), part(false)]
}
