/** Removes rows: counts them, removes those that match their records, and checks the result. */
import { randomUUID } from 'node:crypto'
import { clock, type RemovalContext, type RemovalOutcome, type Target } from '@dustpan/core/driver'
import { alreadyGone, each, failedWith, type Outcomes } from '@dustpan/core/rows'
import type { QueryOptions, Server } from '../sql/server.ts'
import type { Table } from '../sql/table.ts'
import { type Batch, type KeyTargets, whereOf } from './batches.ts'
import { countByKey, countRows, type RowCount } from './count-by-key.ts'
import { beginMutation, followMutation, type MutationEnd } from './mutation.ts'
import {
  failed,
  moreOfRun,
  notAlone,
  notOurs,
  notYetVisible,
  outOfTime,
  removed,
  stillRunning,
  stillThere,
} from './outcomes.ts'
import { assignments } from './soft-deletion.ts'
import { rowArgs } from './spec.ts'

/** Removes all batches of one table with at most one mutation. */
export async function removeFromTable(
  server: Server,
  batches: readonly Batch[],
  ctx: RemovalContext,
): Promise<Outcomes> {
  const targets = batches.flatMap(targetsOf)
  try {
    const earlier = await followEarlier(server, batches, ctx)
    const outcomes = new Map(earlier.outcomes)
    const removable: Removable[] = []
    for (const batch of batches) {
      const keys = batch.keys.filter(({ targets: ofKey }) => !ofKey.some(({ id }) => outcomes.has(id)))
      const rest = keys.length === batch.keys.length ? batch : { ...batch, keys }
      if (keys.length > 0) removable.push(...(await selectRemovable(server, rest, earlier.done, outcomes, ctx)))
    }
    if (removable.length > 0)
      for (const [id, outcome] of await mutate(server, removable, ctx)) outcomes.set(id, outcome)
    return outcomes
  } catch (error) {
    return each(targets, ctx.signal.aborted ? outOfTime : failed('The removal', error))
  }
}

/** Keys of a batch whose rows match the records. */
interface Removable {
  readonly batch: Batch
  readonly keys: readonly KeyTargets[]
  readonly rows: RowCount
}

const targetsOf = ({ keys }: Batch): readonly Target[] => keys.flatMap((key) => key.targets)

interface Note {
  readonly mutation: string
}

/** Follows mutations that an earlier attempt or another process began. */
async function followEarlier(server: Server, batches: readonly Batch[], ctx: RemovalContext) {
  const outcomes: Outcomes = new Map()
  const done = new Set<Target>()
  const [table] = batches.map((batch) => batch.table)
  const noted = batches
    .flatMap(targetsOf)
    .filter(({ note }) => typeof (note as Note | undefined)?.mutation === 'string')
  for (const [name, ofMutation] of Map.groupBy(noted, ({ note }) => (note as unknown as Note).mutation)) {
    const end = table ? await followMutation(server, table, name, ctx) : ({ state: 'unknown' } as const)
    const outcome = table && outcomeOf(end, table)
    for (const target of ofMutation) {
      if (outcome) outcomes.set(target.id, outcome)
      else if (end.state === 'done') done.add(target)
    }
  }
  return { outcomes, done }
}

/** Undefined: the mutation is over, and only a count shows its result. */
function outcomeOf(end: MutationEnd, { name }: Table): RemovalOutcome | undefined {
  if (end.state === 'running') return stillRunning(end.afterMs)
  if (end.state !== 'failing') return undefined
  const message = `The mutation ${end.id} of ${name} does not get on: ${end.reason}`
  return failedWith('DUSTPAN_REMOVAL_FAILED', message, {
    passing: true,
    hint: `The server tries on. To give it up: KILL MUTATION WHERE table = '${name}' AND mutation_id = '${end.id}'`,
  })
}

async function selectRemovable(
  server: Server,
  batch: Batch,
  done: ReadonlySet<Target>,
  outcomes: Outcomes,
  { signal }: RemovalContext,
): Promise<readonly Removable[]> {
  const rows = await countByKey(server, batch, { signal })
  const keys = batch.keys.filter((key) => {
    const outcome = earlyOutcome(batch, key, rows(key), done)
    if (outcome) for (const { id } of key.targets) outcomes.set(id, outcome)
    return !outcome
  })
  return keys.length > 0 ? [{ batch, keys, rows }] : []
}

/** Undefined: the rows may be removed. */
function earlyOutcome(
  batch: Batch,
  key: KeyTargets,
  found: number,
  done: ReadonlySet<Target>,
): RemovalOutcome | undefined {
  const { rows, table, match } = batch
  const isLate = key.targets.some(mayBeDelayed)
  if (found === 0) {
    if (key.targets.some((target) => done.has(target)))
      return removed(rows === 'any' ? 1 : rows, batch.set !== undefined)
    return isLate ? notYetVisible : alreadyGone
  }
  const isMarked = Object.keys(match).length > 0
  if (key.strangers && !isMarked) return notAlone(table, found, key.strangers)
  if (rows === 'any' || found === rows) return undefined
  if (found < rows && isLate) return notYetVisible
  if (!isMarked) return notOurs(table, found, rows)
  return found < rows ? undefined : moreOfRun(table, found, rows, key.targets.every(isAfterTest))
}

/** Whether the test had ended before: then all records of the run are removed together. */
const isAfterTest = ({ endedAt }: Target): boolean => endedAt !== undefined

/** How long a server delays asynchronous inserts at most, unless configured otherwise. */
const maxDelayMs = 10_000

function mayBeDelayed({ removal, createdAt }: Target): boolean {
  return rowArgs(removal)?.late === true && clock.now() - createdAt < maxDelayMs
}

async function mutate(server: Server, removable: readonly Removable[], ctx: RemovalContext): Promise<Outcomes> {
  const [first] = removable
  if (!first) return new Map()
  const { table, set } = first.batch
  const targets = removable.flatMap(({ keys }) => keys.flatMap((key) => key.targets))
  const where = removable.map(({ batch, keys }) => `(${whereOf(batch, keys)})`).join(' OR ')
  const name = `dustpan-${randomUUID()}`
  const ids = targets.map(({ id }) => id)
  const options: QueryOptions = { signal: ctx.signal }
  ctx.note?.(ids, { mutation: name })
  await beginMutation(server, table, { name, where, assignments: set && assignments(table, set) }, options)
  const end = await followMutation(server, table, name, ctx)
  const unfinished = outcomeOf(end, table)
  if (unfinished) return each(targets, unfinished)
  ctx.note?.(ids, null)
  return end.state === 'done' && ctx.verify !== 'read-back' ? allRemoved(removable) : readBack(server, removable, ctx)
}

/** No check is needed: a mutation is only done when the server has applied it to all parts. */
function allRemoved(removable: readonly Removable[]): Outcomes {
  const outcomes: Outcomes = new Map()
  for (const { batch, keys, rows } of removable) {
    const alike = new Map<number, RemovalOutcome>()
    for (const key of keys) {
      const count = rows(key)
      const outcome = alike.get(count) ?? removed(count, batch.set !== undefined)
      alike.set(count, outcome)
      for (const { id } of key.targets) outcomes.set(id, outcome)
    }
  }
  return outcomes
}

async function readBack(
  server: Server,
  removable: readonly Removable[],
  { signal }: RemovalContext,
): Promise<Outcomes> {
  const outcomes = allRemoved(removable)
  for (const { batch, keys } of removable) {
    const left = await countRows(server, batch, keys, { signal })
    const now = left === 0 ? undefined : await countByKey(server, { ...batch, keys }, { signal })
    for (const key of now ? keys : []) {
      const still = now?.(key) ?? 0
      if (still > 0) for (const { id } of key.targets) outcomes.set(id, stillThere(batch.table, still))
    }
  }
  return outcomes
}
