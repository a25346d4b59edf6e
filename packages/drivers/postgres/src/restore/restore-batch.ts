import type { RemovalContext, RemovalOutcome, ResourceId } from '@dustpan/core/driver'
import { componentsOf, type Outcomes, rowRestored } from '@dustpan/core/rows'
import { isTransient } from '../removal/outcomes.ts'
import type { StoreClient } from '../removal/own-client.ts'
import type { Change } from './change.ts'
import { insertSql, updateSql } from './change-sql.ts'
import type { SeenChange } from './look.ts'
import { columnsRestored } from './outcomes.ts'
import { nameOf, type RestorableTable } from './restorable-tables.ts'

type Signal = RemovalContext['signal']

/** Rows that one statement restores: the same table and the same columns. */
export interface RestoreBatch {
  readonly table: RestorableTable
  readonly key: readonly string[]
  readonly columns: readonly string[]
  readonly changes: readonly Change[]
}

export interface Restored {
  readonly outcomes: Outcomes
  /** Why the database refused a row at the last attempt. */
  readonly failures: Map<ResourceId, unknown>
}

export function batchesOf(seen: readonly SeenChange[], action: 'update' | 'insert'): readonly RestoreBatch[] {
  const batches = new Map<string, RestoreBatch & { readonly changes: Change[] }>()
  for (const { change, table, state } of seen) {
    if (state.is !== 'ready' || state.do !== action) continue
    const { columns } = state
    const name = JSON.stringify([nameOf(table), columns])
    const batch = batches.get(name) ?? { table, key: change.args.columns, columns, changes: [] }
    batches.set(name, batch)
    batch.changes.push(change)
  }
  return [...batches.values()]
}

/** Restores changed rows: all batches together, else each batch as a whole or not at all. */
export async function restoreUpdates(
  client: StoreClient,
  batches: readonly RestoreBatch[],
  signal: Signal,
): Promise<Outcomes> {
  if (batches.length === 0) return new Map()
  const together = await update(client, batches, signal).catch(() => undefined)
  if (together) return new Map(together)
  const outcomes: Outcomes = new Map()
  for (const batch of batches) {
    const restored = await update(client, [batch], signal).catch(() => [])
    for (const [id, outcome] of restored) outcomes.set(id, outcome)
  }
  return outcomes
}

/** Restores deleted rows, then changed ones; a row that the database refuses does not block the rest. */
export async function restoreEach(
  client: StoreClient,
  seen: readonly SeenChange[],
  restored: Restored,
  signal: Signal,
): Promise<void> {
  const insertions = batchesOf(seen, 'insert')
  if (insertions.length > 0 && !(await restoreTogether(client, insertions, restored, signal)))
    for (const batch of parentsFirst(insertions)) await restoreInHalves(batch, insertOne(client, signal), restored)
  for (const batch of batchesOf(seen, 'update'))
    await restoreInHalves(batch, (part) => update(client, [part], signal), restored)
}

type Answered = readonly (readonly [ResourceId, RemovalOutcome])[]

async function restoreTogether(
  client: StoreClient,
  batches: readonly RestoreBatch[],
  { outcomes }: Restored,
  signal: Signal,
): Promise<boolean> {
  try {
    for (const [id, outcome] of await insert(client, batches, signal)) outcomes.set(id, outcome)
    return true
  } catch (error) {
    if (isTransient(error)) throw error
    return false
  }
}

async function restoreInHalves(
  batch: RestoreBatch,
  restore: (batch: RestoreBatch) => Promise<Answered>,
  restored: Restored,
): Promise<void> {
  try {
    for (const [id, outcome] of await restore(batch)) restored.outcomes.set(id, outcome)
  } catch (error) {
    if (isTransient(error)) throw error
    const { changes } = batch
    if (changes.length === 1) {
      for (const { target } of changes) restored.failures.set(target.id, error)
      return
    }
    const middle = Math.ceil(changes.length / 2)
    await restoreInHalves({ ...batch, changes: changes.slice(0, middle) }, restore, restored)
    await restoreInHalves({ ...batch, changes: changes.slice(middle) }, restore, restored)
  }
}

async function update(client: StoreClient, batches: readonly RestoreBatch[], signal: Signal): Promise<Answered> {
  const answers = await client.run(
    batches.map(({ table, key, columns, changes }) => updateSql(table, key, columns, changes)),
    signal,
  )
  return batches.flatMap(({ columns, changes }, index) =>
    (answers[index]?.rows ?? []).flatMap(([text]) => {
      const [n, others] = JSON.parse(text ?? 'null') as [number, number[]]
      const change = changes[n - 1]
      return change ? [[change.target.id, columnsRestored(columns, others)] as const] : []
    }),
  )
}

const insertOne = (client: StoreClient, signal: Signal) => (batch: RestoreBatch) => insert(client, [batch], signal)

async function insert(client: StoreClient, batches: readonly RestoreBatch[], signal: Signal): Promise<Answered> {
  const [answer] = await client.run([insertSql(batches)], signal)
  const numbers = JSON.parse(answer?.rows[0]?.[0] ?? '[]') as readonly (readonly number[] | null)[]
  return batches.flatMap(({ changes }, index) =>
    (numbers[index] ?? []).flatMap((n) => {
      const change = changes[n - 1]
      return change ? [[change.target.id, rowRestored] as const] : []
    }),
  )
}

function parentsFirst(batches: readonly RestoreBatch[]): readonly RestoreBatch[] {
  const parentsOf = ({ table }: RestoreBatch) => {
    const parents = new Set(table.parents.map(nameOf))
    return batches.filter((other) => parents.has(nameOf(other.table)))
  }
  return componentsOf(batches, parentsOf)
    .flatMap(({ members }) => members)
    .reverse()
}
