import type { CaptureSink, CreatedSet, CreatedShape, Json, PendingCreate, StoreSeen } from '@dustpan/core/driver'
import { keyOf } from '../key-value.ts'
import { typeOf } from '../names.ts'
import { rowRemovalArgs } from '../removal/batches.ts'
import { readIncarnation } from './incarnation.ts'
import type { PlannedWrite } from './plan-write.ts'
import { noteRecorded } from './recorded-tables.ts'
import { isReplaced, isRestarted, mayReplace } from './replaced-rows.ts'
import { knownTable, type TableFacts } from './table-facts.ts'
import type { Work } from './transactions.ts'

/**
 * A row as our columns tell it: the key's values, the table and its incarnation, its mark where the table has one, for an upsert whether it is new,
 * and the key's values before an update.
 */
export type OwnRow = readonly (string | null)[]

/** Where rows are recorded. */
export interface Place {
  readonly sink: CaptureSink
  readonly store: StoreSeen
}

/** Why rows of an INSERT are left alone. */
export type Doubt = 'elsewhere' | 'replaced' | 'restarted'

/** The rows that one INSERT made: those that are there when it is told. `left` is told of doubts. */
export function createdRows(
  planned: PlannedWrite,
  facts: TableFacts,
  rows: readonly OwnRow[],
  pending: PendingCreate,
  place: Place,
  marker: string | undefined,
  left: (doubt: Doubt) => void,
): Work {
  const leave = (doubt: Doubt) => {
    left(doubt)
    pending.none('not-a-creation')
  }
  return {
    kind: 'work',
    tell(tx) {
      const fresh = planned.write.conflict === 'update' ? rows.filter((row) => isNew(facts, row)) : rows
      const [first] = fresh
      if (!first) return pending.none(rows.length > 0 ? 'updated-existing' : 'not-a-creation')
      const table = tableOf(place.store, facts, first)
      if (!table) return leave('elsewhere')
      if (mayReplace(place.store, table, planned.write)) return leave('replaced')
      const was = isReplaced(place.store, table)
      const made = was ? fresh.filter((row) => !was(keyOf(table.key, row))) : fresh
      if (made.length === 0) return pending.none('not-a-creation')
      const sets = createdSets(table, made, marker)
      const keys = sets.flatMap((set) => set.keys)
      if (isRestarted(place.store, table) && keys.some((key) => place.sink.wasThere?.(place.store, typeOf(table), key)))
        left('restarted')
      noteRecorded(place.store, table, keys)
      pending.created(sets, tx)
    },
    drop: () => pending.none('rolled-back'),
  }
}

/** Values that the session writes otherwise than others read them come as null. */
export const hasKey = ({ key }: TableFacts, row: OwnRow): boolean => key.every((_, index) => row[index] != null)

/** Of an upsert's row. */
export function isNew(facts: TableFacts, row: OwnRow): boolean {
  return row[facts.key.length + (facts.marker === null ? 1 : 2)]?.startsWith('t') === true
}

/** The table that a row is in, where it is known: mostly the one that was meant. */
export function tableOf(store: StoreSeen, facts: TableFacts, row: OwnRow): TableFacts | undefined {
  const place = row[facts.key.length]
  if (place == null) return facts
  const { oid } = readIncarnation(place)
  if (oid === facts.oid) return facts
  const table = knownTable(store.id, oid)
  return table && !table.temporary && isAlike(table, facts) ? table : undefined
}

/** What was asked for of the one is what would have been asked for of the other. */
function isAlike(a: TableFacts, b: TableFacts): boolean {
  const columnsOf = ({ key }: TableFacts) => JSON.stringify(key.map(({ name, type }) => [name, type]))
  return a.marker === b.marker && columnsOf(a) === columnsOf(b)
}

/** What rows made in a table will likely be told as: like those before them. */
export function likelyShape(facts: TableFacts): CreatedShape | undefined {
  const proof = proofs.get(facts)
  return proof && { type: typeOf(facts), steps: removalOf(facts), proof }
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
    proof: proofOf(facts, incarnation, marker),
  }
}

const keyOnly: CreatedSet['proof'] = { strength: 'key-only' }
const proofs = new WeakMap<TableFacts, CreatedSet['proof']>()

/** The same until the table is emptied. */
function proofOf(facts: TableFacts, place: string | null, marker: string | undefined): CreatedSet['proof'] {
  const known = proofs.get(facts)
  const incarnation = place === null ? undefined : readIncarnation(place).node
  if (incarnation === undefined && marker === undefined) return keyOnly
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
  const steps: CreatedSet['steps'] = [{ driver: '$driver', op: 'delete-row', v: 1, args: rowRemovalArgs(facts) }]
  removals.set(facts, steps)
  return steps
}
