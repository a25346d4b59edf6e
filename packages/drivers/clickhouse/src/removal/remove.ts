/** Removes rows: looks how many there are, lets those go that are as they were recorded, and looks again. */
import { randomUUID } from 'node:crypto'
import {
  alreadyGone,
  clock,
  each,
  failedWith,
  type Outcomes,
  type RemovalContext,
  type RemovalOutcome,
  type Target,
} from '@dustpan/core/driver'
import type { How, Server } from '../sql/server.ts'
import type { Table } from '../sql/table.ts'
import { type Batch, type KeyTargets, whereOf } from './batches.ts'
import { type Census, census, countRows } from './census.ts'
import { beginMutation, followMutation, type MutationEnd } from './mutation.ts'
import {
  failed,
  moreOfRun,
  notAlone,
  notOurs,
  notYetThere,
  outOfTime,
  removed,
  stillThere,
  underWay,
} from './outcomes.ts'
import { assignments } from './soft-deletion.ts'
import { rowArgs } from './spec.ts'

/** All batches of one table: at most one mutation for each way of removing. */
export async function removeFromTable(
  server: Server,
  batches: readonly Batch[],
  ctx: RemovalContext,
): Promise<Outcomes> {
  const targets = batches.flatMap(targetsOf)
  try {
    const earlier = await followEarlier(server, batches, ctx)
    const outcomes = new Map(earlier.outcomes)
    const going: Going[] = []
    for (const batch of batches) {
      const keys = batch.keys.filter(({ targets: its }) => !its.some(({ id }) => outcomes.has(id)))
      const rest = keys.length === batch.keys.length ? batch : { ...batch, keys }
      if (keys.length > 0) going.push(...(await judge(server, rest, earlier.done, outcomes, ctx)))
    }
    if (going.length > 0) for (const [id, outcome] of await mutate(server, going, ctx)) outcomes.set(id, outcome)
    return outcomes
  } catch (error) {
    return each(targets, ctx.signal.aborted ? outOfTime : failed('The removal', error))
  }
}

/** Rows of a batch that are as they were recorded. */
interface Going {
  readonly batch: Batch
  readonly keys: readonly KeyTargets[]
  readonly rows: Census
}

const targetsOf = ({ keys }: Batch): readonly Target[] => keys.flatMap((key) => key.targets)

interface Note {
  readonly mutation: string
}

/** Mutations that an earlier attempt, or another process, began. */
async function followEarlier(server: Server, batches: readonly Batch[], ctx: RemovalContext) {
  const outcomes: Outcomes = new Map()
  const done = new Set<Target>()
  const [table] = batches.map((batch) => batch.table)
  const noted = batches
    .flatMap(targetsOf)
    .filter(({ note }) => typeof (note as Note | undefined)?.mutation === 'string')
  for (const [name, its] of Map.groupBy(noted, ({ note }) => (note as unknown as Note).mutation)) {
    const end = table ? await followMutation(server, table, name, ctx) : ({ state: 'unknown' } as const)
    const outcome = table && outcomeOf(end, table)
    for (const target of its) {
      if (outcome) outcomes.set(target.id, outcome)
      else if (end.state === 'done') done.add(target)
    }
  }
  return { outcomes, done }
}

/** Undefined: it is over, and only a look tells what came of it. */
function outcomeOf(end: MutationEnd, { name }: Table): RemovalOutcome | undefined {
  if (end.state === 'running') return underWay(end.afterMs)
  if (end.state !== 'failing') return undefined
  const message = `The mutation ${end.id} of ${name} does not get on: ${end.reason}`
  return failedWith('DUSTPAN_REMOVAL_FAILED', message, {
    passing: true,
    hint: `The server tries on. To give it up: KILL MUTATION WHERE table = '${name}' AND mutation_id = '${end.id}'`,
  })
}

async function judge(
  server: Server,
  batch: Batch,
  done: ReadonlySet<Target>,
  outcomes: Outcomes,
  { signal }: RemovalContext,
): Promise<readonly Going[]> {
  const rows = await census(server, batch, { signal })
  const keys = batch.keys.filter((key) => {
    const outcome = judged(batch, key, rows(key), done)
    if (outcome) for (const { id } of key.targets) outcomes.set(id, outcome)
    return !outcome
  })
  return keys.length > 0 ? [{ batch, keys, rows }] : []
}

/** Undefined: the rows may go. */
function judged(batch: Batch, key: KeyTargets, found: number, done: ReadonlySet<Target>): RemovalOutcome | undefined {
  const { rows, table, match } = batch
  const isLate = key.targets.some(mayStillCome)
  if (found === 0) {
    if (key.targets.some((target) => done.has(target)))
      return removed(rows === 'any' ? 1 : rows, batch.set !== undefined)
    return isLate ? notYetThere : alreadyGone
  }
  const isMarked = Object.keys(match).length > 0
  if (key.strangers && !isMarked) return notAlone(table, found, key.strangers)
  if (rows === 'any' || found === rows) return undefined
  if (found < rows && isLate) return notYetThere
  if (!isMarked) return notOurs(table, found, rows)
  return found < rows ? undefined : moreOfRun(table, found, rows, key.targets.every(isJudgedLast))
}

/** Its test was over before: all that the run has on record is removed together. */
const isJudgedLast = ({ endedAt }: Target): boolean => endedAt !== undefined

/** A server lets rows wait for others at most so long, unless it is told otherwise. */
const latestMs = 10_000

function mayStillCome({ removal, createdAt }: Target): boolean {
  return rowArgs(removal)?.late === true && clock.now() - createdAt < latestMs
}

async function mutate(server: Server, going: readonly Going[], ctx: RemovalContext): Promise<Outcomes> {
  const [first] = going
  if (!first) return new Map()
  const { table, set } = first.batch
  const targets = going.flatMap(({ keys }) => keys.flatMap((key) => key.targets))
  const where = going.map(({ batch, keys }) => `(${whereOf(batch, keys)})`).join(' OR ')
  const name = `dustpan-${randomUUID()}`
  const ids = targets.map(({ id }) => id)
  const how: How = { signal: ctx.signal }
  ctx.note?.(ids, { mutation: name })
  await beginMutation(server, table, { name, where, assignments: set && assignments(table, set) }, how)
  const end = await followMutation(server, table, name, ctx)
  const unfinished = outcomeOf(end, table)
  if (unfinished) return each(targets, unfinished)
  ctx.note?.(ids, null)
  return end.state === 'done' && ctx.verify !== 'read-back' ? allRemoved(going) : readBack(server, going, ctx)
}

/** The server applies a mutation to all parts before it says that it is done. */
function allRemoved(going: readonly Going[]): Outcomes {
  const outcomes: Outcomes = new Map()
  for (const { batch, keys, rows } of going) {
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

async function readBack(server: Server, going: readonly Going[], { signal }: RemovalContext): Promise<Outcomes> {
  const outcomes = allRemoved(going)
  for (const { batch, keys } of going) {
    const left = await countRows(server, batch, keys, { signal })
    const now = left === 0 ? undefined : await census(server, { ...batch, keys }, { signal })
    for (const key of now ? keys : []) {
      const still = now?.(key) ?? 0
      if (still > 0) for (const { id } of key.targets) outcomes.set(id, stillThere(batch.table, still))
    }
  }
  return outcomes
}
