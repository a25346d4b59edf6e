import type {
  CaptureSink,
  CaptureTransaction,
  CreatedSet,
  CreatedShape,
  Json,
  PendingCreate,
  StoreSeen,
} from '@dustpan/core/driver'
import { keyOf } from '../key-value.ts'
import { type TableName, typeOf } from '../names.ts'
import type { PlannedWrite } from './plan-write.ts'
import type { TableFacts } from './table-facts.ts'
import type { Work } from './transactions.ts'

/** A row as our columns tell it: the key's values, the table's incarnation, its mark where the table has one, and for an upsert whether it is new. */
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

/** The rows that one INSERT made: those that are there when it is told. */
export function createdRows(
  planned: PlannedWrite,
  facts: TableFacts,
  rows: readonly OwnRow[],
  pending: PendingCreate,
  store: StoreSeen,
  marker: string | undefined,
): Work {
  const isNew = facts.key.length + (facts.marker === null ? 1 : 2)
  return {
    kind: 'work',
    tell(tx) {
      const fresh = planned.write.conflict === 'update' ? rows.filter((row) => row[isNew]?.startsWith('t')) : rows
      if (fresh.length === 0) return pending.none(rows.length > 0 ? 'updated-existing' : 'not-a-creation')
      noteRecorded(store, facts)
      pending.created(createdSets(facts, fresh, marker), tx)
    },
    drop: () => pending.none('rolled-back'),
  }
}

/** What rows made in a table will likely be told as: like those before them. */
export function likelyShape(facts: TableFacts): CreatedShape | undefined {
  const proof = proofs.get(facts)
  return proof && { type: typeOf(facts), steps: removalOf(facts), proof }
}

/** The rows that one DELETE removed: those that are there when it is told. */
export function deletedRows(facts: TableFacts, rows: readonly OwnRow[], sink: CaptureSink, store: StoreSeen): Work {
  return {
    kind: 'work',
    tell(tx) {
      const own = facts.inherited ? rows.filter((row) => row[facts.key.length] === String(facts.oid)) : rows
      const keys = own.map((row) => keyOf(facts.key, row))
      if (keys.length > 0) sink.removed(store, typeOf(facts), keys, tx)
    },
    drop() {},
  }
}

/** All rows of a table. */
export function emptied(facts: TableName & Pick<TableFacts, 'oid'>, sink: CaptureSink, store: StoreSeen): Work {
  return {
    kind: 'work',
    tell(tx: CaptureTransaction | undefined) {
      if (hasRecorded(store, facts)) sink.gone(store, typeOf(facts), 'all', tx)
    },
    drop() {},
  }
}

function createdSets(facts: TableFacts, rows: readonly OwnRow[], marker: string | undefined): readonly CreatedSet[] {
  const isMarked = (row: OwnRow) =>
    facts.marker !== null && marker !== undefined && row[facts.key.length + 1] === marker
  const setOf = (its: readonly OwnRow[], row: OwnRow) =>
    createdSet(facts, its, row[facts.key.length] ?? null, isMarked(row) ? marker : undefined)
  const [only] = rows
  if (only && rows.length === 1) return [setOf(rows, only)]
  const alike = Map.groupBy(rows, (row) => `${row[facts.key.length]} ${isMarked(row)}`)
  return [...alike.values()].flatMap((its) => (its[0] ? setOf(its, its[0]) : []))
}

function createdSet(
  facts: TableFacts,
  rows: readonly OwnRow[],
  incarnation: string | null,
  marker: string | undefined,
): CreatedSet {
  return {
    type: typeOf(facts),
    keys: rows.map((row) => keyOf(facts.key, row)),
    steps: removalOf(facts),
    proof: incarnation === null && marker === undefined ? keyOnly : proofOf(facts, incarnation, marker),
  }
}

const keyOnly: CreatedSet['proof'] = { strength: 'key-only' }
const proofs = new WeakMap<TableFacts, CreatedSet['proof']>()

/** The same until the table is emptied. */
function proofOf(facts: TableFacts, node: string | null, marker: string | undefined): CreatedSet['proof'] {
  const known = proofs.get(facts)
  const incarnation = node === null ? undefined : Number(node)
  if (known && known.incarnation === incarnation && markOf(facts, known) === marker) return known
  const proof: CreatedSet['proof'] = {
    ...(incarnation === undefined ? {} : { incarnation }),
    ...(marker === undefined || facts.marker === null ? {} : { match: { [facts.marker]: marker } }),
    strength: marker === undefined ? 'incarnation' : 'exact',
  }
  proofs.set(facts, proof)
  return proof
}

function markOf({ marker }: TableFacts, { match }: CreatedSet['proof']): Json | undefined {
  return marker === null ? undefined : match?.[marker]
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
