import type { CaptureSink, CreatedSet, CreatedShape, Json, PendingCreate, StoreSeen } from '@dustpan/core/driver'
import { noteRecorded } from '../changes/recorded-tables.ts'
import { isReplaced, isRestarted, mayReplace } from '../changes/replaced-rows.ts'
import { keyOf } from '../key-value.ts'
import { typeOf } from '../names.ts'
import { rowRemovalArgs } from '../removal/batches.ts'
import { readIncarnation } from '../rewriting/incarnation.ts'
import type { PlannedWrite } from '../rewriting/plan-write.ts'
import { knownTable, type TableFacts } from '../rewriting/table-facts.ts'
import type { Work } from './transactions.ts'

/**
 * The values of our columns for one row: the key, the table and its incarnation, the mark where the table has one, for an
 * upsert whether the row is new, and the key before an update.
 */
export type OwnRow = readonly (string | null)[]

/** The sink and the store of recorded rows. */
export interface RecordContext {
  readonly sink: CaptureSink
  readonly store: StoreSeen
}

/** Why rows of an INSERT are not tracked. */
export type Doubt = 'elsewhere' | 'moved' | 'replaced' | 'restarted'

/** `marker`: the run that marks the rows; `isMoved`: they may be rows of an older table. */
interface Origin {
  readonly marker: string | undefined
  readonly isMoved: boolean
}

/** The rows of one INSERT, as collected when the work is recorded. `onDoubt` is called with doubts. */
export function createdRows(
  planned: PlannedWrite,
  facts: TableFacts,
  rows: readonly OwnRow[],
  pending: PendingCreate,
  context: RecordContext,
  { marker, isMoved }: Origin,
  onDoubt: (doubt: Doubt) => void,
): Work {
  const leaveUntracked = (doubt: Doubt) => {
    onDoubt(doubt)
    pending.none('not-a-creation')
  }
  const withoutReplaced = (table: TableFacts, newRows: readonly OwnRow[]) => {
    const existedBefore = isReplaced(context.store, table)
    if (!existedBefore) return newRows
    const answers = newRows.map((row) => existedBefore(keyOf(table.key, row)))
    if (answers.includes(undefined)) onDoubt('replaced')
    return newRows.filter((_, index) => answers[index] === false)
  }
  return {
    kind: 'work',
    record(tx) {
      const newRows = planned.write.conflict === 'update' ? rows.filter((row) => isNew(facts, row)) : rows
      const [first] = newRows
      if (!first) return pending.none(rows.length > 0 ? 'updated-existing' : 'not-a-creation')
      const table = tableOf(context.store, facts, first)
      if (!table) return leaveUntracked('elsewhere')
      if (isMoved) return leaveUntracked('moved')
      if (mayReplace(context.store, table, planned.write)) return leaveUntracked('replaced')
      const created = withoutReplaced(table, newRows)
      if (created.length === 0) return pending.none('not-a-creation')
      const sets = createdSets(table, created, marker)
      const keys = sets.flatMap((set) => set.keys)
      if (
        isRestarted(context.store, table) &&
        keys.some((key) => context.sink.wasThere?.(context.store, typeOf(table), key))
      )
        onDoubt('restarted')
      noteRecorded(context.store, table, keys, tx)
      pending.created(sets, tx)
    },
    discard: () => pending.none('rolled-back'),
  }
}

/** Whether the whole key was read: values that the session writes in another form are null. */
export const hasKey = ({ key }: TableFacts, row: OwnRow): boolean => key.every((_, index) => row[index] != null)

/** Whether the row of an upsert is new. */
export function isNew(facts: TableFacts, row: OwnRow): boolean {
  return row[facts.key.length + (facts.marker === null ? 1 : 2)]?.startsWith('t') === true
}

/** The table of a row, where it is known: usually the table of the facts. */
export function tableOf(store: StoreSeen, facts: TableFacts, row: OwnRow): TableFacts | undefined {
  const incarnation = row[facts.key.length]
  if (incarnation == null) return facts
  const { oid } = readIncarnation(incarnation)
  if (oid === facts.oid) return facts
  const table = knownTable(store.id, oid)
  return table && !table.temporary && isInterchangeable(table, facts) ? table : undefined
}

/** Whether the same columns would have been requested for both tables. */
function isInterchangeable(a: TableFacts, b: TableFacts): boolean {
  const columnsOf = ({ key }: TableFacts) => JSON.stringify(key.map(({ name, type }) => [name, type]))
  return a.marker === b.marker && columnsOf(a) === columnsOf(b)
}

/** How rows created in a table will probably be recorded: like the previous ones. */
export function likelyShape(facts: TableFacts): CreatedShape | undefined {
  const proof = proofs.get(facts)
  return proof && { type: typeOf(facts), steps: removalOf(facts), proof }
}

function createdSets(facts: TableFacts, rows: readonly OwnRow[], marker: string | undefined): readonly CreatedSet[] {
  const isMarked = (row: OwnRow) =>
    facts.marker !== null && marker !== undefined && row[facts.key.length + 1] === marker
  const setOf = (group: readonly OwnRow[], row: OwnRow) =>
    createdSet(facts, group, row[facts.key.length] ?? null, isMarked(row) ? marker : undefined)
  const [only] = rows
  if (only && rows.length === 1) return [setOf(rows, only)]
  const groups = Map.groupBy(rows, (row) => `${row[facts.key.length]} ${isMarked(row)}`)
  return [...groups.values()].flatMap((group) => (group[0] ? setOf(group, group[0]) : []))
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

/** Reused until the table is emptied. */
function proofOf(facts: TableFacts, text: string | null, marker: string | undefined): CreatedSet['proof'] {
  const known = proofs.get(facts)
  const incarnation = text === null ? undefined : readIncarnation(text).node
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

/** Reused for every row of a table. */
function removalOf(facts: TableFacts): CreatedSet['steps'] {
  const known = removals.get(facts)
  if (known) return known
  const steps: CreatedSet['steps'] = [{ driver: '$driver', op: 'delete-row', v: 1, args: rowRemovalArgs(facts) }]
  removals.set(facts, steps)
  return steps
}
