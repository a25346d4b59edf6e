import type { CaptureSink, CaptureTransaction, CreatedSet, Json, PendingCreate, StoreSeen } from '@dustpan/core/driver'
import { keyOf } from '../key-value.ts'
import { type TableName, typeOf } from '../names.ts'
import type { PlannedWrite } from './plan-write.ts'
import type { TableFacts } from './table-facts.ts'
import type { Work } from './transactions.ts'

/** A row as our columns tell it: the key's values, the table's incarnation, and for an upsert whether it is new. */
export type OwnRow = readonly (string | null)[]

/** The oids of tables, by store, of which something was recorded in this process: only their deletes matter. */
const recorded = new Map<string, Set<number>>()

export function hasRecorded(store: StoreSeen | undefined, table?: Pick<TableFacts, 'oid'>): boolean {
  if (!table) return recorded.size > 0
  return store !== undefined && recorded.get(store.id)?.has(table.oid) === true
}

function noteRecorded(store: StoreSeen, { oid }: TableFacts): void {
  const tables = recorded.get(store.id)
  if (tables) tables.add(oid)
  else recorded.set(store.id, new Set([oid]))
}

/** The rows that one INSERT made. */
export function createdRows(
  planned: PlannedWrite,
  facts: TableFacts,
  rows: readonly OwnRow[],
  pending: PendingCreate,
  store: StoreSeen,
): Work {
  const fresh =
    planned.write.conflict === 'update' ? rows.filter((row) => row[facts.key.length + 1]?.startsWith('t')) : rows
  return {
    kind: 'work',
    tell(tx) {
      if (fresh.length === 0) return pending.none(rows.length > 0 ? 'updated-existing' : 'not-a-creation')
      noteRecorded(store, facts)
      pending.created(createdSets(facts, fresh), tx)
    },
    drop: () => pending.none('rolled-back'),
  }
}

/** The rows that one DELETE removed. */
export function deletedRows(facts: TableFacts, rows: readonly OwnRow[], sink: CaptureSink, store: StoreSeen): Work {
  return goneFrom(
    facts,
    rows.map((row) => keyOf(facts.key, row)),
    sink,
    store,
  )
}

/** All rows of a table, or those with the keys given. */
export function goneFrom(
  facts: TableName & Pick<TableFacts, 'oid'>,
  keys: readonly Json[] | 'all',
  sink: CaptureSink,
  store: StoreSeen,
): Work {
  return {
    kind: 'work',
    tell(tx: CaptureTransaction | undefined) {
      if (keys.length > 0 && hasRecorded(store, facts)) sink.gone(store, typeOf(facts), keys, tx)
    },
    drop() {},
  }
}

function createdSets(facts: TableFacts, rows: readonly OwnRow[]): readonly CreatedSet[] {
  const [only] = rows
  if (only && rows.length === 1) return [createdSet(facts, rows, only[facts.key.length] ?? null)]
  const byIncarnation = Map.groupBy(rows, (row) => row[facts.key.length] ?? null)
  return [...byIncarnation].map(([incarnation, its]) => createdSet(facts, its, incarnation))
}

function createdSet(facts: TableFacts, rows: readonly OwnRow[], incarnation: string | null): CreatedSet {
  return {
    type: typeOf(facts),
    keys: rows.map((row) => keyOf(facts.key, row)),
    steps: removalOf(facts),
    proof: incarnation === null ? keyOnly : proofOf(facts, Number(incarnation)),
  }
}

const keyOnly: CreatedSet['proof'] = { strength: 'key-only' }
const proofs = new WeakMap<TableFacts, CreatedSet['proof']>()

/** The same until the table is emptied. */
function proofOf(facts: TableFacts, incarnation: number): CreatedSet['proof'] {
  const known = proofs.get(facts)
  if (known?.incarnation === incarnation) return known
  const proof = { incarnation, strength: 'incarnation' } as const
  proofs.set(facts, proof)
  return proof
}

const removals = new WeakMap<TableFacts, CreatedSet['steps']>()

/** The same for every row of a table. */
function removalOf(facts: TableFacts): CreatedSet['steps'] {
  const known = removals.get(facts)
  if (known) return known
  const { schema, table, key } = facts
  const args = { schema, table, columns: key.map(({ name }) => name), types: key.map(({ type }) => type) }
  const steps: CreatedSet['steps'] = [{ driver: '$driver', op: 'delete-row', v: 1, args }]
  removals.set(facts, steps)
  return steps
}
